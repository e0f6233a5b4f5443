import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { viewOf } from '../../../../src/framing/journal-record/layout.ts';
import { xxhash32 } from '../../../../src/framing/journal-record/xxhash32.ts';

const PRIME = 2_654_435_761;

/** The bytes over which the reference implementation publishes sums. */
function published(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = PRIME;
  for (let i = 0; i < length; i++) {
    bytes[i] = state >>> 24;
    state = Math.imul(state, state) >>> 0;
  }
  return bytes;
}

describe('xxhash32', () => {
  for (const [length, seed, sum] of [
    [0, 0, 0x02cc5d05],
    [0, PRIME, 0x36b78ae7],
    [1, 0, 0xb85cbee5],
    [1, PRIME, 0xd5845d64],
    [14, 0, 0xe5aa0ab4],
    [14, PRIME, 0x4481951d],
    [101, 0, 0x1f1aa412],
    [101, PRIME, 0x498ec8e2],
  ] as const) {
    it(`of ${length} bytes with seed ${seed} is what the reference implementation has`, () => {
      const found = xxhash32(viewOf(published(length)), 0, length, seed);
      assert.equal(found.toString(16), sum.toString(16));
    });
  }
});
