import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Suspects } from '../../../../src/outputs/logstash/lumberjack/suspects.ts';

/** Lost alone as often as makes it suspicious. */
function suspected(id: string): Suspects {
  const suspects = new Suspects();
  for (let i = 0; i < 3; i++) suspects.refused(id, 'a:1', 0);
  assert.ok(suspects.has(id));
  return suspects;
}

/** Refused behind others, each time at a later place. @returns windows that have to be taken before the next time */
function refuse(suspects: Suspects, id: string, times: number, from = 1): number {
  let taken = from;
  for (let i = 0; i < times; i++, taken++) {
    assert.ok(suspects.isTime(id, 'a:1', taken));
    assert.equal(suspects.isGuilty(id, 'a:1', taken), false);
    suspects.refused(id, 'a:1', taken);
  }
  return taken;
}

describe('an event that a server does not survive', () => {
  it('is guilty when it was refused again and again where others pass, and once more they have', () => {
    const suspects = suspected('x');
    const taken = refuse(suspects, 'x', 5);
    assert.equal(suspects.isGuilty('x', 'a:1', taken - 1), false, 'nothing has passed at its place yet');
    assert.equal(suspects.isGuilty('x', 'a:1', taken), true);
    assert.equal(suspects.isGuilty('x', 'b:1', taken), false, 'another host has not refused it');
  });

  it('is innocent for ever when a server resets everything', () => {
    const suspects = new Suspects();
    for (let i = 0; i < 1000; i++) for (const id of ['x', 'y', 'z']) suspects.refused(id, 'a:1', 0);
    for (let i = 0; i < 1000; i++) suspects.refused('x', 'a:1', 0);
    for (let i = 0; i < 1000; i++) suspects.refused('x', 'a:1', 0);
    assert.equal(suspects.isGuilty('x', 'a:1', 1000), false);
  });

  it('is innocent when every connection ends at the same place, whatever is sent there', () => {
    const suspects = suspected('x');
    for (let i = 0; i < 1000; i++) suspects.refused('x', 'a:1', 1);
    assert.equal(suspects.isTime('x', 'a:1', 1), false);
    assert.equal(suspects.isGuilty('x', 'a:1', 1), false);
  });

  it('begins anew when something else is lost', () => {
    const suspects = suspected('x');
    const taken = refuse(suspects, 'x', 4);
    suspects.disturbed();
    refuse(suspects, 'x', 5, taken);
  });

  it('begins anew at another host', () => {
    const suspects = suspected('x');
    refuse(suspects, 'x', 5);
    suspects.refused('x', 'b:1', 1);
    assert.equal(suspects.isGuilty('x', 'b:1', 100), false);
    assert.equal(suspects.isTime('x', 'b:1', 2), true);
  });

  it('is no suspect when it was lost alone only once or twice, or not in a row', () => {
    const suspects = new Suspects();
    for (const id of ['x', 'x', 'y', 'x', 'y', 'x', 'x']) suspects.refused(id, 'a:1', 0);
    assert.equal(suspects.size, 0);
  });

  it('stays guilty until nothing else is suspected, and is tried again later', () => {
    const suspects = suspected('x');
    const taken = refuse(suspects, 'x', 5);
    for (let i = 0; i < 3; i++) suspects.refused('y', 'a:1', 0);
    refuse(suspects, 'x', 5, taken);
    assert.equal(suspects.isGuilty('x', 'a:1', 100), true);
    suspects.kept('x');
    suspects.disturbed();
    assert.deepEqual([suspects.isTime('x', 'a:1', 0), suspects.isGuilty('x', 'a:1', 0)], [true, true]);
    suspects.forget('y');
    assert.equal(suspects.has('x'), false);
  });

  it('is none any more after many losses of others, and there are never many', () => {
    const suspects = suspected('x');
    for (let i = 0; i < 64; i++) suspects.disturbed();
    assert.equal(suspects.has('x'), false);
    for (let n = 0; n < 100; n++) for (let i = 0; i < 3; i++) suspects.refused(`e${n}`, 'a:1', 0);
    assert.ok(suspects.size <= 32);
  });
});
