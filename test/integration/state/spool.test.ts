import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { connect, type MqttClient } from 'mqtt';
import type { Probe } from '../../../src/app/probe.ts';
import { Capture, silentLog, startProbe, startProbeWith } from '../../support/in-process.ts';
import { MOSQUITTO, Mosquitto } from '../../support/mosquitto.ts';
import { needs } from '../../support/programs.ts';
import type { ReceivedEvent } from '../../support/receiver.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

const mirror = (port: number, more = ''): string =>
  `${more}\ninputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${port}", client_id: probe, payload: {capture: text, limit: 16KiB}, topics: [{filter: 'one/#', qos: 1}, {filter: 'zero/#', qos: 0}]}}`;
const topics = (capture: Capture): unknown[] => capture.actions('message-mirrored').map((e) => e.mqtt?.topic);
const range = (name: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${name}/${from + i}`);

async function ready(probe: Probe): Promise<void> {
  await until(
    () => probe.status().ready,
    () => JSON.stringify(probe.status().problems),
    30_000,
  );
}

/** A client that publishes; its messages are 10 kB long. */
function writer(t: TestContext, port: number) {
  const client: MqttClient = connect(`mqtt://127.0.0.1:${port}`, { clientId: 'writer' });
  t.after(() => client.endAsync(true));
  const payload = Buffer.alloc(10_000, 'x');
  return async (names: readonly string[], qos: 0 | 1 = 1): Promise<void> => {
    await Promise.all(names.map((topic) => client.publishAsync(topic, payload, { qos })));
  };
}

async function arrive(capture: Capture, count: number): Promise<void> {
  await until(
    () => new Set(topics(capture)).size >= count,
    () => `${new Set(topics(capture)).size} of ${count}`,
    30_000,
  );
}

function droppedOf(event: ReceivedEvent): number {
  const drop = event.mqtt?.drop as { count: number } | undefined;
  return drop?.count ?? 0;
}

function balanced(probe: Probe): void {
  for (const { read, delivered, duplicates, filtered, dropped, pending, name } of probe.status().outputs) {
    assert.equal(read, delivered + duplicates + filtered + dropped + pending, name);
  }
}

describe('spool: one stream, several outputs', needs(...MOSQUITTO), () => {
  it('a blocked output stops nobody; what it has not taken is there after a restart', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const publish = writer(t, broker.port);
    const [quick, slow] = [new Capture(), new Capture()];
    slow.stalled = true;
    const first = await startProbeWith(t, directory, mirror(broker.port), { quick, slow });
    await until(
      () => first.probe.status().inputs[0]?.problems.length === 0,
      () => JSON.stringify(first.probe.status()),
    );
    await publish(range('one', 0, 300));
    await arrive(quick, 300);
    balanced(first.probe);
    assert.equal(topics(slow).length, 0);
    assert.match(JSON.stringify(first.probe.status().spool), /"input":"mirror"/);
    slow.fail(true);
    await first.stop();
    const [quickAgain, slowAgain] = [new Capture(), new Capture()];
    const second = await startProbeWith(t, directory, mirror(broker.port), {
      quick: quickAgain,
      slow: slowAgain,
    });
    await arrive(slowAgain, 300);
    await ready(second.probe);
    assert.deepEqual(topics(slowAgain), range('one', 0, 300));
    assert.deepEqual(topics(quickAgain), []);
    const ids = (capture: Capture): string[] => capture.actions('message-mirrored').map((e) => e.event.id);
    assert.deepEqual(ids(slowAgain), ids(quick));
    balanced(second.probe);
  });

  it('a new output starts where the slowest other stands; one that was removed holds nothing back', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const publish = writer(t, broker.port);
    const [a, b] = [new Capture(), new Capture()];
    const first = await startProbeWith(t, directory, mirror(broker.port), { a, b });
    await ready(first.probe);
    await publish(range('one', 0, 100));
    await arrive(a, 100);
    await arrive(b, 100);
    await until(
      () => first.probe.status().outputs.every(({ pending }) => pending === 0),
      () => 'all settled',
    );
    b.fail(true);
    b.stalled = true;
    await publish(range('one', 100, 200));
    await arrive(a, 200);
    await until(
      () => (first.probe.status().outputs[0]?.pending ?? 1) === 0,
      () => 'settled by a',
    );
    await first.stop();
    const c = new Capture();
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (_: unknown, message: string) => warnings.push(message) };
    const second = await startProbeWith(t, directory, mirror(broker.port), { a, c }, log);
    await arrive(c, 100);
    await ready(second.probe);
    await publish(range('one', 200, 300));
    await arrive(c, 200);
    await arrive(a, 300);
    assert.deepEqual(topics(c), range('one', 100, 300));
    assert.deepEqual(topics(a), range('one', 0, 300));
    assert.match(warnings.join(), /no longer configured: its positions were dropped/);
    assert.equal(second.probe.status().spool.streams[0]?.oldestSeconds, 0);
  });

  it('records of an input that is no longer configured stay, and are delivered when it comes back', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const publish = writer(t, broker.port);
    const stalled = new Capture();
    stalled.stalled = true;
    const first = await startProbe(t, directory, mirror(broker.port), stalled);
    await until(
      () => first.probe.status().inputs[0]?.problems.length === 0,
      () => 'subscribed',
    );
    await publish(range('one', 0, 20));
    await until(
      () => first.probe.status().spool.bytes > 200_000,
      () => JSON.stringify(first.probe.status().spool),
    );
    stalled.fail(true);
    await first.stop();
    const file = path.join(directory, 'a.log');
    writeFileSync(file, '');
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (_: unknown, message: string) => warnings.push(message) };
    const without = `inputs: {log: {type: file, broker: mosquitto, paths: ${file}}}`;
    const second = await startProbe(t, directory, without, new Capture(), log);
    assert.match(warnings.join(), /holds records of an input that is no longer configured/);
    assert.deepEqual(second.probe.status().spool.abandoned, ['mirror']);
    await second.stop();
    // Its name alone does not make another input one that reads them.
    const renamed = await startProbe(t, directory, without.replace('log:', 'mirror:'));
    assert.deepEqual(renamed.probe.status().spool.abandoned, ['mirror']);
    await renamed.stop();
    const third = await startProbe(t, directory, mirror(broker.port));
    await arrive(third.capture, 20);
    assert.deepEqual(topics(third.capture), range('one', 0, 20));
  });
});

describe('spool: no room', needs(...MOSQUITTO), () => {
  it('block: QoS 1 waits with the broker, QoS 0 is counted, the connection stays until there is room', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory, 'max_queued_messages 0');
    const publish = writer(t, broker.port);
    const capture = new Capture();
    capture.stalled = true;
    const { probe } = await startProbe(t, directory, mirror(broker.port, 'spool: {size: 1MiB}'), capture);
    await until(
      () => probe.status().inputs[0]?.problems.length === 0,
      () => 'subscribed',
    );
    await publish(range('one', 0, 300));
    await until(
      () => probe.status().problems.some((p) => p.includes('the spool is full')),
      () => JSON.stringify(probe.status()),
    );
    await publish(range('zero', 0, 50), 0);
    assert.ok(probe.status().spool.bytes < 1.2 * 1024 * 1024);
    assert.equal(broker.log().split('as probe').length, 2, 'connected once');
    capture.go();
    await arrive(capture, 300);
    await ready(probe);
    assert.deepEqual(
      new Set(topics(capture).filter((t) => String(t).startsWith('one'))),
      new Set(range('one', 0, 300)),
    );
    const full = (): number =>
      capture
        .actions('input-gap')
        .filter((e) => e.event.reason === 'queue_full')
        .reduce((sum, e) => sum + droppedOf(e), 0);
    await until(
      () => full() === 50,
      () => `${full()} of 50 told`,
    );
    const ids = capture.actions('message-mirrored').map((e) => e.event.id);
    assert.equal(new Set(ids).size, new Set(topics(capture)).size);
    balanced(probe);
  });

  it('drop_oldest: goes on, and the gap and the balance tell exactly what is missing', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory, 'max_queued_messages 0');
    const publish = writer(t, broker.port);
    const capture = new Capture();
    capture.stalled = true;
    const spool = 'spool: {size: 1MiB, when_full: drop_oldest}';
    const { probe } = await startProbe(t, directory, mirror(broker.port, spool), capture);
    await until(
      () => probe.status().inputs[0]?.problems.length === 0,
      () => 'subscribed',
    );
    for (let n = 0; n < 3000; n += 20) await publish(range('one', n, n + 20));
    capture.go();
    await until(
      () => topics(capture).includes('one/2999'),
      () => `${topics(capture).length} arrived`,
    );
    const missing = 3000 - new Set(topics(capture)).size;
    assert.ok(missing > 300, String(missing));
    const told = capture.actions('input-gap').reduce((sum, e) => sum + droppedOf(e), 0);
    assert.equal(told, missing);
    await until(
      () => probe.status().outputs[0]?.pending === 0,
      () => 'settled',
    );
    assert.equal(probe.status().outputs[0]?.dropped, missing);
    balanced(probe);
  });

  it('a full disk: not ready, nothing lost, goes on when there is room', async (t) => {
    const directory = mkdtempSync(path.join(tmpdir(), 'bt-'));
    const state = path.join(directory, 'state');
    mkdirSync(state);
    t.after(() => {
      spawnSync('umount', ['-l', state]);
      rmSync(directory, { recursive: true, force: true });
    });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', state], { stdio: 'ignore' });
    } catch {
      t.skip('mounting a small file system is not permitted here');
      return;
    }
    const broker = await Mosquitto.start(t, directory, 'max_queued_messages 0');
    const publish = writer(t, broker.port);
    const capture = new Capture();
    const { probe, stop } = await startProbe(t, directory, mirror(broker.port), capture);
    await ready(probe);
    const ballast = path.join(state, 'ballast');
    const fill = (): void => {
      try {
        writeFileSync(ballast, Buffer.alloc(1_900_000));
      } catch {
        // The rest did not fit: that is the point.
      }
    };
    fill();
    await publish(range('one', 0, 100));
    await until(
      () => probe.status().problems.some((p) => /cannot be written .* make room/.test(p)),
      () => JSON.stringify(probe.status()),
    );
    assert.equal(probe.status().ready, false);
    rmSync(ballast);
    await arrive(capture, 100);
    await ready(probe);
    assert.deepEqual(new Set(topics(capture)), new Set(range('one', 0, 100)));
    assert.equal(new Set(capture.events.map((e) => e.event.id)).size, capture.events.length);
    await stop();
  });

  it('state files are the owner’s alone', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const { probe, capture, stop } = await startProbe(t, directory, mirror(broker.port));
    await ready(probe);
    await writer(t, broker.port)(range('one', 0, 1));
    await arrive(capture, 1);
    await stop();
    const spool = path.join(directory, 'state', 'spool');
    assert.equal(statSync(path.join(spool, 'mirror')).mode & 0o777, 0o700);
    for (const name of readdirSync(path.join(spool, 'mirror'))) {
      assert.equal(statSync(path.join(spool, 'mirror', name)).mode & 0o777, 0o600);
    }
  });
});
