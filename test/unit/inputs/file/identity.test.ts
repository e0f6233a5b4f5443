import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import { fingerprintAt, readHead, recognise } from '../../../../src/inputs/file/finding/identity.ts';
import { lines } from '../../../support/tailing.ts';
import { tempDir } from '../../../support/temp.ts';

it('of generations that begin alike a file holds the one of which it holds most, whatever its inode says', async (t) => {
  const file = path.join(tempDir(t), 'a.log');
  writeFileSync(file, lines(0, 1000));
  const handle = await open(file);
  t.after(() => handle.close());
  const { size: sizeBytes } = await handle.stat();
  const head = await readHead(handle, 0);
  const opened = { handle, begins: 0, head, sizeBytes, device: 1, inode: 1 };
  const generation = async (bytes: number, inode: number) => ({
    head: head.subarray(0, bytes).toString('base64'),
    device: 1,
    inode,
    cursors: { out: { offset: bytes, before: await fingerprintAt(handle, bytes) } },
  });
  const short = ['short', await generation(80, 1)] as const;
  const long = ['long', await generation(sizeBytes, 2)] as const;
  assert.equal(await recognise(opened, [short, long]), 'long');
  assert.equal(await recognise(opened, [long, short]), 'long');
  const other = ['other', await generation(80, 2)] as const;
  assert.equal(await recognise(opened, [other, short]), 'short');
});
