import type { End, Framing, Lost, Source } from '../../core/source.ts';
import { abortable } from '../../core/waiting/abortable.ts';
import { LONGEST_PART_BYTES } from '../../framing/container.ts';
import { recordBytes, viewOf } from '../../framing/journal-record/layout.ts';
import { findLineEnd } from '../../framing/lines.ts';
import type { Ledger } from '../lane/ledger.ts';
import type { PushEnd } from '../normalizer/entry-decoder.ts';
import type { Normalizer } from '../normalizer/normalizer.ts';
import { LongRecord } from './long-record.ts';
import { QUIET, waitOrQuiet } from './quiet.ts';
import { RangeSender, type ReaderEvents, type ReaderLane } from './range-sender.ts';
import { READ_BYTES } from './read-size.ts';
import { ReadingPosition } from './reading-position.ts';
import { restOfLine } from './rest-of-line.ts';

const LF = 0x0a;
/** Bytes of events at which a batch goes out. */
const BATCH_BYTES = 768 * 1024;
/** What a batch buffer holds without growing: the last event may overshoot. */
export const BATCH_BUFFER_BYTES = BATCH_BYTES + 64 * 1024;

/** What takes the records that a reader finds. */
export type RecordTaker = Pick<
  Normalizer,
  'push' | 'take' | 'checkpoint' | 'readOn' | 'readTo' | 'gap' | 'waiting' | 'isHolding'
>;

/** One pass over a source, from a cursor until its end, within one epoch of the output. */
export class Reader {
  private readonly source: Source;
  private readonly lane: ReaderLane;
  private readonly ledger: Ledger;
  private readonly normalizer: RecordTaker;
  private readonly events: ReaderEvents;
  private readonly limit: number;
  private readonly signal: AbortSignal;
  private readonly position: ReadingPosition;
  private readonly sender: RangeSender;
  /** Bytes behind the position that hold the head of an unfinished record. */
  private held = 0;
  private sizeBytes = READ_BYTES;
  /** What is read of a record of many lines that is longer than a read. */
  private long: LongRecord | undefined;

  constructor(options: {
    source: Source;
    lane: ReaderLane;
    ledger: Ledger;
    normalizer: RecordTaker;
    events: ReaderEvents;
    /** Bytes that are kept of one record. */
    limit: number;
    /** Events of records up to this offset may have been sent before; -1: none was. */
    sentTo: number;
    epoch: AbortSignal;
    /** Aborted when the epoch ends or the probe stops. */
    signal: AbortSignal;
  }) {
    this.source = options.source;
    this.lane = options.lane;
    this.ledger = options.ledger;
    this.normalizer = options.normalizer;
    this.events = options.events;
    this.limit = options.limit;
    this.signal = options.signal;
    this.position = new ReadingPosition(options.source, options.ledger.cursor.checkpoint.offset);
    this.sender = new RangeSender({ ...options, position: this.position });
  }

  /** Takes a checkpoint where reading stands, when it is time for one. */
  refresh(): void {
    this.sender.refresh();
  }

  /** @throws Rewound, or the signal's reason, when the pass was cut short */
  async run(): Promise<void> {
    const { cursor } = this.ledger;
    await this.source.resume?.(cursor);
    await this.position.recall(cursor);
    for (;;) {
      if (this.position.offset + this.held >= this.source.size()) this.caughtUp();
      const news = await this.news();
      if (news !== 'more' && news !== QUIET && news.to !== undefined) {
        await this.passLost(news);
        continue;
      }
      const ended = news !== 'more' && news !== QUIET;
      await this.next(ended, news === QUIET);
      for (;;) {
        const { waiting } = this.normalizer;
        if (waiting === undefined) break;
        await abortable(waiting, this.signal);
        await this.next(ended);
      }
      if (!ended) continue;
      this.caughtUp();
      return this.finish(news);
    }
  }

  /** No more can be read now: whatever follows this source may be read. */
  private caughtUp(): void {
    this.events.caughtUp(() => this.normalizer.checkpoint(this.position.offset));
  }

  private news(): Promise<'more' | typeof QUIET | End | Lost> {
    const { source, position, held, signal } = this;
    return this.normalizer.isHolding
      ? waitOrQuiet(source, position, held, signal)
      : source.wait(position, held, signal);
  }

  private async next(final: boolean, quiet = false): Promise<void> {
    const { long } = this;
    await (long === undefined ? this.chunk(final, quiet) : this.chunkOfLong(long, final, quiet));
  }

  /** Reads on in a record of many lines. Until it is whole, its start is where reading would begin anew. */
  private async chunkOfLong(long: LongRecord, final: boolean, quiet: boolean): Promise<void> {
    const isWhole = await long.readOn(final, quiet);
    this.held = isWhole ? 0 : long.held;
    if (isWhole) this.long = undefined;
  }

  /** Reads once and sends what is whole; `final`: what is not whole too; `quiet`: the entry in hand too, if nothing came. */
  private async chunk(final: boolean, quiet = false): Promise<void> {
    const borrowed = await this.lane.reads.take(this.signal);
    let tooLong: Buffer | undefined;
    try {
      // What is known of the record in hand is all that there will be of it.
      if (final || quiet) this.sizeBytes = Math.max(READ_BYTES, this.held + 1);
      const buffer = this.sizeBytes === READ_BYTES ? borrowed : Buffer.allocUnsafeSlow(this.sizeBytes);
      const startedAt = Date.now();
      const length = await this.source.read(this.position.offset, buffer);
      const framing = this.source.framing();
      if (framing === undefined && !final) {
        this.held = length;
        return;
      }
      const isCut = quiet && length === this.held;
      const end = { final, beyond: 0, quiet: isCut, cuts: this.ledger.cuts };
      const used = await this.push(framing ?? 'lines', buffer, length, end, 0);
      this.held = length - used;
      // What a journal holds may not be all that was written: its input may have to take more.
      const isAtEnd = framing !== 'journal' && length < buffer.length;
      if (isAtEnd) this.normalizer.readTo(startedAt);
      if (used > 0 || length < buffer.length || this.normalizer.waiting !== undefined) {
        this.sizeBytes = READ_BYTES;
      } else if (framing === 'journal') {
        // A journal admits whole records, and its input has bounded their size.
        this.sizeBytes = recordBytes(viewOf(buffer), 0);
        this.held = 0;
      } else if (this.readsOn(framing ?? 'lines', buffer, length)) {
        this.held = 0;
      } else if (buffer.length < this.limit + LONGEST_PART_BYTES) {
        this.sizeBytes = Math.min(buffer.length * 4, this.limit + LONGEST_PART_BYTES);
        this.held = 0;
      } else {
        tooLong = buffer;
      }
    } finally {
      this.lane.reads.give(borrowed);
    }
    if (tooLong !== undefined) await this.passOver(this.source.framing() ?? 'lines', tooLong);
  }

  /** True when the buffer holds lines, but not all, of a record of many. */
  private readsOn(framing: Framing, buffer: Buffer, length: number): boolean {
    const decoder = this.normalizer.readOn(framing);
    if (decoder === undefined || findLineEnd(buffer, 0, length) === -1) return false;
    const { source, lane, ledger, normalizer, position, sender, signal } = this;
    this.long = new LongRecord({
      framing,
      decoder,
      source,
      lane,
      ledger,
      normalizer,
      position,
      sender,
      signal,
    });
    this.sizeBytes = READ_BYTES;
    return true;
  }

  /**
   * Normalizes and sends the whole records of a buffer; `skipBytes` behind it are passed over.
   * @param full bytes of events of a batch; 0: only the first record is sent
   * @returns how many bytes the records had
   */
  private async push(
    framing: Framing,
    bytes: Buffer,
    length: number,
    end: PushEnd,
    skipBytes: number,
    full: number = BATCH_BYTES,
  ): Promise<number> {
    const base = this.position.offset;
    for (let used = 0; ; ) {
      const out = await this.lane.batches.take(this.signal);
      const at = length === 0 ? 0 : this.normalizer.push(framing, bytes, used, length, base, end, out, full);
      if (end.quiet === true && at > used) await this.ledger.cut(base + at);
      if (skipBytes === 0 || at < length) this.position.advance(bytes.subarray(used, at), base + at);
      else await this.sender.passTo(base + at + skipBytes, out);
      this.sender.send(out, at - used);
      if (full === 0 || at === used || at === length || this.normalizer.waiting !== undefined) return at;
      used = at;
    }
  }

  /**
   * The record does not fit: its head makes the event. Of a line that does not fit the rest is passed over; an entry of many
   * lines is cut between two of them. A line that does not fit behind an entry's lines may be another entry: it is looked at
   * when reading stands there.
   */
  private async passOver(framing: Framing, head: Buffer): Promise<void> {
    const { position } = this;
    const lines = head.lastIndexOf(LF) + 1;
    if (lines > this.limit) {
      await this.push(framing, head, lines, { final: true, beyond: 0 }, 0);
    } else {
      const from = position.offset + head.length;
      const { to, lineEnd } = await restOfLine(this.source, position, head, this.lane.reads, this.signal);
      const end = { final: true, beyond: to - from - lineEnd };
      await this.push(framing, head, head.length, end, to - from, 0);
    }
    this.held = 0;
    this.sizeBytes = READ_BYTES;
  }

  /** Goes on behind what cannot be read any more; what was not settled of it counts as dropped. */
  private async passLost(lost: Lost): Promise<void> {
    const out = await this.lane.batches.take(this.signal);
    const { position } = this;
    const { cursor } = this.ledger;
    const from = position.offset > cursor.offset ? position.before : cursor.before;
    const { to } = lost;
    const records = Math.max(0, Number(to.before) - Number(from));
    if (records > 0) this.normalizer.gap(lost.tell(records), to.offset, out);
    position.moveTo(to);
    this.held = 0;
    this.sender.send(out, 0, records);
  }

  private async finish(end: End): Promise<void> {
    const out = await this.lane.batches.take(this.signal);
    const { position } = this;
    const gap = end.gap?.(Math.max(position.offset, this.ledger.cursor.offset));
    if (gap !== undefined) this.normalizer.gap(gap, position.offset, out);
    this.sender.send(out, 0);
    await this.ledger.settled(this.signal);
  }
}
