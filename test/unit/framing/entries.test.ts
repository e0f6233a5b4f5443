import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LineRole } from '../../../src/core/dialect.ts';
import { Mark } from '../../../src/core/event.ts';
import { decodeDocker } from '../../../src/framing/container.ts';
import { EntryJoiner } from '../../../src/framing/entries.ts';
import { decodeLines, type TextDecoder } from '../../../src/framing/lines.ts';
import { prefixDecoder } from '../../../src/framing/printed.ts';

const role = (line: string): LineRole =>
  line.startsWith('!') ? 'begins' : line.startsWith('{') ? 'whole' : 'continues';
const NEVER = (): boolean => false;

interface Entry {
  readonly text: string;
  readonly start: number;
}

/** Reads bytes that come in pieces, from the last entry that was not told, with a new joiner for each piece. */
function inPieces(
  decode: TextDecoder,
  bytes: Buffer,
  ends: readonly number[],
  full = Number.MAX_SAFE_INTEGER,
): Entry[] {
  const entries: Entry[] = [];
  let from = 0;
  for (const to of [...ends, bytes.length]) {
    for (let before = -1; from > before && from < to; ) {
      before = from;
      let room = full;
      const end = { final: to === bytes.length };
      from = new EntryJoiner(role, false).decode(decode, bytes, from, to, 1e6, end, NEVER, (text, start) => {
        entries.push({ text, start });
        return --room > 0;
      });
    }
  }
  return entries;
}

/**
 * Reads entries that are longer than a piece; what was taken of a piece does not come again.
 * @param stops behind each entry: what follows it is read by a new decoder, from where the entry has ended
 */
function readingOn(
  bytes: Buffer,
  ends: readonly number[],
  limit: number,
  stops: boolean,
): { text: string; length: number | undefined }[] {
  const found: { text: string; length: number | undefined }[] = [];
  const joiner = new EntryJoiner(role, false);
  const begin = () => joiner.readOn(decodeDocker.readOn?.() ?? assert.fail());
  let lines = begin();
  let at = 0;
  const pieces = [...ends.filter((end) => end < bytes.length), bytes.length].sort((a, b) => a - b);
  for (let next = 0; next < pieces.length; ) {
    const to = pieces[next] ?? 0;
    const final = to === bytes.length;
    const piece = bytes.subarray(at, Math.max(at, to));
    const isFinal = final && !stops;
    const used = joiner.decode(
      lines.decode,
      piece,
      0,
      piece.length,
      limit,
      { final: isFinal },
      NEVER,
      (text, _start, _marks, _seen, length) => {
        found.push({ text, length });
        return !stops;
      },
    );
    at += used;
    if (stops && used !== 0 && !lines.isOpen) {
      lines = begin();
      if (at < to) continue;
    }
    next++;
  }
  if (stops)
    joiner.decode(
      lines.decode,
      bytes.subarray(at),
      0,
      bytes.length - at,
      limit,
      { final: true },
      NEVER,
      (text, _start, _marks, _seen, length) => {
        found.push({ text, length });
        return true;
      },
    );
  return found;
}

describe('entries of several lines', () => {
  it('are the same wherever reads end, stop and begin again', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '!', '{'), maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1 }),
        fc.array(fc.nat(120)),
        fc.integer({ min: 1, max: 3 }),
        (lines, cuts, full) => {
          const bytes = Buffer.from(`${lines.join('\n')}\n`);
          const whole = inPieces(decodeLines, bytes, []);
          const sorted = cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b);
          assert.deepEqual(inPieces(decodeLines, bytes, sorted, full), whole);
          assert.equal(whole.map(({ text }) => `${text}\n`).join(''), bytes.toString());
        },
      ),
    );
  });

  it('are all told where reading stops at the last line of a block', () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `!${i} ${'x'.repeat((i * 7) % 40)}\n`);
    const container = lines.map((log) => `${JSON.stringify({ log, stream: 'stdout' })}\n`);
    for (let full = 300; full < 500; full += 3) {
      const told = (decode: TextDecoder, text: string): string[] =>
        inPieces(decode, Buffer.from(text), [], full).map((entry) => `${entry.text}\n`);
      assert.deepEqual(told(decodeLines, lines.join('')), lines);
      assert.deepEqual(told(decodeDocker, container.join('')), lines);
    }
  });

  it('begin where the dialect says so; lines before the first are entries of their own', () => {
    const bytes = Buffer.from('x\ny\n!1\n a\n\n b\n{2\n!3\nz\n');
    assert.deepEqual(
      inPieces(decodeLines, bytes, []).map(({ text }) => text),
      ['x', 'y', '!1\n a\n\n b', '{2', '!3\nz'],
    );
  });

  it('in a container log', () => {
    const lines = ['!1\n', ' a\n', '!2\n'].map(
      (log) => `${JSON.stringify({ log, stream: 'stdout', time: '2026-01-01T00:00:00Z' })}\n`,
    );
    const bytes = Buffer.from(lines.join(''));
    assert.deepEqual(inPieces(decodeDocker, bytes, [lines[0]?.length ?? 0]), [
      { text: '!1\n a', start: 0 },
      { text: '!2', start: (lines[0]?.length ?? 0) + (lines[1]?.length ?? 0) },
    ]);
  });

  it('of two streams of a container: reading does not stop between the parts of a record', () => {
    const part = (stream: string, log: string): string => `${JSON.stringify({ log, stream })}\n`;
    const errors = ['!1\n', '!2\n', '!3\n', '!4\n'];
    const text = `${part('stdout', '!0 ')}${errors.map((log) => part('stderr', log)).join('')}${part('stdout', 'end\n')}`;
    const told: string[] = [];
    const bytes = Buffer.from(text);
    const at = new EntryJoiner(role, false).decode(
      decodeDocker,
      bytes,
      0,
      bytes.length,
      1e6,
      { final: true },
      NEVER,
      (line) => {
        told.push(line);
        return false;
      },
    );
    assert.deepEqual([told, at], [['!0 end', '!1', '!2', '!3', '!4'], bytes.length]);
  });

  it('of two streams of a container: one that begins between the parts of a record ends with it, wherever reads end', () => {
    const part = (stream: string, log: string): string => `${JSON.stringify({ log, stream })}\n`;
    const lines = [
      part('stdout', '!0 '),
      part('stderr', '!1\n'),
      part('stderr', ' a\n'),
      part('stdout', 'end\n'),
      part('stderr', ' b\n'),
      part('stdout', '!2\n'),
    ];
    const bytes = Buffer.from(lines.join(''));
    const whole = inPieces(decodeDocker, bytes, []);
    assert.deepEqual(
      whole.map(({ text }) => text),
      ['!0 end', '!1\n a', ' b', '!2'],
    );
    for (let end = 1; end < bytes.length; end++)
      for (const full of [1, 2, 10]) assert.deepEqual(inPieces(decodeDocker, bytes, [end], full), whole);
  });

  it('in a container log, longer than what is in memory: the same, cut at the limit with the true length', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '!', '{'), maxLength: 12 });
    const part = fc.record({ text, last: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 30 }),
        fc.array(fc.nat(2500)),
        fc.boolean(),
        (parts, cuts, stops) => {
          const log = parts.map(({ text, last }, i) => (last || i === parts.length - 1 ? `${text}\n` : text));
          const bytes = Buffer.from(
            log.map((log) => `${JSON.stringify({ log, stream: 'stdout' })}\n`).join(''),
          );
          const limit = 16;
          const plain = Buffer.from(log.join(''));
          const want: (string | number)[][] = [];
          const whole = new EntryJoiner(role, false);
          whole.decode(decodeLines, plain, 0, plain.length, 1e6, { final: true }, NEVER, (entry) => {
            const length = Buffer.byteLength(entry);
            want.push(length > limit ? [length] : [entry]);
            return true;
          });
          assert.deepEqual(
            readingOn(bytes, cuts, limit, stops).map(({ text, length }) =>
              length === undefined ? [text] : [length],
            ),
            want,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('the last one waits for the next, unless all is quiet', () => {
    const bytes = Buffer.from('!1\n a\n!2 unfin');
    const joiner = new EntryJoiner(role, false);
    const told: string[] = [];
    const read = (from: number, to: number, quiet: boolean): number =>
      joiner.decode(decodeLines, bytes, from, to, 1e6, { final: false, quiet }, NEVER, (text) => {
        told.push(text);
        return true;
      });
    assert.deepEqual([read(0, 6, false), joiner.isHolding, told.length], [0, true, 0]);
    assert.deepEqual([read(0, bytes.length, true), joiner.isHolding, told], [6, false, ['!1\n a']]);
  });

  it('an entry that was ended by quiet ends there when it is read again', () => {
    const bytes = Buffer.from('!1\n late\n!2\n');
    const told: string[] = [];
    new EntryJoiner(role, false).decode(
      decodeLines,
      bytes,
      0,
      bytes.length,
      1e6,
      { final: true },
      (start) => start === 3,
      (text) => {
        told.push(text);
        return true;
      },
    );
    assert.deepEqual(told, ['!1', ' late', '!2']);
  });

  it('what is longer than the limit is cut, and its rest passed over up to the next entry', () => {
    const joiner = new EntryJoiner(role, false);
    const told: [string, number, number | undefined][] = [];
    const read = (text: string, final: boolean, it = joiner): void => {
      const bytes = Buffer.from(text);
      it.decode(decodeLines, bytes, 0, bytes.length, 10, { final }, NEVER, (entry, _, marks, __, length) => {
        told.push([entry, marks, length]);
        return true;
      });
    };
    read('!12345\n67890\n12345\n', true);
    assert.deepEqual(told, [['!12345\n678', Mark.truncated, 18]]);
    assert.equal(joiner.isPassing, true);
    read('rest\nrest\n', false);
    const after = new EntryJoiner(role, joiner.isPassing);
    read('rest\n!2\n', true, after);
    assert.deepEqual(told.slice(1), [['!2', 0, undefined]]);
  });
});

describe('entries of several containers in one log', () => {
  const told = (log: string, cuts: readonly number[] = []): string[] => {
    const decode = prefixDecoder({ program: 'broker' }, false);
    return inPieces(decode, Buffer.from(log), cuts).map(({ text }) => text);
  };

  it('end where another container writes, which has none of their lines', () => {
    for (const [a, b] of [
      ['a-1  | ', 'b-1  | '],
      ['[pod/core-0/emqx] ', '[pod/core-1/emqx] '],
    ]) {
      const log = [`${a}!1`, `${a} x`, `${b}y`, `${b}z`, `${a}!2`, `${a} x`, `${b}!3`, `${b} x`, '']
        .map((line) => `${line}\n`)
        .join('');
      const want = ['!1\n x', 'y', 'z', '!2\n x', '!3\n x\n'];
      assert.deepEqual(told(log), want);
      for (let cut = 1; cut < log.length; cut++) assert.deepEqual(told(log, [cut]), want);
    }
  });
});
