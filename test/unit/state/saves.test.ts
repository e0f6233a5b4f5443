import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Saves } from '../../../src/state/saves.ts';
import { silentLog } from '../../support/in-process.ts';

it('what changes after the last save is not written: the directory may be another probe’s', async () => {
  let written = 0;
  const saves = new Saves('/nowhere', silentLog, async () => {
    written++;
  });
  await saves.save();
  saves.changed();
  await saves.close();
  assert.equal(written, 2);
  saves.changed();
  await Promise.all([saves.save(), saves.soon()]);
  assert.equal(written, 2);
});
