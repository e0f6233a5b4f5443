import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Position } from '../../../../src/core/source.ts';
import type { WhenFull } from '../../../../src/state/spool/admission/room.ts';
import { SimulatedDisk } from '../../../support/simulated-disk.ts';
import { numbered, openStream, readAll } from '../../../support/spool.ts';

/** What was promised when so many operations were done. */
interface Promised {
  readonly operations: number;
  /** This record was acknowledged. */
  readonly acknowledged?: number;
  /** The cursor of the output was saved. */
  readonly saved?: Position;
}

/** A numbers generator that gives the same for the same seed (mulberry32). */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
}

/**
 * Works with a stream on a disk: records of many sizes, some in groups; an output that follows, its cursor saved now and then,
 * and segments removed behind it.
 * @param from number of the first record
 */
async function work(
  disk: SimulatedDisk,
  whenFull: WhenFull,
  from: number,
  count: number,
  cursor: Position | undefined,
): Promise<Promised[]> {
  const choose = generator(from + 7);
  const promises: Promised[] = [];
  const { spool, stream } = await openStream(disk, { whenFull }, cursor === undefined ? [] : [cursor]);
  let position = cursor ?? stream.beginning;
  stream.settled('a', position.offset, position.offset);
  for (let n = from; n < from + count; ) {
    const group = Array.from({ length: 1 + choose(4) }, () => {
      const number = n++;
      return stream.append(numbered(number, 20 + choose(30_000)))?.then(() => {
        promises.push({ operations: disk.log.length, acknowledged: number });
      });
    });
    await Promise.all(group);
    if (choose(3) > 0) continue;
    if (whenFull === 'block' || choose(4) === 0) ({ position } = await readAll(stream, position));
    stream.settled('a', position.offset, position.offset);
    const needed = spool.needed();
    promises.push({ operations: disk.log.length, saved: position });
    await spool.trim(needed);
  }
  await spool.close(1000);
  return promises;
}

describe('spool: a crash between any two operations', () => {
  for (const whenFull of ['block', 'drop_oldest'] as const) {
    it(`${whenFull}: everything acknowledged is there, nothing twice, and work goes on`, async () => {
      const disk = new SimulatedDisk();
      const promises = await work(disk, whenFull, 0, 160, undefined);
      const kinds = new Set(disk.log.map(({ type }) => type));
      for (const kind of ['create', 'write', 'sync', 'syncDirectory', 'remove'])
        assert.ok(kinds.has(kind as never), kind);
      for (let cut = 0; cut <= disk.log.length; cut++) {
        for (let variant = 0; variant < 4; variant++) {
          const where = `cut after ${cut} of ${disk.log.length}, variant ${variant}`;
          const past = promises.filter(({ operations }) => operations <= cut);
          const saved = past.findLast((p) => p.saved !== undefined)?.saved ?? { offset: 0, before: '0' };
          const acknowledged = past.flatMap((p) => p.acknowledged ?? []);
          const left = SimulatedDisk.replay(disk.log, cut).crash(generator(cut * 4 + variant));
          const { stream, spool } = await openStream(left, { whenFull }, [saved]);
          const found = await readAll(stream, saved);
          check(found.numbers, found.lost, acknowledged, Number(saved.before), whenFull, where);
          await spool.close(1000);
          // Operations of the first recovery are cut too: recovering twice is the same as once.
          const second = left.crash(generator(cut + 1000));
          const more = await work(second, whenFull, 1000, 8, saved);
          assert.ok(more.filter((p) => p.acknowledged !== undefined).length >= 8, where);
        }
      }
    });
  }
});

function check(
  numbers: readonly number[],
  lost: number,
  acknowledged: readonly number[],
  from: number,
  whenFull: WhenFull,
  where: string,
): void {
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
    `twice or out of order, ${where}`,
  );
  const wanted = acknowledged.filter((n) => n >= from);
  const missing = wanted.filter((n) => !numbers.includes(n));
  if (whenFull === 'block') {
    assert.deepEqual(missing, [], where);
    // What is told to be lost was never acknowledged.
    const highest = Math.max(-1, ...acknowledged);
    const beyond = numbers.filter((n) => n > highest).length;
    assert.ok(lost === 0 || beyond > 0, `${lost} lost, ${where}`);
  } else {
    assert.ok(missing.length <= lost, `${missing.length} missing, ${lost} told, ${where}`);
  }
}
