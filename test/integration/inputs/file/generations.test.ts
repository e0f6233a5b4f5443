import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Capture, fileInput, startProbe } from '../../../support/in-process.ts';
import { arrives, exactly, lines, numbers, scene } from '../../../support/tailing.ts';
import { until } from '../../../support/wait.ts';

/** A client that has connected from there. */
const connect = (ip: string): string =>
  `1700000000: New connection from ${ip}:4000 on port 1883.\n` +
  `1700000000: New client connected from ${ip}:4000 as c1 (p2, c1, k60, u'ann').\n`;

async function comes(capture: Capture, count: number): Promise<void> {
  await until(
    () => capture.messages.length >= count,
    () => `${capture.messages.length} of ${count}`,
  );
}

describe('file input: one generation after the other', () => {
  it('at rest since a restart: the next is read at once', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 10));
    const first = await startProbe(t, directory, fileInput(file));
    await arrives(first.capture, numbers(0, 10));
    await first.stop();
    const { capture } = await startProbe(t, directory, fileInput(file));
    await delay(300);
    renameSync(file, `${file}.1`);
    writeFileSync(file, lines(10, 20));
    await arrives(capture, numbers(10, 20));
    exactly(capture, numbers(10, 20));
  });

  it('overwritten before an output was at its end for the first time: the next is read all the same', async (t) => {
    const { directory, file } = scene(t);
    const capture = new Capture();
    capture.stalled = true;
    writeFileSync(file, lines(0, 30_000));
    await startProbe(t, directory, fileInput(file), capture);
    await delay(300);
    truncateSync(file, 0);
    appendFileSync(file, lines(40_000, 40_010));
    await delay(1200);
    capture.go();
    await until(
      () => capture.messages.at(-1) === 'line 40009',
      () => `${capture.messages.at(-1)}`,
    );
    assert.equal(capture.actions('input-gap').length, 1);
  });

  it('rotated twice before an output was at the end of the first: they come in their order', async (t) => {
    const { directory, file } = scene(t);
    const capture = new Capture();
    capture.stalled = true;
    writeFileSync(file, lines(0, 30_000));
    await startProbe(t, directory, fileInput(file), capture);
    await delay(300);
    for (const [older, from] of [
      ['2', 30_000],
      ['1', 30_010],
    ] as const) {
      renameSync(file, `${file}.${older}`);
      writeFileSync(file, lines(from, from + 10));
      await delay(1200);
    }
    capture.go();
    await arrives(capture, numbers(0, 30_020));
    assert.deepEqual(capture.messages, numbers(0, 30_020));
  });

  it('after a restart, with a pattern that matches older ones: clients are where the last one has told', async (t) => {
    const { directory, file } = scene(t);
    const input = fileInput(`${file}*`);
    writeFileSync(file, connect('10.0.0.1'));
    const first = await startProbe(t, directory, input);
    await comes(first.capture, 2);
    renameSync(file, `${file}.1`);
    writeFileSync(file, `1700000001: Client c1 disconnected.\n${connect('10.0.0.2')}`);
    await comes(first.capture, 5);
    await first.stop();
    const { capture } = await startProbe(t, directory, input);
    await delay(300);
    renameSync(`${file}.1`, `${file}.2`);
    renameSync(file, `${file}.1`);
    writeFileSync(file, "1700000002: Denied PUBLISH from c1 (d0, q0, r0, m0, 'a/b', ... (1 bytes))\n");
    await comes(capture, 1);
    assert.deepEqual(capture.actions('publish-denied')[0]?.source, { ip: '10.0.0.2', port: 4000 });
  });

  it('one that was read to its end and followed keeps no clients in the positions', async (t) => {
    const { directory, file } = scene(t);
    const now = performance.now.bind(performance);
    let aheadMs = 0;
    t.mock.method(performance, 'now', () => now() + aheadMs);
    writeFileSync(file, connect('10.0.0.1'));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await comes(capture, 2);
    renameSync(file, `${file}.1`);
    writeFileSync(file, connect('10.0.0.2'));
    await comes(capture, 4);
    const positions = (): string => readFileSync(path.join(directory, 'state', 'positions.json'), 'utf8');
    await until(() => positions().includes('10.0.0.1'), positions);
    aheadMs = 70_000;
    await until(() => !positions().includes('10.0.0.1'), positions);
    assert.match(positions(), /10\.0\.0\.2/);
  });
});
