import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { StateError } from '../../../../src/core/errors.ts';
import type { InputHost } from '../../../../src/core/input.ts';
import { fileInputSchema } from '../../../../src/inputs/file/config.ts';
import { FileSource } from '../../../../src/inputs/file/reading/file-source.ts';
import { FileTailer } from '../../../../src/inputs/file/tailer.ts';
import { PositionStore } from '../../../../src/state/positions.ts';
import { silentLog } from '../../../support/in-process.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const OLD_FILES = 300;

const line = (n: number): string => `1700000000: line ${n}\n`;

interface Tailing {
  readonly file: string;
  readonly tailer: FileTailer;
  readonly store: PositionStore;
  readonly added: FileSource[];
}

/** A tailer whose sources are read by the test itself, on a file with one line. */
async function tailing(t: TestContext): Promise<Tailing> {
  const directory = tempDir(t);
  writeFileSync(path.join(directory, 'mosquitto.log'), line(0));
  const tailing = await tailerOf(t, directory);
  await tailing.tailer.start();
  return tailing;
}

/** Not started yet; its positions are in the same directory. */
async function tailerOf(t: TestContext, directory: string): Promise<Tailing> {
  const file = path.join(directory, 'mosquitto.log');
  const store = await PositionStore.open(directory, ['out'], silentLog, undefined);
  const added: FileSource[] = [];
  const host: InputHost = {
    name: 'log',
    service: 'plant',
    add: (source) => {
      if (source instanceof FileSource) added.push(source);
      return new Promise(() => {});
    },
    journal: () => assert.fail('a file has no journal'),
    role: undefined,
    original: (text) => text,
    owns: () => false,
    writerOf: async () => undefined,
    generations: store,
    facts: store.facts('log'),
    log: silentLog,
  };
  const config = fileInputSchema.parse({ type: 'file', broker: 'mosquitto', paths: file });
  const tailer = new FileTailer(config, host);
  t.after(() => tailer.stop());
  return { file, tailer, store, added };
}

const BEGINNING = { offset: 0, before: '' };

describe('file input: at the worst moment', () => {
  it('a copy that a reader is looking for is not taken up beside it by a look at the directory', async (t) => {
    const { file, tailer, store, added } = await tailing(t);
    // So many files to look through that the look at the directory is there first.
    for (let i = 0; i < OLD_FILES; i++) {
      writeFileSync(`${file}.old${i}`, `${i}\n`);
      utimesSync(`${file}.old${i}`, 1, 1);
    }
    const source = added[0] ?? assert.fail('the file was not found');
    const held = source.size();
    const get = store.get.bind(store);
    const scanned = new Promise<void>((resolve) => {
      store.get = (id) => {
        store.get = get;
        resolve(tailer.scan());
        return get(id);
      };
    });

    appendFileSync(file, line(1));
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
    source.look();
    const news = await source.wait(BEGINNING, held, AbortSignal.timeout(10_000));
    await scanned;

    assert.equal(news, 'more');
    const bytes = Buffer.alloc(100);
    const length = await source.read(held, bytes);
    assert.equal(bytes.toString('latin1', 0, length), line(1));
    assert.equal(added.length, 1);
  });

  it('a wait that is given up while the file is looked at ends then', { timeout: 10_000 }, async (t) => {
    const { added } = await tailing(t);
    const source = added[0] ?? assert.fail('the file was not found');
    for (let turns = 0; turns < 10; turns++) {
      const patience = new AbortController();
      source.look();
      const waiting = source.wait(BEGINNING, source.size(), patience.signal);
      for (let i = 0; i < turns; i++) await Promise.resolve();
      patience.abort();
      await assert.rejects(waiting, { name: 'AbortError' });
    }
  });

  it('a log that is rotated away before it is looked at is found also where none is left', async (t) => {
    const { file, tailer, added } = await tailing(t);
    truncateSync(file);
    await tailer.scan();
    assert.equal(added.length, 1);
    appendFileSync(file, line(1));
    renameSync(file, `${file}.1`);
    await tailer.scan();
    assert.deepEqual(
      added.slice(1).map(({ firstBytes }) => firstBytes.toString()),
      [line(1)],
    );
  });

  it('is no gap when it was settled, wherever reading had begun anew', async (t) => {
    const { file, added } = await tailing(t);
    const source = added[0] ?? assert.fail('the file was not found');
    const size = source.size();
    truncateSync(file);
    source.look();
    const news = await source.wait(BEGINNING, size, AbortSignal.timeout(10_000));
    const gap = news === 'more' ? undefined : news.gap;
    assert.match(gap?.(0)?.message ?? '', new RegExp(`before ${size} bytes of it were delivered`));
    assert.match(gap?.(size - 5)?.message ?? '', /before 5 bytes/);
    assert.equal(gap?.(size), undefined);
  });

  it('a look that was cut short by a crash is no look: what it had not come to is found by the next one', async (t) => {
    const first = await tailing(t);
    const { file, store } = first;
    await first.tailer.stop();
    await store.save();
    for (const n of [1, 2, 3]) {
      renameSync(file, `${file}.${n}`);
      writeFileSync(file, line(n));
    }
    const second = await tailerOf(t, path.dirname(file));
    const save = second.store.save.bind(second.store);
    let takes = 0;
    const crashed = new Promise<void>((resolve) => {
      second.store.save = () => {
        if (++takes <= 2) return save();
        resolve();
        return Promise.reject(new StateError('it has crashed'));
      };
    });
    await second.tailer.start();
    await crashed;
    await second.tailer.stop();
    const third = await tailerOf(t, path.dirname(file));
    await third.tailer.start();
    const contents = third.added.map(({ firstBytes }) => firstBytes.toString('latin1'));
    assert.deepEqual(contents.sort(), [0, 1, 2, 3].map(line));
  });

  it('a file that gets its first bytes while it is looked at is taken up with them, or later', async (t) => {
    const directory = tempDir(t);
    const { file, store, tailer, added } = await tailerOf(t, directory);
    writeFileSync(file, '');
    const { open } = fs;
    t.after(() => patchOpen(open));
    patchOpen(async (...how) => {
      const handle = await open(...how);
      const { read } = handle;
      const [place] = how;
      if (place !== file) return handle;
      patchOpen(open);
      return Object.assign(handle, {
        read: async (...what: Parameters<typeof read>) => {
          const done = await read.apply(handle, what);
          appendFileSync(file, line(0));
          handle.read = read;
          return done;
        },
      });
    });
    const saved: string[] = [];
    const save = store.save.bind(store);
    store.save = () => {
      for (const [, { head }] of store.generations('log')) saved.push(Buffer.from(head, 'base64').toString());
      return save();
    };
    await tailer.start();
    await until(
      () => added.length > 0,
      () => 'the file was not found',
    );
    assert.equal(saved[0], line(0));
  });
});

/** Where every module gets its `open` from. */
function patchOpen(open: typeof fs.open): void {
  fs.open = open;
  syncBuiltinESMExports();
}
