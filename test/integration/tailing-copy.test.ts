import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { InputHost } from '../../src/core/input.ts';
import { fileInputSchema } from '../../src/inputs/file/config.ts';
import { FileSource } from '../../src/inputs/file/file-source.ts';
import { FileTailer } from '../../src/inputs/file/tailer.ts';
import { PositionStore } from '../../src/state/positions.ts';
import { silentLog } from '../support/in-process.ts';
import { tempDir } from '../support/temp.ts';

const OLD_FILES = 300;

const line = (n: number): string => `1700000000: line ${n}\n`;

/** A tailer whose sources are read by the test itself. */
async function tailing(
  t: TestContext,
): Promise<{ file: string; tailer: FileTailer; store: PositionStore; added: FileSource[] }> {
  const directory = tempDir(t);
  const file = path.join(directory, 'mosquitto.log');
  writeFileSync(file, line(0));
  const store = await PositionStore.open(directory, ['out'], silentLog);
  const added: FileSource[] = [];
  const host: InputHost = {
    name: 'log',
    add: (source) => {
      if (source instanceof FileSource) added.push(source);
      return new Promise(() => {});
    },
    journal: () => assert.fail('a file has no journal'),
    role: undefined,
    generations: store,
    facts: store.facts('log'),
    log: silentLog,
  };
  const config = fileInputSchema.parse({ type: 'file', broker: 'mosquitto', paths: file });
  const tailer = new FileTailer(config, host);
  t.after(() => tailer.stop());
  await tailer.start();
  return { file, tailer, store, added };
}

const BEGINNING = { offset: 0, before: '' };

describe('file input: what was truncated', () => {
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
});
