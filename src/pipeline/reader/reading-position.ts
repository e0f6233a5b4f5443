import { FINGERPRINT_BYTES, fingerprint } from '../../core/checksums/fingerprint.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Source } from '../../core/source.ts';
import { sequenceBehind } from '../../framing/journal-record/layout.ts';

/** Where the reading of a source stands, and by what that place is recognised later. */
export class ReadingPosition {
  /** Behind the last record. */
  offset: number;
  /** Of a file the fingerprint of the bytes in front of it, of a durable journal the number of its last record. */
  before = '';
  private readonly source: Source;
  private tail: Buffer = Buffer.alloc(0);

  constructor(source: Source, offset: number) {
    this.source = source;
    this.offset = offset;
  }

  /** Learns what stands in front of the place where reading begins. */
  async recall(cursor: Pick<Cursor, 'offset' | 'before'>): Promise<void> {
    if (this.source.framing() === 'journal') this.before = cursor.offset === this.offset ? cursor.before : '';
    else await this.pass(this.offset);
  }

  /** Goes on to an offset in a file, and learns from the file what stands in front of it: not all that is passed is at hand. */
  async pass(to: number): Promise<void> {
    const from = Math.max(0, to - FINGERPRINT_BYTES);
    const tail = Buffer.alloc(to - from);
    if (tail.length > 0) await this.source.read(from, tail);
    this.offset = to;
    this.tail = tail;
    this.before = fingerprint(tail);
  }

  /**
   * Goes on to an offset.
   * @param bytes those of the records that are passed
   */
  advance(bytes: Buffer, to: number): void {
    this.offset = to;
    if (this.source.framing() === 'journal') {
      if (this.source.durable && bytes.length > 0) this.before = String(sequenceBehind(bytes));
      return;
    }
    const joined = bytes.length >= FINGERPRINT_BYTES ? bytes : Buffer.concat([this.tail, bytes]);
    this.tail = Buffer.from(joined.subarray(Math.max(0, joined.length - FINGERPRINT_BYTES)));
    this.before = this.source.durable ? fingerprint(this.tail) : '';
  }

  /** Goes on to a place that is known already. */
  moveTo({ offset, before }: { readonly offset: number; readonly before: string }): void {
    this.offset = offset;
    this.before = before;
  }
}
