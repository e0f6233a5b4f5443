import assert from 'node:assert/strict';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fingerprint } from '../../../../src/core/checksums/fingerprint.ts';
import { RetryableError } from '../../../../src/core/errors.ts';
import { readHead } from '../../../../src/inputs/file/finding/identity.ts';
import { FileSource } from '../../../../src/inputs/file/reading/file-source.ts';
import { tempDir } from '../../../support/temp.ts';

/** A source of a file that holds `one`. */
function sourceOf(file: string, handle: FileHandle, findCopy: () => Promise<undefined>): FileSource {
  return new FileSource({
    id: '0'.repeat(24),
    input: 'log',
    path: file,
    handle,
    begins: 0,
    head: Buffer.from('one\n'),
    sizeBytes: 4,
    framing: 'lines',
    findCopy,
  });
}

describe('file source', () => {
  it('what is appended and read while it is being inspected does not make it another file', async (t) => {
    const file = path.join(tempDir(t), 'a.log');
    writeFileSync(file, 'one\n');
    const handle = await open(file, 'r');
    t.after(() => handle.close());
    const inspected = Promise.withResolvers<void>();
    // The answer of the system comes late, as on a machine that is busy.
    const slow = new Proxy(handle, {
      get: (target, name) => {
        if (name === 'stat') {
          return async () => {
            const facts = await target.stat({ bigint: true });
            await inspected.promise;
            return facts;
          };
        }
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    let searches = 0;
    const source = new FileSource({
      id: 'a'.repeat(24),
      input: 'log',
      path: file,
      handle: slow,
      begins: 0,
      head: await readHead(handle, 0),
      sizeBytes: 4,
      framing: 'lines',
      findCopy: async () => {
        searches++;
        return undefined;
      },
    });
    const inspection = source.inspect();
    appendFileSync(file, 'two\n');
    assert.equal(await source.read(4, Buffer.alloc(100)), 4);
    inspected.resolve();
    await inspection;
    assert.equal(searches, 0);
    assert.equal(source.size(), 8);
  });

  it('what one reader of a file has learnt, another that waits is told of', async (t) => {
    const file = path.join(tempDir(t), 'x.log');
    writeFileSync(file, 'one\n');
    const handle = await open(file, 'r');
    const source = sourceOf(file, handle, async () => undefined);
    t.after(() => source.close());
    const { signal } = new AbortController();
    const buffer = Buffer.alloc(100);
    const before = { offset: 4, before: '' };
    // Both are at the end; one sleeps when the file grows.
    await source.inspect();
    const sleeping = source.wait(before, 0, signal);
    appendFileSync(file, 'two\n');
    const length = await source.read(4, buffer);
    const reading = source.wait({ offset: 4 + length, before: '' }, 0, AbortSignal.timeout(100));
    await assert.rejects(reading);
    await source.inspect();
    assert.equal(await sleeping, 'more');
  });

  it('what the system refuses for a while is asked again, and the search for a copy too', async (t) => {
    const file = path.join(tempDir(t), 'x.log');
    writeFileSync(file, 'one\n');
    const handle = await open(file, 'r');
    const { stat } = handle;
    let searches = 0;
    const source = sourceOf(file, handle, async () => {
      if (searches++ === 0) throw Object.assign(new Error('EIO: i/o error, scandir'), { code: 'EIO' });
      return undefined;
    });
    t.after(() => source.close());
    const { signal } = new AbortController();
    const position = { offset: 4, before: fingerprint(Buffer.from('one\n')) };
    t.mock.method(handle, 'stat', () =>
      Promise.reject(Object.assign(new Error('ESTALE'), { code: 'ESTALE' })),
    );
    await assert.rejects(source.wait(position, 0, signal), RetryableError);
    t.mock.method(handle, 'stat', stat);
    appendFileSync(file, 'two\n');
    assert.equal(await source.wait(position, 0, signal), 'more');
    truncateSync(file, 0);
    source.look();
    await assert.rejects(source.wait(position, 0, signal), RetryableError);
    assert.notEqual(await source.wait(position, 0, signal), 'more');
    assert.equal(searches, 2);
  });

  it('a search that a look has begun and the system has refused is begun again for a reader that sleeps', async (t) => {
    const file = path.join(tempDir(t), 'x.log');
    writeFileSync(file, 'one\n');
    let searches = 0;
    const source = sourceOf(file, await open(file, 'r'), async () => {
      if (searches++ === 0) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
      return undefined;
    });
    t.after(() => source.close());
    const position = { offset: 4, before: fingerprint(Buffer.from('one\n')) };
    const { signal } = new AbortController();
    await assert.rejects(source.wait(position, 0, AbortSignal.timeout(50)));
    const sleeping = source.wait(position, 0, signal);
    writeFileSync(file, 'two\n');
    await assert.rejects(source.inspect(), { code: 'EIO' });
    assert.notEqual(await sleeping, 'more');
    assert.equal(searches, 2);
  });

  it('each reader compares at its own position, though another has found its own as it was', async (t) => {
    const file = path.join(tempDir(t), 'x.log');
    writeFileSync(file, 'one\ntwo\n');
    const source = sourceOf(file, await open(file, 'r'), async () => undefined);
    t.after(() => source.close());
    const { signal } = new AbortController();
    const ahead = { offset: 8, before: fingerprint(Buffer.from('one\ntwo\n')) };
    const behind = { offset: 4, before: fingerprint(Buffer.from('one\n')) };
    await assert.rejects(source.wait(ahead, 0, AbortSignal.timeout(50)));
    const sleeping = source.wait(ahead, 0, signal);
    // Other bytes behind the same beginning, and more of them.
    writeFileSync(file, 'one\nTWO\nthree\n');
    assert.equal(await source.read(4, Buffer.alloc(100)), 10);
    assert.equal(await source.wait(behind, 0, signal), 'more');
    await source.inspect();
    assert.notEqual(await sleeping, 'more');
  });
});
