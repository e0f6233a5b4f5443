import { isAscii, isUtf8 } from 'node:buffer';
import { Mark } from '../core/event.ts';

/**
 * Takes one record of text.
 * @param text without its line end
 * @param start offset of its first byte in the decoded bytes
 * @param marks bits of `Mark`
 * @param seen milliseconds since 1970 when a container runtime stamped it; undefined: not stamped
 * @param length bytes before the cut; undefined: not cut
 * @returns false to stop behind this record
 */
export type TextVisitor = (
  text: string,
  start: number,
  marks: number,
  seen: number | undefined,
  length: number | undefined,
) => boolean;

/**
 * Cuts bytes into records.
 * @param bytes read from `from` to `to`
 * @param limit bytes of text that are kept of one record
 * @param final nothing will follow: what has no line end is a record too
 * @returns offset behind the last whole record that was visited
 */
export type TextDecoder = (
  bytes: Buffer,
  from: number,
  to: number,
  limit: number,
  final: boolean,
  visit: TextVisitor,
) => number;

const LF = 0x0a;
const CR = 0x0d;

/**
 * Plain lines, ended by LF or CR LF. Only LF splits: CR, U+2028 and U+0085 can come from a client's text.
 * A line that nothing ended is marked as truncated.
 */
export const decodeLines: TextDecoder = (bytes, from, to, limit, final, visit) => {
  const text = bytes.toString('latin1', from, to);
  const ascii = isAscii(bytes.subarray(from, to));
  let high = ascii ? to : nextHighByte(bytes, from, to);
  let start = from;
  while (start < to) {
    let end = text.indexOf('\n', start - from) + from;
    const ended = end >= from;
    if (!ended) {
      if (!final) break;
      end = to;
    }
    if (high < start) high = nextHighByte(bytes, start, to);
    let stop = end;
    if (ended && stop > start && bytes[stop - 1] === CR) stop--;
    const length = stop - start;
    const cut = length > limit;
    if (cut) stop = characterBorder(bytes, start, start + limit);
    let marks: number = cut || !ended ? Mark.truncated : Mark.none;
    let line: string;
    if (stop <= high) {
      line = text.substring(start - from, stop - from);
    } else {
      line = bytes.toString('utf8', start, stop);
      if (line.includes('\ufffd') && !isUtf8(bytes.subarray(start, stop))) marks |= Mark.invalidUtf8;
    }
    const next = ended ? end + 1 : end;
    if (!visit(line, start, marks, undefined, cut ? length : undefined)) return next;
    start = next;
  }
  return start;
};

/** Offset of the first LF at or behind `from`, or -1. */
export function findLineEnd(bytes: Buffer, from: number, to: number): number {
  const at = bytes.subarray(from, to).indexOf(LF);
  return at === -1 ? -1 : from + at;
}

/** First byte at or behind `from` that is not ASCII, or `to`. */
function nextHighByte(bytes: Buffer, from: number, to: number): number {
  let i = from;
  while (i < to && (bytes[i] ?? 0) < 0x80) i++;
  return i;
}

/** The last offset at or before `stop` that does not stand inside a UTF-8 character. */
function characterBorder(bytes: Buffer, start: number, stop: number): number {
  for (let back = 0; back < 4 && stop - back > start; back++) {
    if (((bytes[stop - back] ?? 0) & 0xc0) !== 0x80) return stop - back;
  }
  return stop;
}
