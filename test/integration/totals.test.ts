import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { askProbe } from '../../src/cli/probe/control.ts';
import type { OutputStatus, Status } from '../../src/telemetry/status.ts';
import { ProbeProcess } from '../support/cli.ts';
import { fileInput, startProbe } from '../support/in-process.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const LINES = 100;
const lines = (from: number): string =>
  Array.from({ length: LINES }, (_, i) => `1700000000: line ${from + i}\n`).join('');

function scene(t: TestContext): { directory: string; file: string; positions: string } {
  const directory = tempDir(t);
  const positions = path.join(directory, 'state', 'positions.json');
  return { directory, file: path.join(directory, 'mosquitto.log'), positions };
}

function assertBalanced(output: OutputStatus | undefined): void {
  assert.ok(output !== undefined);
  const { read, delivered, duplicates, filtered, dead, dropped, pending } = output;
  assert.equal(read, delivered + duplicates + filtered + dead + dropped + pending);
}

describe('totals', () => {
  it('hold what files that are finished, and those that are forgotten, have brought', async (t) => {
    const { directory, file, positions } = scene(t);
    let events = 0;
    for (let run = 0; run < 4; run++) {
      writeFileSync(file, lines(run * LINES));
      const { probe, capture, stop } = await startProbe(t, directory, fileInput(file));
      await until(
        () => capture.messages.length === LINES,
        () => `${capture.messages.length} lines in run ${run}`,
      );
      const output = (): OutputStatus | undefined => probe.status().outputs[0];
      await until(
        () => output()?.pending === 0,
        () => 'nothing is pending',
      );
      assertBalanced(output());
      assert.equal(output()?.delivered, events + capture.events.length);
      await stop();
      events += capture.events.length;
      assertBalanced(output());
      assert.equal(output()?.delivered, events);
      renameSync(file, path.join(directory, `gone-${run}`));
      if (run !== 1) continue;
      const saved = JSON.parse(readFileSync(positions, 'utf8'));
      for (const source of Object.values<{ seen: string }>(saved.sources))
        source.seen = new Date(0).toISOString();
      writeFileSync(positions, JSON.stringify(saved));
    }
  });

  it('are those of the cursors where an older version has saved none', async (t) => {
    const { directory, file, positions } = scene(t);
    writeFileSync(file, lines(0));
    const first = await startProbe(t, directory, fileInput(file));
    await until(
      () => first.capture.messages.length === LINES,
      () => `${first.capture.messages.length} lines`,
    );
    await first.stop();
    const { totals, ...older } = JSON.parse(readFileSync(positions, 'utf8'));
    assert.equal(totals.capture.delivered, first.capture.events.length);
    writeFileSync(positions, JSON.stringify(older));
    const { probe, capture } = await startProbe(t, directory, fileInput(file));
    const output = (): OutputStatus | undefined => probe.status().outputs[0];
    await until(
      () => output()?.delivered === LINES + capture.events.length,
      () => JSON.stringify(output()),
    );
    assertBalanced(output());
  });

  it('go on after kill -9, whatever was rotated away before', async (t) => {
    const { directory, file, positions } = scene(t);
    const sink = path.join(directory, 'events.ndjson');
    writeFileSync(file, '');
    const probe = new ProbeProcess(
      t,
      directory,
      `${fileInput(file)}\noutputs: {out: {type: file, path: "${sink}"}}\n`,
    );
    const output = async (): Promise<OutputStatus | undefined> => {
      const answer = await askProbe(path.join(directory, 'state'), 'GET', '/status').catch(() => undefined);
      return answer === undefined || answer === '' ? undefined : (JSON.parse(answer) as Status).outputs[0];
    };
    const savedLines = (): number => {
      if (!existsSync(positions)) return 0;
      const { sources } = JSON.parse(readFileSync(positions, 'utf8'));
      return Object.values<{ cursors: { out?: { counters: { delivered: number } } } }>(sources)
        .map(({ cursors }) => cursors.out?.counters.delivered ?? 0)
        .reduce((sum, delivered) => sum + delivered, 0);
    };
    for (let life = 0; life < 3; life++) {
      probe.start();
      await until(
        async () => (await output()) !== undefined,
        () => probe.stderr,
      );
      const before = await output();
      assertBalanced(before);
      assert.ok((before?.delivered ?? 0) >= life * LINES, JSON.stringify(before));
      appendFileSync(file, lines(life * LINES));
      renameSync(file, `${file}.${life}`);
      writeFileSync(file, '');
      await until(
        () => savedLines() === (life + 1) * LINES,
        () => `${savedLines()} saved in life ${life}`,
      );
      assertBalanced(await output());
      await probe.kill();
    }
    probe.start();
    const came = (): number => readFileSync(sink, 'utf8').split('\n').length - 1;
    await until(
      async () => {
        const { pending, delivered } = (await output()) ?? {};
        return pending === 0 && delivered !== undefined && delivered >= 3 * LINES;
      },
      () => probe.stderr,
    );
    const last = await output();
    assertBalanced(last);
    // What the probe said of itself shortly before it was killed may have been delivered and not counted.
    assert.ok((last?.delivered ?? 0) <= came(), `${last?.delivered} of ${came()}`);
  });
});
