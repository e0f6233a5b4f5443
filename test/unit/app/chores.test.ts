import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Chores } from '../../../src/app/chores.ts';
import type { Surroundings } from '../../../src/app/surroundings.ts';

it('chores are at an end when they have stopped: nothing is removed from the spool behind the next probe', async () => {
  const done: string[] = [];
  const slowly = async (what: string): Promise<void> => {
    await delay(50);
    done.push(what);
  };
  const around = {
    config: { save: 5, heartbeat: 1000 },
    lanes: [],
    store: { expire: () => {}, save: () => slowly('save') },
    spool: { needed: () => new Map(), trim: () => slowly('trim') },
  };
  const chores = new Chores(
    around as unknown as Surroundings,
    () => {},
    () => {},
    () => false,
  );
  chores.start();
  await delay(20);
  await chores.stop();
  const before = done.length;
  assert.ok(before > 0);
  assert.equal(done.filter((what) => what === 'trim').length, before / 2);
  await delay(150);
  assert.equal(done.length, before);
});
