import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Mark } from '../../../src/core/event.ts';
import { decodeCri, decodeDocker } from '../../../src/framing/container.ts';
import type { TextDecoder, TextVisitor } from '../../../src/framing/lines.ts';

const TIME = '2026-01-01T00:00:00Z';
const LIMIT = 1024 * 1024;
const PART = 16 * 1024;

type Framed = (text: string, last: boolean, stream?: string) => string;
const docker: Framed = (text, last, stream = 'stderr') =>
  `${JSON.stringify({ log: last ? `${text}\n` : text, stream, time: TIME })}\n`;
const cri: Framed = (text, last, stream = 'stderr') => `${TIME} ${stream} ${last ? 'F' : 'P'} ${text}\n`;

interface Visited {
  readonly text: string;
  readonly start: number;
  readonly truncated: boolean;
  readonly length: number | undefined;
}

/** Parts of one record; the text tells where it was taken from. */
function parts(frame: Framed, text: string): string {
  let all = '';
  for (let at = 0; at < text.length; at += PART) {
    all += frame(text.slice(at, at + PART), at + PART >= text.length);
  }
  return all;
}

/** Reads on in pieces: what is left of one comes again in front of the next. */
function continued(decode: TextDecoder, bytes: Buffer, piece: number, limit: number): Visited[] {
  const decoder = decode.readOn?.();
  assert.ok(decoder);
  const found: Visited[] = [];
  let at = 0;
  for (let to = piece; at < bytes.length; to += piece) {
    const stop = Math.min(to, bytes.length);
    const from = at;
    const visit: TextVisitor = (text, start, marks, _seen, length) => {
      found.push({ text, start: from + start, truncated: (marks & Mark.truncated) !== 0, length });
      return true;
    };
    at += decoder.decode(bytes.subarray(from, stop), 0, stop - from, limit, stop === bytes.length, visit);
    if (stop === bytes.length) break;
  }
  assert.equal(decoder.isOpen, false);
  return found;
}

function once(decode: TextDecoder, bytes: Buffer, final: boolean, to = bytes.length): [Visited[], number] {
  const found: Visited[] = [];
  const end = decode(bytes, 0, to, LIMIT, final, (text, start, marks, _seen, length) => {
    found.push({ text, start, truncated: (marks & Mark.truncated) !== 0, length });
    return true;
  });
  return [found, end];
}

for (const [name, decode, frame] of [
  ['Docker', decodeDocker, docker],
  ['CRI', decodeCri, cri],
] as const) {
  describe(`${name}: records of many parts`, () => {
    it('one above the limit is one truncated record with its length, wherever reads end', () => {
      const long = Array.from({ length: 3 * LIMIT }, (_, i) => 'abcdefghij'[i % 10]).join('');
      const head = frame('before', true);
      const middle = parts(frame, long);
      const bytes = Buffer.from(head + middle + frame('behind', true));
      for (const piece of [40_000, 65_536, 300_001, bytes.length]) {
        const found = continued(decode, bytes, piece, LIMIT);
        assert.deepEqual(
          found.map(({ text, ...rest }) => ({ ...rest, bytes: text.length })),
          [
            { bytes: 6, start: 0, truncated: false, length: undefined },
            { bytes: LIMIT, start: head.length, truncated: true, length: 3 * LIMIT },
            { bytes: 6, start: head.length + middle.length, truncated: false, length: undefined },
          ],
          String(piece),
        );
        assert.ok(found[1]?.text === long.slice(0, LIMIT));
        assert.equal(found[2]?.text, 'behind');
      }
    });

    it('is cut between characters, and its length is that of all bytes', () => {
      const text = '€'.repeat(40_000);
      const [record, ...more] = continued(decode, Buffer.from(parts(frame, text)), 30_000, 100_000);
      assert.deepEqual(more, []);
      assert.equal(record?.text, '€'.repeat(33_333));
      assert.equal(record?.length, 120_000);
    });

    it('of one stream between those of another: both whole, and reading never begins again between them', () => {
      const lines = [
        frame('a1 ', false),
        frame('b1 ', false, 'stdout'),
        frame('c', true, 'stdout').replace('c', 'b2'),
        frame('d', true, 'stdout'),
        frame('a2', true),
        frame('e', true),
      ];
      const bytes = Buffer.from(lines.join(''));
      const texts = ['a1 a2', 'b1 b2', 'd', 'e'];
      assert.deepEqual(
        continued(decode, bytes, bytes.length, LIMIT).map(({ text }) => text),
        texts,
      );
      for (let cut = 0; cut <= bytes.length; cut++) {
        const [first, end] = once(decode, bytes, false, cut);
        const [second] = once(decode, bytes.subarray(end), true);
        assert.deepEqual(
          [...first, ...second].map(({ text }) => text),
          texts,
          String(cut),
        );
      }
    });

    it('a last line that nothing ended is not lost', () => {
      const bytes = Buffer.from(`${frame('a', true)}${frame('b', true)}`.slice(0, -1));
      const [found, end] = once(decode, bytes, true);
      assert.deepEqual(
        found.map(({ text }) => text),
        ['a', 'b'],
      );
      assert.equal(end, bytes.length);
    });

    it('one that never ends is given out with what there is', () => {
      const bytes = Buffer.from(frame('a1 ', false) + frame('a2 ', false));
      assert.deepEqual(continued(decode, bytes, 10_000, LIMIT), [
        { text: 'a1 a2 ', start: 0, truncated: true, length: undefined },
      ]);
    });
  });
}
