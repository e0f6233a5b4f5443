import { isUtf8 } from 'node:buffer';
import { Mark } from '../../core/event.ts';
import type { JournalRecord } from '../../core/source.ts';
import { characterBorder } from '../../framing/lines.ts';
import { Gathering } from '../gathering.ts';

const LF = 0x0a;
const CR = 0x0d;

/** One line. */
export type Line = JournalRecord & { readonly type: 'line' };

/**
 * Lines in the bytes as they were received: thousands of them may wait, and each would be an object of its own for the
 * garbage collector, whose pauses a sender feels.
 */
export class Block {
  /** Milliseconds since 1970. */
  private readonly seen: number;
  private readonly bytes: Buffer;
  private readonly limit: number;
  private readonly isClean: boolean;
  private at = 0;

  /** @param bytes whole lines, each ended by LF or CR LF. @param limit bytes that are kept of one line */
  constructor(bytes: Buffer, seen: number, limit: number) {
    this.bytes = bytes;
    this.seen = seen;
    this.limit = limit;
    this.isClean = isUtf8(bytes);
  }

  /** Bytes of the lines that have not been passed over. */
  get size(): number {
    return this.bytes.length - this.at;
  }

  /** How many lines these are. */
  get count(): number {
    let count = 0;
    for (let at = this.at; at < this.bytes.length; at = this.bytes.indexOf(LF, at) + 1) count++;
    return count;
  }

  /** Hands the lines over, one after the other, until one is not taken. @returns true when all were */
  each(take: (line: Line) => boolean): boolean {
    const { bytes, seen, limit, isClean } = this;
    while (this.at < bytes.length) {
      const from = this.at;
      const end = bytes.indexOf(LF, from);
      const stop = end > from && bytes[end - 1] === CR ? end - 1 : end;
      const isCut = stop - from > limit;
      const text = bytes.subarray(from, isCut ? characterBorder(bytes, from, from + limit) : stop);
      const marks = isCut ? Mark.truncated : isClean ? Mark.none : marksOf(text);
      const length = isCut ? stop - from : undefined;
      if (!take({ type: 'line', seen, text, marks, length })) return false;
      this.at = end + 1;
    }
    return true;
  }
}

/** Cuts the bytes of one connection into lines. Of a line above the limit the head is kept; its rest is counted. */
export class LineCutter {
  private readonly limit: number;
  private readonly take: (piece: Line | Block) => void;
  /** The line that has not ended, as far as it is kept: a copy, or it would keep all the lines before it. */
  private readonly head = new Gathering();
  private length = 0;
  private endsInCr = false;

  /** @param limit bytes that are kept of one line */
  constructor(limit: number, take: (piece: Line | Block) => void) {
    this.limit = limit;
    this.take = take;
  }

  /** Bytes of the line that has not ended yet. */
  get openBytes(): number {
    return this.length;
  }

  /** Bytes of it that are in memory. */
  get heldBytes(): number {
    return this.head.length;
  }

  /** @param seen milliseconds since 1970. @param chunk is kept until its lines are in the journal */
  push(chunk: Buffer, seen: number): void {
    let from = 0;
    const end = chunk.lastIndexOf(LF) + 1;
    if (this.length > 0 && end > 0) {
      from = chunk.indexOf(LF) + 1;
      this.hold(chunk.subarray(0, from - 1));
      this.take(this.joined(seen, Mark.none));
      this.forget();
    }
    if (from < end) this.take(new Block(chunk.subarray(from, end), seen, this.limit));
    if (end < chunk.length) this.hold(chunk.subarray(end));
  }

  /** The connection has ended: what it has left is a line that nothing ended. */
  end(seen: number): void {
    if (this.length > 0) this.take(this.joined(seen, Mark.truncated));
    this.forget();
  }

  private hold(piece: Buffer): void {
    this.length += piece.length;
    this.endsInCr = piece.length > 0 ? piece.at(-1) === CR : this.endsInCr;
    // One byte more tells whether the limit stands inside a character.
    const room = this.limit + 1 - this.head.length;
    if (room > 0) this.head.add(piece.subarray(0, room));
  }

  private joined(seen: number, mark: number): Line {
    const isEnded = mark === Mark.none;
    const length = isEnded && this.endsInCr ? this.length - 1 : this.length;
    const head = this.head.take();
    const isCut = length > this.limit;
    const text = head.subarray(0, isCut ? characterBorder(head, 0, this.limit) : length);
    const marks = mark | (isCut ? Mark.truncated : marksOf(text));
    return { type: 'line', seen, text, marks, length: isCut ? length : undefined };
  }

  private forget(): void {
    this.length = 0;
    this.endsInCr = false;
  }
}

function marksOf(text: Buffer): number {
  return isUtf8(text) ? Mark.none : Mark.invalidUtf8;
}
