import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Gathering } from '../../../src/inputs/gathering.ts';
import { LineCutter } from '../../../src/inputs/tcp/cutter.ts';

describe('what comes in pieces', () => {
  it('is put together, again and again', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 300 }).map(Buffer.from), { maxLength: 40 });
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 4 }), (wholes) => {
        const gathering = new Gathering();
        for (const whole of wholes) {
          for (const piece of whole) gathering.add(piece);
          const expected = Buffer.concat(whole);
          assert.equal(gathering.length, expected.length);
          assert.deepEqual(gathering.take(), expected);
        }
      }),
    );
  });

  it('takes the memory of its bytes, also byte by byte', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = (): number => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return (heapUsed + arrayBuffers) / 2 ** 20;
    };
    const cutter = new LineCutter(2 ** 20, () => {});
    const before = used();
    for (let n = 0; n < 2 ** 19; n++) cutter.push(Buffer.of(0x78), 0);
    const grown = used() - before;
    assert.equal(cutter.heldBytes, 2 ** 19);
    assert.ok(grown < 10, `${grown.toFixed()} MiB`);
  });
});
