import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import zlib, { gzipSync } from 'node:zlib';
import { fileInput, startProbe } from '../../../support/in-process.ts';
import { arrives, exactly, lines, numbers, scene } from '../../../support/tailing.ts';
import { until } from '../../../support/wait.ts';

describe('file input: logs that begin alike', () => {
  const start = lines(0, 100);

  it('two of them are there at the start, one comes later: all are read', async (t) => {
    const { directory, file } = scene(t);
    const other = `${file}-b`;
    writeFileSync(file, start + lines(200, 300));
    writeFileSync(other, start + lines(300, 350));
    const { capture } = await startProbe(t, directory, fileInput(`${file}*`));
    const want = [...numbers(0, 100), ...numbers(0, 100), ...numbers(200, 350)];
    await arrives(capture, want);
    writeFileSync(`${file}-c`, start + lines(400, 420));
    appendFileSync(other, lines(350, 360));
    const all = [...want, ...numbers(0, 100), ...numbers(350, 360), ...numbers(400, 420)];
    await arrives(capture, all);
    exactly(capture, all);
  });

  it('of two brokers that have started alike one has nothing more to say: the other is read', async (t) => {
    for (const size of [3, 100]) {
      const { directory, file } = scene(t);
      const other = path.join(directory, 'other', 'mosquitto.log');
      mkdirSync(path.dirname(other));
      const paths = JSON.stringify([file, other]);
      for (const log of [file, other]) writeFileSync(log, lines(0, size));
      const input = `inputs: {log: {type: file, broker: mosquitto, paths: ${paths}}}`;
      const { capture } = await startProbe(t, directory, input);
      await arrives(capture, numbers(0, size));
      await delay(300);
      appendFileSync(other, lines(size, size + 10));
      const want = [...numbers(0, size), ...numbers(0, size + 10)];
      await arrives(capture, want);
      exactly(capture, want);
    }
  });

  it('a copy beside its original is read once', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, start + lines(200, 300));
    copyFileSync(file, `${file}-copy`);
    const { capture } = await startProbe(t, directory, fileInput(`${file}*`));
    appendFileSync(file, lines(300, 310));
    const want = [...numbers(0, 100), ...numbers(200, 310)];
    await arrives(capture, want);
    await delay(1500);
    exactly(capture, want);
  });
});

describe('file input: copytruncate with a busy writer', () => {
  it('what was written between copy and truncation is lost, nothing else, and a gap tells it', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 50));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 50));
    capture.stalled = true;
    appendFileSync(file, lines(50, 30_000));
    copyFileSync(file, `${file}.1`);
    appendFileSync(file, lines(30_000, 30_005));
    // Long enough for the file to be looked at with all that is in it.
    await delay(1500);
    truncateSync(file, 0);
    appendFileSync(file, lines(40_000, 40_010));
    await delay(1500);
    capture.go();
    const want = [...numbers(0, 30_000), ...numbers(40_000, 40_010)];
    await arrives(capture, want);
    await until(
      () => capture.actions('input-gap').length > 0,
      () => 'a gap',
    );
    exactly(capture, want);
    const lost = Buffer.byteLength(lines(30_000, 30_005));
    assert.deepEqual(
      capture.actions('input-gap').map((e) => [e.event.reason, e.message.includes(` ${lost} bytes `)]),
      [['truncated', true]],
    );
  });

  it('without a copy the whole rest is lost, and a gap tells how much', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 50));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 50));
    capture.stalled = true;
    appendFileSync(file, lines(50, 30_000));
    await delay(1500);
    truncateSync(file, 0);
    appendFileSync(file, lines(40_000, 40_010));
    await delay(1500);
    capture.go();
    await until(
      () => capture.messages.at(-1) === 'line 40009' && capture.actions('input-gap').length > 0,
      () => `${capture.messages.at(-1)}`,
    );
    const got = capture.messages.filter((m) => Number(m.slice(5)) < 40_000);
    assert.deepEqual(got, numbers(0, got.length));
    const lost = Buffer.byteLength(lines(got.length, 30_000));
    assert.deepEqual(
      capture.actions('input-gap').map((e) => e.message.includes(` ${lost} bytes `)),
      [true],
    );
  });
});

describe('file input: more of what happens to files', () => {
  it('the double link of Kubernetes: the directory behind the link is exchanged', async (t) => {
    const { directory } = scene(t);
    const at = (name: string): string => path.join(directory, name);
    for (const [name, from] of [
      ['..2026_a', 0],
      ['..2026_b', 10],
    ] as const) {
      mkdirSync(at(name));
      writeFileSync(path.join(at(name), 'mosquitto.log'), lines(from, from + 10));
    }
    symlinkSync('..2026_a', at('..data'));
    symlinkSync('..data/mosquitto.log', at('mosquitto.log'));
    const { capture } = await startProbe(t, directory, fileInput(at('mosquitto.log')));
    await arrives(capture, numbers(0, 10));
    symlinkSync('..2026_b', at('..data_tmp'));
    renameSync(at('..data_tmp'), at('..data'));
    appendFileSync(path.join(at('..2026_a'), 'mosquitto.log'), lines(30, 32));
    await arrives(capture, [...numbers(0, 20), ...numbers(30, 32)]);
    rmSync(at('..2026_a'), { recursive: true });
    appendFileSync(path.join(at('..2026_b'), 'mosquitto.log'), lines(20, 25));
    await arrives(capture, [...numbers(0, 25), ...numbers(30, 32)]);
    exactly(capture, [...numbers(0, 25), ...numbers(30, 32)]);
  });

  it('rotated and compressed at once while the output takes nothing', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 10));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 10));
    capture.stalled = true;
    appendFileSync(file, lines(10, 30_000));
    await delay(50);
    renameSync(file, `${file}.1`);
    writeFileSync(file, lines(30_000, 30_010));
    await delay(1500);
    writeFileSync(`${file}.1.gz`, gzipSync(readFileSync(`${file}.1`)));
    unlinkSync(`${file}.1`);
    await delay(3000);
    capture.go();
    await arrives(capture, numbers(0, 30_010));
    exactly(capture, numbers(0, 30_010));
  });

  it('compressed while the probe was stopped: the rest is read from the archive', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 100));
    const first = await startProbe(t, directory, fileInput(file));
    await arrives(first.capture, numbers(0, 100));
    await first.stop();
    appendFileSync(file, lines(100, 200));
    writeFileSync(`${file}.1.gz`, gzipSync(readFileSync(file)));
    unlinkSync(file);
    writeFileSync(file, lines(200, 210));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(100, 210));
    await delay(1500);
    exactly(capture, numbers(100, 210));
  });

  it('files that were gone for 30 days are forgotten', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 10));
    writeFileSync(`${file}.other`, lines(10, 20));
    const first = await startProbe(t, directory, fileInput(`${file}*`));
    await arrives(first.capture, numbers(0, 20));
    await first.stop();
    unlinkSync(`${file}.other`);
    const positions = path.join(directory, 'state', 'positions.json');
    const saved = JSON.parse(readFileSync(positions, 'utf8'));
    const ids = Object.keys(saved.sources);
    assert.equal(ids.length, 2);
    for (const source of Object.values<{ seen: string }>(saved.sources))
      source.seen = new Date(Date.now() - 31 * 24 * 3600 * 1000).toISOString();
    writeFileSync(positions, JSON.stringify(saved));
    appendFileSync(file, lines(20, 22));
    const { capture, stop } = await startProbe(t, directory, fileInput(`${file}*`));
    await arrives(capture, numbers(20, 22));
    await stop();
    exactly(capture, numbers(20, 22));
    assert.equal(Object.keys(JSON.parse(readFileSync(positions, 'utf8')).sources).length, 1);
  });

  it('a packed generation that is there for longer than 30 days is not forgotten', async (t) => {
    const { directory, file } = scene(t);
    const run = async (want: readonly string[]): Promise<void> => {
      const { capture, stop } = await startProbe(t, directory, fileInput(`${file}*`));
      await arrives(capture, want);
      await delay(200);
      await stop();
      exactly(capture, want);
    };
    writeFileSync(file, lines(0, 10));
    await run(numbers(0, 10));
    writeFileSync(`${file}.1.gz`, gzipSync(readFileSync(file)));
    unlinkSync(file);
    writeFileSync(file, lines(10, 20));
    await run(numbers(10, 20));
    const positions = path.join(directory, 'state', 'positions.json');
    const saved = JSON.parse(readFileSync(positions, 'utf8'));
    for (const source of Object.values<{ seen: string }>(saved.sources))
      source.seen = new Date(Date.now() - 31 * 24 * 3600 * 1000).toISOString();
    writeFileSync(positions, JSON.stringify(saved));
    await run([]);
    await run([]);
  });

  it('a damaged archive is a problem while it is there, and is not unpacked again before it has changed', async (t) => {
    const { directory, file } = scene(t);
    const packed = gzipSync(lines(0, 10));
    writeFileSync(`${file}.1.gz`, packed.subarray(0, packed.length - 10));
    writeFileSync(`${file}.2.gz`, packed.subarray(0, packed.length - 10));
    writeFileSync(file, lines(10, 20));
    const { capture, probe } = await startProbe(t, directory, fileInput(`${file}*`));
    const problems = (): string => probe.status().problems.join();
    await arrives(capture, numbers(10, 20));
    await until(() => problems().split('cannot be unpacked').length === 3, problems);
    const unpacking = t.mock.method(zlib, 'createGunzip');
    syncBuiltinESMExports();
    await delay(2200);
    assert.equal(unpacking.mock.callCount(), 0);
    unlinkSync(`${file}.1.gz`);
    writeFileSync(`${file}.2.gz`, packed);
    await arrives(capture, numbers(0, 20));
    await until(() => problems() === '', problems);
    exactly(capture, numbers(0, 20));
    assert.ok(unpacking.mock.callCount() > 0);
    unpacking.mock.restore();
    syncBuiltinESMExports();
  });

  for (const more of ['', ', spool: true'])
    it(`lines above the limit that nothing has ended hold up no other file${more}`, async (t) => {
      const { directory, file } = scene(t);
      for (const n of [0, 1, 2]) writeFileSync(`${file}.${n}`, String(n).repeat(3_000_000));
      writeFileSync(file, lines(0, 10));
      const { capture } = await startProbe(t, directory, fileInput(`${file}*`, more));
      await arrives(capture, numbers(0, 10));
      await delay(500);
      appendFileSync(file, lines(10, 20));
      await arrives(capture, numbers(0, 20));
    });

  it('a directory that comes later', async (t) => {
    const { directory } = scene(t);
    const late = path.join(directory, 'not', 'yet');
    const { capture, probe } = await startProbe(t, directory, fileInput(path.join(late, '**', '*.log')));
    assert.equal(probe.status().ready, false);
    mkdirSync(path.join(late, 'deep'), { recursive: true });
    writeFileSync(path.join(late, 'deep', 'a.log'), lines(0, 5));
    await arrives(capture, numbers(0, 5));
    await until(
      () => probe.status().ready,
      () => probe.status().problems.join(),
    );
  });
});

describe('state directory on a file system that is full', () => {
  it('not ready, goes on, and nothing is missing when there is room again', async (t) => {
    let mounted = '';
    t.after(() => mounted !== '' && execFileSync('umount', ['-l', mounted]));
    const { directory, file } = scene(t);
    const state = path.join(directory, 'state');
    mkdirSync(state);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', state], { stdio: 'pipe' });
    } catch {
      return t.skip('may not mount a file system here');
    }
    mounted = state;
    writeFileSync(file, lines(0, 10));
    const first = await startProbe(t, directory, fileInput(file));
    await arrives(first.capture, numbers(0, 10));
    const ballast = path.join(state, 'ballast');
    fill(ballast);
    appendFileSync(file, lines(10, 20));
    await until(
      () => first.probe.status().problems.some((p) => p.includes('positions cannot be saved')),
      () => first.probe.status().problems.join(),
    );
    await arrives(first.capture, numbers(0, 20));
    renameSync(file, `${file}.1`);
    writeFileSync(file, lines(20, 30));
    // A new generation is not read before its id is safe: after a crash it would come again under other ids.
    await delay(1500);
    assert.equal(first.capture.messages.length, 20);
    rmSync(ballast);
    await arrives(first.capture, numbers(0, 30));
    await until(
      () => first.probe.status().ready,
      () => first.probe.status().problems.join(),
    );
    exactly(first.capture, numbers(0, 30));
    assert.equal(readdirSync(state).includes('positions.json'), true);
  });
});

/** Writes until nothing more goes in. */
function fill(file: string): void {
  for (const size of [4096, 512, 1]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size));
    } catch (error) {
      assert.ok(existsSync(file), String(error));
    }
  }
}

/** How often this process has a file open whose name ends so. */
function openFiles(end: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).endsWith(end);
    } catch {
      return false;
    }
  }).length;
}

/** From now on every file has a bad sector there. */
async function unreadableFrom(t: TestContext, offset: number) {
  const handle = await open(import.meta.filename);
  const files: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  const { read } = files;
  return t.mock.method(files, 'read', function (this: FileHandle, ...given: unknown[]) {
    if (Number(given[3]) < offset) return Reflect.apply(read, this, given);
    const facts = { code: 'EIO', syscall: 'read' };
    return Promise.reject(Object.assign(new Error('EIO: i/o error, read'), facts));
  });
}

describe('file input: what the system refuses', () => {
  it('a name that is too long, and a file whose reading fails, are told; the other file is read, and nothing stays open', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 10));
    const long = path.join(directory, `${'x'.repeat(300)}.log`);
    // Its first page is not mapped: to read it is an input/output error.
    const unreadable = '/proc/self/mem';
    const paths = JSON.stringify([long, unreadable, file]);
    const { capture, probe } = await startProbe(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: ${paths}}}`,
    );
    await arrives(capture, numbers(0, 10));
    const problems = (): string => probe.status().problems.join();
    await until(() => /mem.*EIO/.test(problems()), problems);
    appendFileSync(file, lines(10, 20));
    await arrives(capture, numbers(0, 20));
    await delay(1200);
    assert.equal(openFiles('/mem'), 0);
  });
});

it('a file whose reading fails behind its beginning is told, and read on when it works again', async (t) => {
  const { directory, file } = scene(t);
  writeFileSync(file, lines(0, 10_000));
  const broken = await unreadableFrom(t, 60_000);
  const { capture, probe } = await startProbe(t, directory, fileInput(file));
  const problems = (): string => probe.status().problems.join();
  await until(() => problems().includes('mosquitto.log cannot be read: EIO'), problems);
  await delay(2500);
  assert.match(problems(), /cannot be read: EIO/);
  broken.mock.restore();
  await arrives(capture, numbers(0, 10_000));
  await until(() => problems() === '', problems);
  exactly(capture, numbers(0, 10_000));
});

it('a file that cannot be recognised, because reading fails, holds up no other, and nothing stays open', async (t) => {
  const { directory, file } = scene(t);
  writeFileSync(file, lines(0, 10_000));
  const first = await startProbe(t, directory, fileInput(`${file}*`));
  await arrives(first.capture, numbers(0, 10_000));
  await first.stop();
  const broken = await unreadableFrom(t, 60_000);
  appendFileSync(file, lines(10_000, 10_010));
  writeFileSync(`${file}-b`, lines(20_000, 20_010));
  const { capture, probe } = await startProbe(t, directory, fileInput(`${file}*`));
  await arrives(capture, numbers(20_000, 20_010));
  const problems = (): string => probe.status().problems.join();
  await until(() => problems().includes('mosquitto.log: EIO'), problems);
  await delay(2500);
  assert.equal(openFiles(file), 0);
  broken.mock.restore();
  await arrives(capture, [...numbers(10_000, 10_010), ...numbers(20_000, 20_010)]);
  await until(() => problems() === '', problems);
});

it('a file that may no longer be read is said, and read on from its position later', async (t) => {
  if (process.getuid?.() !== 0 || process.seteuid === undefined) return t.skip('needs root');
  t.after(() => {
    process.seteuid?.(0);
    process.setegid?.(0);
  });
  const { directory, file } = scene(t);
  writeFileSync(file, lines(0, 10));
  for (const place of [directory, path.dirname(file)]) chmodSync(place, 0o777);
  process.setegid?.(65534);
  process.seteuid(65534);
  const asRoot = (act: () => void): void => {
    process.seteuid?.(0);
    act();
    process.seteuid?.(65534);
  };
  const first = await startProbe(t, directory, fileInput(file));
  await arrives(first.capture, numbers(0, 10));
  await first.stop();
  asRoot(() => {
    chmodSync(file, 0o000);
    appendFileSync(file, lines(10, 20));
  });
  const { capture, probe } = await startProbe(t, directory, fileInput(file));
  const problems = (): string => probe.status().problems.join();
  await until(() => /mode 0000, and brokertap runs as user/.test(problems()), problems);
  asRoot(() => chmodSync(file, 0o644));
  await arrives(capture, numbers(10, 20));
  exactly(capture, numbers(10, 20));
});
