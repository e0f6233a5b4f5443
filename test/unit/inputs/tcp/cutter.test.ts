import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Mark } from '../../../../src/core/event.ts';
import { Block, type Line, LineCutter } from '../../../../src/inputs/tcp/cutter.ts';

const LIMIT = 24;

/** Lines of bytes that come in pieces, as a journal gets them. */
function cut(pieces: readonly Buffer[], limit = LIMIT): Line[] {
  const lines: Line[] = [];
  const take = (line: Line): boolean => {
    lines.push({ ...line, text: Buffer.from(line.text) });
    return true;
  };
  const cutter = new LineCutter(limit, (piece) => {
    if (!(piece instanceof Block)) take(piece);
    else {
      const { count } = piece;
      const before = lines.length;
      piece.each(take);
      assert.equal(lines.length - before, count);
      assert.equal(piece.size, 0);
    }
  });
  for (const piece of pieces) cutter.push(piece, 1);
  cutter.end(1);
  assert.deepEqual([cutter.openBytes, cutter.heldBytes], [0, 0]);
  return lines;
}

const line = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '',
      'a',
      '\r',
      'b\r',
      'é'.repeat(20),
      `${'c'.repeat(LIMIT)}\r`,
      `${'d'.repeat(LIMIT + 1)}\r`,
    ),
  )
  .map((text) => Buffer.from(text.replaceAll('\n', '.')));
const raw = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0a)));

describe('lines of a connection', () => {
  it('in whatever pieces the bytes come, the lines are the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(line, raw), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
        (lines, sizes) => {
          const bytes = Buffer.concat(lines.flatMap((text) => [text, Buffer.from('\n')]));
          const pieces: Buffer[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            pieces.push(bytes.subarray(at, at + size));
            at += size;
          }
          const got = cut(pieces);
          assert.deepEqual(got, cut([bytes]));
          assert.equal(got.length, lines.length);
          for (const [i, { text, length, marks = 0 }] of got.entries()) {
            const given = lines[i] ?? Buffer.alloc(0);
            const whole = given.at(-1) === 0x0d ? given.subarray(0, -1) : given;
            assert.deepEqual(text, whole.subarray(0, text.length));
            assert.ok(text.length >= Math.min(whole.length, LIMIT - 3) && text.length <= LIMIT);
            if (isUtf8(whole)) assert.ok(isUtf8(text), 'cut inside a character');
            assert.equal((marks & Mark.truncated) !== 0, whole.length > LIMIT);
            assert.equal(length, whole.length > LIMIT ? whole.length : undefined);
          }
        },
      ),
    );
  });

  it('bytes that are no UTF-8 mark their line, and no other', () => {
    const bytes = Buffer.from('good\nb\xe9d\ngo\u00f6d\n', 'latin1');
    const pieces = [Buffer.concat([Buffer.from('größe\n'), bytes.subarray(0, 9), Buffer.from('größe\n')])];
    assert.deepEqual(
      cut(pieces).map(({ marks }) => marks),
      [Mark.none, Mark.none, Mark.invalidUtf8, Mark.none],
    );
  });

  it('what no line end has ended is marked', () => {
    const [first, second] = cut([Buffer.from('a\nb\r')]);
    assert.equal(first?.marks, Mark.none);
    assert.deepEqual([second?.text.toString(), second?.marks], ['b\r', Mark.truncated]);
  });

  it('a block that is taken in part goes on where it stood', () => {
    const block = new Block(Buffer.from('a\nb\n\nc\n'), 1, LIMIT);
    const taken: string[] = [];
    const take =
      (room: number) =>
      ({ text }: Line): boolean =>
        taken.length < room && taken.push(text.toString()) > 0;
    assert.equal(block.count, 4);
    assert.equal(block.each(take(2)), false);
    assert.deepEqual([block.count, block.size], [2, 3]);
    assert.equal(block.each(take(9)), true);
    assert.deepEqual(taken, ['a', 'b', '', 'c']);
  });
});
