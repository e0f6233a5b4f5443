import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { RetryableError } from '../../../../src/core/errors.ts';
import { FileOutput } from '../../../../src/outputs/file/index.ts';
import { batchOfLines, eventLine, idOf } from '../../../support/batch.ts';
import { ProbeProcess } from '../../../support/cli.ts';
import { fileInput, silentLog, startProbeWith } from '../../../support/in-process.ts';
import { lines } from '../../../support/tailing.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const events = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => eventLine(from + i));

/** Ids of the events in a file; each of its lines is whole. */
function idsIn(file: string): string[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  assert.ok(text === '' || text.endsWith('\n'), `${file} ends in the middle of a line`);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).event.id);
}

/** Whole lines of all files in a directory; none while one is being renamed. */
function linesIn(directory: string): string[] {
  try {
    return readdirSync(directory).flatMap((name) =>
      readFileSync(path.join(directory, name), 'utf8').split('\n').slice(0, -1),
    );
  } catch {
    return [];
  }
}

describe('file output', () => {
  it('rotates before it grows beyond the size, and keeps so many', async (t) => {
    const file = path.join(tempDir(t), 'deep', 'events.ndjson');
    const size = eventLine(0).length;
    const output = new FileOutput({ path: file, rotate: { sizeBytes: 10 * size, keep: 2 } });
    await output.check();
    for (let n = 0; n < 40; n += 4) {
      const batch = batchOfLines(events(n, n + 4));
      assert.deepEqual(await output.write(batch), { delivered: 4, duplicates: 0 });
      assert.ok(batch.released);
    }
    await output.close();
    assert.deepEqual(readdirSync(path.dirname(file)).sort(), [
      'events.ndjson',
      'events.ndjson.1',
      'events.ndjson.2',
    ]);
    const kept = ['.2', '.1', ''].flatMap((end) => idsIn(file + end));
    assert.deepEqual(
      kept,
      Array.from({ length: 24 }, (_, i) => idOf(16 + i)),
    );
  });

  it('a file that somebody else has truncated has room again', async (t) => {
    const file = path.join(tempDir(t), 'events.ndjson');
    const output = new FileOutput({ path: file, rotate: { sizeBytes: 10 * eventLine(0).length, keep: 1 } });
    await output.check();
    await output.write(batchOfLines(events(0, 8)));
    writeFileSync(file, '');
    await output.write(batchOfLines(events(8, 12)));
    await output.close();
    assert.equal(existsSync(`${file}.1`), false);
    assert.equal(idsIn(file).length, 4);
  });

  it('goes on in a new file when somebody else has rotated or removed it', async (t) => {
    const directory = path.join(tempDir(t), 'events');
    const file = path.join(directory, 'events.ndjson');
    const output = new FileOutput({ path: file, rotate: undefined });
    await output.check();
    await output.write(batchOfLines(events(0, 1)));
    renameSync(file, `${file}.old`);
    await output.write(batchOfLines(events(1, 2)));
    rmSync(file);
    await output.write(batchOfLines(events(2, 3)));
    assert.deepEqual([...idsIn(`${file}.old`), ...idsIn(file)], [idOf(0), idOf(2)]);
    rmSync(directory, { recursive: true });
    await output.write(batchOfLines(events(3, 4)));
    await output.close();
    assert.deepEqual(idsIn(file), [idOf(3)]);
  });

  it('cuts the line that a crash has left unfinished', async (t) => {
    const file = path.join(tempDir(t), 'events.ndjson');
    writeFileSync(file, eventLine(0) + eventLine(1).slice(0, 20));
    const output = new FileOutput({ path: file, rotate: undefined });
    await output.check();
    await output.write(batchOfLines(events(1, 3)));
    await output.close();
    assert.deepEqual(idsIn(file), [idOf(0), idOf(1), idOf(2)]);
  });

  it('what was written when a sync has failed is not delivered, whoever waited for it', async (t) => {
    const file = path.join(tempDir(t), 'events.ndjson');
    const output = new FileOutput({ path: file, rotate: undefined });
    await output.check();
    const probe = await open(file, 'r');
    const handles = Object.getPrototypeOf(probe);
    await probe.close();
    const failing = Promise.withResolvers<void>();
    // A disk that gives up while a sync is under way.
    const sync = t.mock.method(handles, 'datasync', () => failing.promise);
    const first = output.write(batchOfLines(events(0, 1)));
    await until(
      () => sync.mock.callCount() === 1,
      () => 'the first sync',
    );
    const second = output.write(batchOfLines(events(1, 2)));
    await delay(50);
    const outcomes = Promise.allSettled([first, second]);
    failing.reject(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
    assert.deepEqual(
      (await outcomes).map(
        (outcome) => outcome.status === 'rejected' && outcome.reason instanceof RetryableError,
      ),
      [true, true],
    );
    sync.mock.restore();
    await output.check();
    await output.write(batchOfLines(events(0, 2)));
    await output.close();
    assert.deepEqual(new Set(idsIn(file)), new Set([idOf(0), idOf(1)]));
  });

  it('what is under way at a stop is synced before it counts', async (t) => {
    const file = path.join(tempDir(t), 'events.ndjson');
    const output = new FileOutput({ path: file, rotate: undefined });
    await output.check();
    const written = Array.from({ length: 20 }, (_, n) => output.write(batchOfLines(events(n, n + 1))));
    await output.close();
    assert.equal((await Promise.all(written)).length, 20);
    assert.equal(idsIn(file).length, 20);
  });

  it('a full file system: blocked with a reason, then exactly what was read, each line whole', async (t) => {
    let mounted = '';
    t.after(() => mounted !== '' && execFileSync('umount', ['-l', mounted]));
    const directory = tempDir(t);
    const full = path.join(directory, 'full');
    mkdirSync(full);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', full], { stdio: 'pipe' });
    } catch {
      return t.skip('may not mount a file system here');
    }
    mounted = full;
    const ballast = path.join(full, 'ballast');
    writeFileSync(ballast, Buffer.alloc(40_000));
    const file = path.join(full, 'events.ndjson');
    const output = new FileOutput({ path: file, rotate: undefined });
    await output.check();
    await assert.rejects(output.write(batchOfLines(events(0, 400))), /ENOSPC/);
    rmSync(ballast);
    await output.check();
    await output.write(batchOfLines(events(0, 400)));
    await output.close();
    const ids = idsIn(file);
    assert.deepEqual(new Set(ids), new Set(Array.from({ length: 400 }, (_, n) => idOf(n))));
  });

  it('a disk that can be opened and not written is tried less and less often', async (t) => {
    const directory = tempDir(t);
    const log = path.join(directory, 'a.log');
    const file = path.join(directory, 'events.ndjson');
    writeFileSync(log, lines(0, 10));
    symlinkSync('/dev/full', file);
    const told: string[] = [];
    const tell = (_: unknown, message: string): void => void told.push(message);
    const archive = new FileOutput({ path: file, rotate: undefined });
    await startProbeWith(t, directory, fileInput(log), { archive }, { ...silentLog, warn: tell });
    await delay(4000);
    assert.match(told.join(), /ENOSPC/);
    // Four times a second they would be 16.
    assert.ok(told.length < 10, told.join('\n'));
  });

  it('kill -9 while it rotates: every line of the log is in one of the files, under one id', async (t) => {
    const directory = tempDir(t);
    const log = path.join(directory, 'mosquitto.log');
    const file = path.join(directory, 'out', 'events.ndjson');
    writeFileSync(log, '');
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: "${log}"}}
outputs: {archive: {type: file, path: "${file}", rotate: {size: 60KiB, keep: 1000}}}
`,
    );
    const ids = (): Map<string, Set<string>> => {
      const found = new Map<string, Set<string>>();
      for (const line of linesIn(path.dirname(file))) {
        const { message, event } = JSON.parse(line);
        if (message.startsWith('line ')) found.set(message, (found.get(message) ?? new Set()).add(event.id));
      }
      return found;
    };
    let written = 0;
    for (let kill = 0; kill < 6; kill++) {
      probe.start();
      for (let burst = 0; burst < 5; burst++) {
        appendFileSync(log, lines(written, written + 200));
        written += 200;
        await delay(Math.random() * 60);
      }
      await until(
        () => ids().size > written - 1000,
        () => `${ids().size} of ${written}; ${probe.stderr}`,
      );
      await delay(Math.random() * 60);
      await probe.kill();
    }
    probe.start();
    await until(
      () => ids().size >= written,
      () => `${ids().size} of ${written}; ${probe.stderr}`,
    );
    assert.equal(await probe.stop(), 0);
    const found = ids();
    assert.deepEqual(
      [...found.keys()].toSorted(),
      Array.from({ length: written }, (_, n) => `line ${n}`).toSorted(),
    );
    for (const [message, each] of found) assert.equal(each.size, 1, `${message} has several ids`);
  });
});
