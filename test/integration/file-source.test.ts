import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import { FileSource } from '../../src/inputs/file/reading/file-source.ts';
import { tempDir } from '../support/temp.ts';

it('what one reader of a file has learnt, another that waits is told of', async (t) => {
  const file = path.join(tempDir(t), 'x.log');
  writeFileSync(file, 'one\n');
  const handle = await open(file, 'r');
  const source = new FileSource({
    id: '0'.repeat(24),
    input: 'log',
    path: file,
    handle,
    begins: 0,
    head: Buffer.from('one\n'),
    sizeBytes: 4,
    framing: 'lines',
    findCopy: async () => undefined,
  });
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
