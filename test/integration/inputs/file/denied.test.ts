import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileInput, startProbe } from '../../../support/in-process.ts';
import { arrives, exactly, lines, numbers, type Scene, scene } from '../../../support/tailing.ts';
import { until } from '../../../support/wait.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** A log that anybody may read until root says otherwise. */
function open(t: TestContext): Scene & { log: string } {
  process.seteuid?.(0);
  const at = scene(t);
  const log = path.dirname(at.file);
  for (const place of [at.directory, log]) chmodSync(place, 0o777);
  process.seteuid?.(NOBODY);
  return { ...at, log };
}

function asRoot(act: () => void): void {
  process.seteuid?.(0);
  act();
  process.seteuid?.(NOBODY);
}

describe('file input: what may not be read for a while', { skip: !isRoot && 'needs root' }, () => {
  beforeEach(() => {
    process.setegid?.(NOBODY);
    process.seteuid?.(NOBODY);
  });
  afterEach(() => {
    process.seteuid?.(0);
    process.setegid?.(0);
  });

  it('a generation that was rotated away while the probe was down', async (t) => {
    const { directory, file } = open(t);
    writeFileSync(file, lines(0, 10));
    const first = await startProbe(t, directory, fileInput(file));
    await arrives(first.capture, numbers(0, 10));
    await first.stop();
    asRoot(() => {
      appendFileSync(file, lines(10, 20));
      renameSync(file, `${file}.1`);
      chownSync(`${file}.1`, 0, 0);
      chmodSync(`${file}.1`, 0o600);
      writeFileSync(file, lines(20, 30));
    });
    const { capture, probe } = await startProbe(t, directory, fileInput(file));
    const problems = (): string => probe.status().problems.join();
    await arrives(capture, numbers(20, 30));
    asRoot(() => renameSync(`${file}.1`, `${file}.2`));
    await until(() => problems().includes('log.2 cannot be read') && !problems().includes('log.1'), problems);
    asRoot(() => chmodSync(`${file}.2`, 0o644));
    await arrives(capture, numbers(10, 30));
    exactly(capture, numbers(10, 30));
    await until(() => problems() === '', problems);
  });

  it('the directory, in which the log is rotated twice meanwhile', async (t) => {
    const { directory, file, log } = open(t);
    writeFileSync(file, lines(0, 10));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 10));
    asRoot(() => {
      chmodSync(log, 0o700);
      appendFileSync(file, lines(10, 20));
      renameSync(file, `${file}.1`);
      writeFileSync(file, lines(20, 30));
    });
    await delay(2500);
    asRoot(() => {
      renameSync(`${file}.1`, `${file}.2`);
      renameSync(file, `${file}.1`);
      writeFileSync(file, lines(30, 40));
    });
    await delay(2500);
    asRoot(() => chmodSync(log, 0o777));
    await arrives(capture, numbers(0, 40));
    exactly(capture, numbers(0, 40));
  });

  it('another directory, for longer than 30 days: what is read is not forgotten', async (t) => {
    const { directory, file } = open(t);
    const closed = path.join(directory, 'closed');
    asRoot(() => mkdirSync(closed, { mode: 0o700 }));
    const input = `inputs: {log: {type: file, broker: mosquitto, paths: ["${file}", "${closed}/*.log"]}}`;
    writeFileSync(file, lines(0, 10));
    const first = await startProbe(t, directory, input);
    await arrives(first.capture, numbers(0, 10));
    await first.stop();
    const positions = path.join(directory, 'state', 'positions.json');
    const saved = JSON.parse(readFileSync(positions, 'utf8'));
    for (const source of Object.values<{ seen: string }>(saved.sources))
      source.seen = new Date(Date.now() - 31 * 24 * 3600 * 1000).toISOString();
    writeFileSync(positions, JSON.stringify(saved));
    for (const from of [10, 20]) {
      appendFileSync(file, lines(from, from + 10));
      const { capture, stop } = await startProbe(t, directory, input);
      await arrives(capture, numbers(from, from + 10));
      await stop();
      exactly(capture, numbers(from, from + 10));
    }
  });

  it('a file that is removed then is no problem any more', async (t) => {
    const { directory, file } = open(t);
    asRoot(() => {
      writeFileSync(file, lines(0, 10));
      chmodSync(file, 0o600);
      writeFileSync(`${file}x`, lines(10, 20));
    });
    const { capture, probe } = await startProbe(t, directory, fileInput(`${file}*`));
    const problems = (): string => probe.status().problems.join();
    await arrives(capture, numbers(10, 20));
    await until(() => problems().includes('cannot be read'), problems);
    asRoot(() => rmSync(file));
    await until(() => problems() === '', problems);
    assert.deepEqual(probe.status().problems, []);
  });
});
