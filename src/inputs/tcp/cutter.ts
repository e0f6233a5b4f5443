import { isUtf8 } from 'node:buffer';
import { Mark } from '../../core/event.ts';
import type { JournalRecord } from '../../core/source.ts';

const LF = 0x0a;
const CR = 0x0d;

/** One line. */
export type Line = JournalRecord & { readonly type: 'line' };

/**
 * Cuts the bytes of one connection into lines, ended by LF or CR LF. Of a line above the limit the head is kept; its rest is
 * counted.
 */
export class LineCutter {
  private readonly limit: number;
  private readonly take: (line: Line) => void;
  /** Pieces of the line that has not ended, as far as they are kept. */
  private pieces: Buffer[] = [];
  private kept = 0;
  private length = 0;

  /** @param limit bytes that are kept of one line */
  constructor(limit: number, take: (line: Line) => void) {
    this.limit = limit;
    this.take = take;
  }

  /** Bytes of the line that has not ended yet. */
  get openBytes(): number {
    return this.length;
  }

  /** Bytes of it that are in memory. */
  get heldBytes(): number {
    return this.kept;
  }

  /** @param seen milliseconds since 1970. @param chunk is kept until its lines are in the journal */
  push(chunk: Buffer, seen: number): void {
    let from = 0;
    const last = chunk.lastIndexOf(LF);
    const isClean = last === -1 || isUtf8(chunk.subarray(0, last));
    while (from <= last) {
      const end = chunk.indexOf(LF, from);
      this.whole(chunk, from, end, seen, isClean);
      from = end + 1;
    }
    if (from < chunk.length) this.hold(chunk.subarray(from));
  }

  /** The connection has ended: what it has left is a line that nothing ended. */
  end(seen: number): void {
    if (this.length > 0) this.take(this.joined(seen, Mark.truncated));
    this.forget();
  }

  /** @param isClean the chunk up to its last line end is UTF-8 */
  private whole(chunk: Buffer, from: number, end: number, seen: number, isClean: boolean): void {
    if (this.length > 0) {
      this.hold(chunk.subarray(from, end));
      this.take(this.joined(seen, Mark.none));
      this.forget();
      return;
    }
    const stop = end > from && chunk[end - 1] === CR ? end - 1 : end;
    if (stop - from > this.limit) {
      this.hold(chunk.subarray(from, stop));
      this.take(this.joined(seen, Mark.none));
      this.forget();
      return;
    }
    const text = chunk.subarray(from, stop);
    this.take({ type: 'line', seen, text, marks: isClean ? Mark.none : marksOf(text) });
  }

  private hold(piece: Buffer): void {
    this.length += piece.length;
    const room = this.limit - this.kept;
    if (room <= 0) return;
    // A copy: the head of a line would keep all the lines before it.
    const part = Buffer.from(piece.subarray(0, room));
    this.pieces.push(part);
    this.kept += part.length;
  }

  private joined(seen: number, mark: number): Line {
    const { length } = this;
    const all = Buffer.concat(this.pieces);
    const isCut = length > all.length;
    const text = !isCut && mark === Mark.none && all.at(-1) === CR ? all.subarray(0, -1) : all;
    const marks = mark | (isCut ? Mark.truncated : marksOf(text));
    return { type: 'line', seen, text, marks, length: isCut ? length : undefined };
  }

  private forget(): void {
    this.pieces = [];
    this.kept = 0;
    this.length = 0;
  }
}

function marksOf(text: Buffer): number {
  return isUtf8(text) ? Mark.none : Mark.invalidUtf8;
}
