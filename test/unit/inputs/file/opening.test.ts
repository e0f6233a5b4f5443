import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { look } from '../../../../src/inputs/file/finding/discovery.ts';
import { Admission } from '../../../../src/inputs/file/reading/admission.ts';
import type { Tailing } from '../../../../src/inputs/file/tailing/tailing.ts';
import { TrackedFiles } from '../../../../src/inputs/file/tailing/tracked-files.ts';
import { tempDir } from '../../../support/temp.ts';

/** What looks into files of a tailer that knows none. */
function admission(): { admission: Admission; files: TrackedFiles } {
  const files = new TrackedFiles();
  const tailing = {
    files,
    problems: { clear: () => {}, report: () => {} },
    scans: { scanAgain: () => {} },
    host: { name: 'log', generations: { generations: () => [] }, writerOf: async () => undefined },
  };
  return { admission: new Admission(tailing as unknown as Tailing, undefined as never), files };
}

describe('a file that is replaced between the look at it and its opening', () => {
  it('by another archive: what was looked at may hold something all the same', async (t) => {
    const file = path.join(tempDir(t), 'a.log.1.gz');
    writeFileSync(file, gzipSync('one\n'));
    const found = await look(file);
    assert.ok(found);
    renameSync(file, `${file}.2`);
    writeFileSync(file, gzipSync(''));
    const { admission: under, files } = admission();
    await under.admit(found, 'matched');
    assert.equal(files.finishedIn(found), undefined);
  });

  it('by a pipe: nobody has to write into it', async (t) => {
    const file = path.join(tempDir(t), 'a.log');
    writeFileSync(file, 'one\n');
    const found = await look(file);
    assert.ok(found);
    unlinkSync(file);
    execFileSync('mkfifo', [file]);
    let isWritten = false;
    const writer = setTimeout(() => {
      isWritten = true;
      writeFileSync(file, 'one\n');
    }, 3000);
    await admission().admission.admit(found, 'matched');
    clearTimeout(writer);
    assert.equal(isWritten, false);
  });
});
