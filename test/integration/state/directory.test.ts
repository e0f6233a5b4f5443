import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Probe } from '../../../src/app/probe.ts';
import { parseConfig } from '../../../src/config/load.ts';
import type { Logger } from '../../../src/core/log.ts';
import { registry } from '../../../src/registry.ts';
import type { Status } from '../../../src/telemetry/status.ts';
import { Capture, fileInput, silentLog, startProbe } from '../../support/in-process.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `1700000000: line ${from + i}\n`).join('');
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`);

describe('state directory', () => {
  it('is the owner’s alone', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(file, lines(0, 1));
    const { capture, stop } = await startProbe(t, directory, fileInput(file));
    await until(
      () => capture.messages.length === 1,
      () => 'one line',
    );
    await stop();
    const state = path.join(directory, 'state');
    assert.equal(statSync(state).mode & 0o777, 0o700);
    assert.equal(statSync(path.join(state, 'positions.json')).mode & 0o777, 0o600);
  });

  it('refuses a second probe, and takes over the socket of one that was killed', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(file, lines(0, 1));
    const first = await startProbe(t, directory, fileInput(file));
    await assert.rejects(
      startProbe(t, directory, fileInput(file)),
      /another brokertap uses the state directory/,
    );
    await first.stop();
    writeFileSync(path.join(directory, 'state', 'control.sock'), '');
    const { capture } = await startProbe(t, directory, fileInput(file));
    appendFileSync(file, lines(1, 2));
    await until(
      () => capture.messages.length === 1,
      () => 'the new line',
    );
  });

  it('damaged positions: set aside, said loudly, everything read again', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(file, lines(0, 5));
    const first = await startProbe(t, directory, fileInput(file, ', start: end'));
    await first.stop();
    const positions = path.join(directory, 'state', 'positions.json');
    writeFileSync(positions, readFileSync(positions, 'utf8').slice(0, -20));
    const errors: string[] = [];
    const log: Logger = { ...silentLog, error: (_, message) => errors.push(message) };
    const { capture } = await startProbe(t, directory, fileInput(file, ', start: end'), new Capture(), log);
    await until(
      () => capture.messages.length === 5,
      () => `${capture.messages.length} of 5`,
    );
    assert.match(errors.join(), /positions are damaged/);
    assert.ok(
      readdirSync(path.dirname(positions)).some((name) => name.startsWith('positions.json.damaged-')),
    );
  });

  it('positions of a newer version are refused, and the directory is free again', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(file, lines(0, 1));
    const positions = path.join(directory, 'state', 'positions.json');
    mkdirSync(path.dirname(positions));
    writeFileSync(positions, '{"version":3}');
    await assert.rejects(
      startProbe(t, directory, fileInput(file)),
      /has version 3 .* knows versions 1 and 2/,
    );
    rmSync(positions);
    const { capture } = await startProbe(t, directory, fileInput(file));
    await until(
      () => capture.messages.length === 1,
      () => 'one line',
    );
  });

  it('an address in use is refused, and the directory is free again', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(file, lines(0, 1));
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    t.after(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    const listen = `telemetry: {listen: "127.0.0.1:${port}"}`;
    await assert.rejects(
      startProbe(t, directory, `${fileInput(file)}\n`, new Capture(), silentLog, listen),
      /telemetry\.listen .* choose another address/,
    );
    const { capture } = await startProbe(t, directory, fileInput(file));
    await until(
      () => capture.messages.length === 1,
      () => 'one line',
    );
  });

  it('positions that cannot be saved: not ready, nothing lost, heals', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(file, lines(0, 5));
    const { capture, probe } = await startProbe(t, directory, fileInput(file));
    await until(
      () => capture.messages.length === 5,
      () => 'five lines',
    );
    const obstacle = path.join(directory, 'state', 'positions.json.new');
    rmSync(obstacle, { force: true });
    mkdirSync(obstacle);
    appendFileSync(file, lines(5, 8));
    await until(
      () => probe.status().problems.some((p) => p.includes('positions cannot be saved')),
      () => JSON.stringify(probe.status().problems),
    );
    assert.equal(probe.status().ready, false);
    rmSync(obstacle, { recursive: true });
    await until(
      () => probe.status().ready,
      () => JSON.stringify(probe.status().problems),
    );
    appendFileSync(file, lines(8, 10));
    await until(
      () => capture.messages.length === 10,
      () => `${capture.messages.length} of 10`,
    );
    assert.deepEqual(capture.messages, numbers(0, 10));
  });
});

describe('delivery', () => {
  it('an output that fails gets everything unsettled again with the same ids, and the balance holds', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(file, lines(0, 3000));
    const capture = new Capture();
    capture.fail(true);
    const { probe } = await startProbe(t, directory, fileInput(file), capture);
    await until(
      () => probe.status().problems.some((p) => p.includes('told to fail')),
      () => 'not ready',
    );
    capture.fail(false);
    await until(
      () => capture.messages.length === 3000,
      () => `${capture.messages.length} of 3000`,
    );
    capture.fail(true);
    appendFileSync(file, lines(3000, 3100));
    await until(
      () => (probe.status().outputs[0]?.reconnects ?? 0) > 0,
      () => 'a failure',
    );
    capture.fail(false);
    await until(
      () => capture.messages.length === 3100,
      () => `${capture.messages.length} of 3100`,
    );
    assert.deepEqual(capture.messages, numbers(0, 3100));
    assert.equal(new Set(capture.events.map((e) => e.event.id)).size, capture.events.length);
    const sums = probe
      .status()
      .outputs.map((o) => [o.read, o.delivered + o.duplicates + o.filtered + o.pending]);
    for (const [read, sum] of sums) assert.equal(read, sum);
    // What was read again is counted once.
    const { records, events, bytes } = probe.status().inputs[0] ?? {};
    assert.deepEqual({ records, events, bytes }, { records: 3100, events: 3100, bytes: statSync(file).size });
    const counts = [...probe.eventCounts()].filter(({ input }) => input === 'log');
    assert.equal(
      counts.reduce((sum, { count }) => sum + count, 0),
      3100,
    );
  });

  it('two outputs: one that takes nothing does not stop the other, and gets everything later', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(file, lines(0, 10));
    const [quick, slow] = [new Capture(), new Capture()];
    const text = `state: ${directory}/state\ntelemetry: {listen: "off"}\noutputs: {none: {type: stdout}}\n${fileInput(file)}`;
    const config = { ...parseConfig(text, 'test', {}, registry), outputs: {} };
    const outputs = [quick, slow].map((output, i) => ({ name: `o${i}`, type: 'capture', output }));
    const probe = await Probe.start(config, silentLog, outputs);
    t.after(() => probe.stop());
    await until(
      () => slow.messages.length === 10,
      () => 'ten lines',
    );
    slow.stalled = true;
    appendFileSync(file, lines(10, 20_000));
    await until(
      () => quick.messages.length === 20_000,
      () => `${quick.messages.length}`,
    );
    assert.ok(slow.messages.length < 20_000);
    slow.go();
    await until(
      () => slow.messages.length === 20_000,
      () => `${slow.messages.length}`,
    );
    assert.deepEqual(slow.messages, quick.messages);
    const ids = (capture: Capture): string[] => capture.events.filter((e) => e.log).map((e) => e.event.id);
    assert.deepEqual(ids(slow), ids(quick));
  });

  it('the balance goes on where it was after a restart', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    const filter = ", exclude: [{action: 'client-*'}]";
    const some = (from: number): string =>
      `${lines(from, from + 100)}1700000000: Client a disconnected, not authorised.\n`;
    const balance = (probe: { status(): Status }): Record<string, number | undefined> => {
      const { read, delivered, duplicates, filtered, pending } = probe.status().outputs[0] ?? {};
      assert.equal(read, (delivered ?? 0) + (duplicates ?? 0) + (filtered ?? 0) + (pending ?? 0));
      return { read, delivered, filtered };
    };
    let earlier = 0;
    for (let run = 1; run <= 3; run++) {
      appendFileSync(file, some(run * 100));
      const { capture, probe, stop } = await startProbe(t, directory, fileInput(file, filter));
      await until(
        () => capture.messages.length === 100 && probe.status().outputs[0]?.filtered === run,
        () => `${capture.messages.length} of 100`,
      );
      const own = earlier + capture.events.length - capture.messages.length;
      assert.deepEqual(balance(probe), {
        read: run * 101 + own,
        delivered: run * 100 + own,
        filtered: run,
      });
      await stop();
      earlier += capture.events.length - capture.messages.length;
    }
  });

  it('include and exclude leave events out, counted as filtered', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(
      file,
      "1700000000: Received PUBLISH from a (d0, q0, r0, m0, 'x/1', ... (1 bytes))\n" +
        "1700000000: Received PUBLISH from b (d0, q0, r0, m0, 'x/1', ... (1 bytes))\n" +
        "1700000000: Received PUBLISH from a (d0, q0, r0, m0, 'y/1', ... (1 bytes))\n1700000000: other\n",
    );
    const filter = ", include: [{action: 'message-*', topic: 'x/#'}], exclude: [{client: b}]";
    const { capture, probe } = await startProbe(t, directory, fileInput(file, filter));
    await until(
      () => (probe.status().outputs[0]?.filtered ?? 0) === 3,
      () => JSON.stringify(probe.status()),
    );
    assert.deepEqual(capture.messages.length, 1);
    assert.equal(existsSync(file), true);
  });
});
