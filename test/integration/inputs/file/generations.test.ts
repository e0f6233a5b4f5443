import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Capture, fileInput, startProbe } from '../../../support/in-process.ts';
import { arrives, exactly, lines, numbers, scene } from '../../../support/tailing.ts';
import { until } from '../../../support/wait.ts';

const CLIENTS = 500;
const HOUR_MS = 3_600_000;

interface Saved {
  readonly sources: Record<
    string,
    { seen: string; readonly cursors: Record<string, { readonly checkpoint: { readonly state?: object } }> }
  >;
}

const savedIn = (directory: string): Saved =>
  JSON.parse(readFileSync(path.join(directory, 'state', 'positions.json'), 'utf8'));

const withSession = (directory: string): number =>
  Object.values(savedIn(directory).sources).filter(
    ({ cursors }) => cursors.capture?.checkpoint.state !== undefined,
  ).length;

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
});

describe('file input: many generations', () => {
  it('the session is kept once, not with each generation, and goes on through rotations and restarts', async (t) => {
    const { directory, file } = scene(t);
    const clock = performance.now.bind(performance);
    let aheadMs = 0;
    t.mock.method(performance, 'now', () => clock() + aheadMs);
    const client = (n: number): string =>
      `1700000000: New client connected from 203.0.113.7:${1024 + n} as client-${n} (p2, c1, k60, u'user-${n}').\n`;
    writeFileSync(file, Array.from({ length: CLIENTS }, (_, n) => client(n)).join(''));
    const first = await startProbe(t, directory, fileInput(`${file}*`));
    await until(
      () => first.capture.messages.length === CLIENTS,
      () => `${first.capture.messages.length} clients`,
    );
    for (let generation = 1; generation <= 6; generation++) {
      renameSync(file, `${file}.${generation}`);
      writeFileSync(file, lines(generation * 10, generation * 10 + 5));
      await until(
        () => first.capture.messages.at(-1) === `line ${generation * 10 + 4}`,
        () => `${first.capture.messages.at(-1)}`,
      );
      if (generation > 2) rmSync(`${file}.${generation - 2}`);
    }
    assert.equal(Object.keys(savedIn(directory).sources).length, 7);
    // Rotated files are read on for a while.
    aheadMs = 70_000;
    await until(
      () => withSession(directory) === 1,
      () => `${withSession(directory)} sessions are kept`,
    );
    await first.stop();
    appendFileSync(file, '1700000100: Client client-7 disconnected.\n');
    const { capture, stop } = await startProbe(t, directory, fileInput(`${file}*`));
    await arrives(capture, ['Client client-7 disconnected.']);
    assert.deepEqual(capture.events.find((e) => e.event.action === 'client-disconnected')?.user, {
      name: 'user-7',
    });
    await stop();
    assert.equal(withSession(directory), 1);
  });

  it('of very many, those whose files are gone longest are forgotten, and none whose file is there', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 10));
    writeFileSync(`${file}.1`, lines(10, 20));
    const first = await startProbe(t, directory, fileInput(`${file}*`));
    await arrives(first.capture, numbers(0, 20));
    await first.stop();
    const saved = savedIn(directory);
    const there = Object.keys(saved.sources);
    const [template] = Object.values(saved.sources);
    assert.ok(template);
    const id = (n: number): string => n.toString(16).padStart(24, '0');
    const now = Date.now();
    for (let n = 1; n <= 2500; n++) {
      const gone = structuredClone(template);
      gone.seen = new Date(now - (n > 500 ? 2 : 3) * HOUR_MS).toISOString();
      saved.sources[id(n)] = { ...gone, ...{ head: Buffer.from(`gone ${n}\n`).toString('base64') } };
    }
    writeFileSync(path.join(directory, 'state', 'positions.json'), JSON.stringify(saved));
    const { capture, stop } = await startProbe(t, directory, fileInput(`${file}*`));
    appendFileSync(file, lines(20, 22));
    await arrives(capture, numbers(20, 22));
    await stop();
    exactly(capture, numbers(20, 22));
    const kept = Object.keys(savedIn(directory).sources);
    assert.equal(kept.length, 2000);
    for (const one of there) assert.ok(kept.includes(one));
    assert.ok(!kept.includes(id(500)), 'gone for longer');
  });
});
