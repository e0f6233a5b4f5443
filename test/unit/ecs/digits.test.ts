import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decimal } from '../../../src/ecs/digits.ts';
import { RecordNames } from '../../../src/framing/record-names.ts';

describe('digits', () => {
  it('numbers are written as JSON has them', () => {
    const borders = [
      0,
      1,
      9_999,
      10_000,
      99_999_999,
      100_000_000,
      2 ** 31,
      2 ** 32,
      2 ** 53 - 1,
      2 ** 53,
      1e21,
    ];
    for (const n of borders.flatMap((b) => [b - 1, b, b + 1, -b, b + 0.5]))
      assert.equal(decimal(n), JSON.stringify(n));
    fc.assert(fc.property(fc.maxSafeInteger(), (n) => decimal(n) === String(n)));
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => decimal(n) === String(n)),
    );
  });

  it('a record is named by its source and 12 hex digits of its offset', () => {
    const names = new RecordNames('ab');
    fc.assert(
      fc.property(
        fc.nat({ max: 2 ** 48 - 1 }),
        (at) => names.at(at) === `ab${at.toString(16).padStart(12, '0')}`,
      ),
    );
    assert.equal(names.at(4095), 'ab000000000fff');
    assert.equal(names.at(4096), 'ab000000001000');
  });
});
