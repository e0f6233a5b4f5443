import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 as reference } from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from '../../../../src/core/checksums/crc32.ts';

describe('crc32', () => {
  it('is what zlib computes, of short and long bytes anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(20), fc.nat(20), (bytes, before, behind) => {
        const all = Buffer.from(bytes);
        const at = Math.min(before, all.length);
        const end = Math.max(at, all.length - behind);
        assert.equal(crc32(all, at, end), reference(all.subarray(at, end)));
      }),
    );
  });
});
