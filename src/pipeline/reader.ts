import { FINGERPRINT_BYTES, fingerprint } from '../core/fingerprint.ts';
import type { End, Framing, Lost, Source } from '../core/source.ts';
import type { EventBuffer } from '../ecs/event-buffer.ts';
import { QUIET_MS } from '../framing/entries.ts';
import { recordBytes, sequenceBehind } from '../framing/journal-record.ts';
import { type ContinuedDecoder, findLineEnd } from '../framing/lines.ts';
import { abortable } from './abortable.ts';
import { type Delivery, Rewound } from './delivery.ts';
import type { Checkpoint, Ledger, Settlement } from './ledger.ts';
import type { Normalizer, PushEnd } from './normalizer.ts';
import type { Pool } from './pool.ts';
import type { Tally } from './tally.ts';

/** Bytes read at once. */
export const READ_BYTES = 64 * 1024;
/** No container runtime writes longer lines, whatever it escapes. */
const LONGEST_PART_BYTES = 256 * 1024;
/** Bytes of events at which a batch goes out. */
const BATCH_BYTES = 768 * 1024;
/** What a batch buffer holds without growing: the last event may overshoot. */
export const BATCH_BUFFER_BYTES = BATCH_BYTES + 64 * 1024;

const QUIET = Symbol('quiet');
const LF = 0x0a;

/** What a reader uses of its output's lane. */
export interface ReaderLane {
  readonly delivery: Delivery;
  readonly reads: Pool<Buffer>;
  readonly batches: Pool<EventBuffer>;
}

/** Told by a reader as it goes. */
export interface ReaderEvents {
  /**
   * @param out the events of the records
   * @param readTo offset in the source behind the last record
   */
  tally(tally: Tally, bytes: number, out: EventBuffer, readTo: number): void;
  /** The present end of the source was reached. */
  caughtUp(take: () => Checkpoint): void;
  /** A checkpoint, when it is time for one. */
  checkpoint(take: () => Checkpoint): Checkpoint | undefined;
  /** @param readAt reading of `performance.now` when the batch was read */
  settled(readAt: number): void;
}

/** One pass over a source, from a cursor until its end, within one epoch of the output. */
export class Reader {
  private readonly source: Source;
  private readonly lane: ReaderLane;
  private readonly ledger: Ledger;
  private readonly normalizer: Normalizer;
  private readonly events: ReaderEvents;
  private readonly limit: number;
  private readonly sentTo: number;
  private readonly epoch: AbortSignal;
  private readonly signal: AbortSignal;
  private offset: number;
  /** Offset behind the records of the last batch. */
  private sent: number;
  /** Bytes behind `offset` that hold the head of an unfinished record. */
  private held = 0;
  private tail: Buffer = Buffer.alloc(0);
  private before = '';
  private sizeBytes = READ_BYTES;
  /** A record of many lines that is longer than a read: what is known of it, and where in the source it goes on. */
  private long: { readonly decoder: ContinuedDecoder; at: number } | undefined;
  /** Where the last checkpoint was taken. */
  private checkpointAt: number;

  constructor(options: {
    source: Source;
    lane: ReaderLane;
    ledger: Ledger;
    normalizer: Normalizer;
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
    this.sentTo = options.sentTo;
    this.epoch = options.epoch;
    this.signal = options.signal;
    this.offset = options.ledger.cursor.checkpoint.offset;
    this.checkpointAt = this.offset;
    this.sent = this.offset;
  }

  /** Takes a checkpoint where reading stands, when it is time for one: a source that is at rest is not read again. */
  refresh(): void {
    const { offset, before } = this;
    if (offset <= Math.max(this.checkpointAt, this.ledger.cursor.offset - 1)) return;
    const checkpoint = this.checkpoint();
    if (checkpoint === undefined) return;
    const range = { to: offset, before, events: 0, filtered: 0, dropped: 0, checkpoint };
    this.ledger.begin(range)({ delivered: 0, duplicates: 0, dead: 0 });
  }

  /** @throws Rewound, or the signal's reason, when the pass was cut short */
  async run(): Promise<void> {
    await this.recall();
    for (;;) {
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
      if (this.offset + this.held >= this.source.size()) {
        this.events.caughtUp(() => this.normalizer.checkpoint(this.offset));
      }
      if (ended) return this.finish(news);
    }
  }

  /** What comes next; `QUIET`: for a while nothing has followed an entry that waits for the next one. */
  private async news(): Promise<'more' | typeof QUIET | End | Lost> {
    const position = { offset: this.offset, before: this.before };
    if (!this.normalizer.isHolding) return this.source.wait(position, this.held, this.signal);
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(QUIET), QUIET_MS);
    try {
      const either = AbortSignal.any([this.signal, patience.signal]);
      return await this.source.wait(position, this.held, either);
    } catch (error) {
      if (error === QUIET) return QUIET;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Learns the bytes before the start, so that the position can be recognised later. */
  private async recall(): Promise<void> {
    if (this.source.framing() === 'journal') {
      const { cursor } = this.ledger;
      this.before = cursor.offset === this.offset ? cursor.before : '';
      return;
    }
    const from = Math.max(0, this.offset - FINGERPRINT_BYTES);
    const tail = Buffer.alloc(this.offset - from);
    if (tail.length > 0) await this.source.read(from, tail);
    this.tail = tail;
    this.before = fingerprint(tail);
  }

  private async next(final: boolean, quiet = false): Promise<void> {
    const { long } = this;
    await (long === undefined ? this.chunk(final, quiet) : this.chunkOfLong(long, final));
  }

  /** Reads on in a record of many lines. It is sent when it is whole: until then its start is where reading would begin anew. */
  private async chunkOfLong(long: NonNullable<Reader['long']>, final: boolean): Promise<void> {
    const borrowed = await this.lane.reads.take(this.signal);
    try {
      const buffer = this.sizeBytes === READ_BYTES ? borrowed : Buffer.allocUnsafeSlow(this.sizeBytes);
      const framing = this.source.framing() ?? 'lines';
      const { decoder } = long;
      const length = await this.source.read(long.at, buffer);
      // No runtime writes lines of that length: what is there is the record's end.
      const isTooLong = buffer.length >= LONGEST_PART_BYTES && findLineEnd(buffer, 0, length) === -1;
      const out = await this.lane.batches.take(this.signal);
      const end = { final: final || isTooLong, beyond: 0 };
      const to = isTooLong ? 0 : length;
      // Full with the first event: it stops behind this record.
      const used = this.normalizer.push(framing, buffer, 0, to, long.at, end, out, 0, decoder.decode);
      const from = this.offset;
      long.at += used;
      this.sizeBytes = used === 0 && length === buffer.length ? LONGEST_PART_BYTES : READ_BYTES;
      this.held = length < buffer.length ? long.at + length - used - from : 0;
      if (end.final || (used > 0 && !decoder.isOpen)) {
        this.long = undefined;
        this.sizeBytes = READ_BYTES;
        this.held = 0;
        this.offset = long.at;
        await this.recall();
      }
      this.send(out, this.offset - from);
    } finally {
      this.lane.reads.give(borrowed);
    }
  }

  /** Reads once and sends what is whole; `final`: what is not whole too; `quiet`: the entry in hand too, if nothing came. */
  private async chunk(final: boolean, quiet = false): Promise<void> {
    const borrowed = await this.lane.reads.take(this.signal);
    try {
      if (quiet && this.held >= READ_BYTES) this.sizeBytes = this.held + 1;
      const buffer = this.sizeBytes === READ_BYTES ? borrowed : Buffer.allocUnsafeSlow(this.sizeBytes);
      const startedAt = Date.now();
      const size = this.source.size();
      const length = await this.source.read(this.offset, buffer);
      const framing = this.source.framing();
      if (framing === undefined && !final) {
        this.held = length;
        return;
      }
      const isCut = quiet && length === this.held;
      const end = { final, beyond: 0, quiet: isCut, cuts: this.ledger.cuts };
      const used = await this.push(framing ?? 'lines', buffer, length, end, 0);
      if (isCut) this.ledger.cut(this.offset);
      this.held = length - used;
      // A journal gives whole records only: a short read is no end.
      const isAtEnd = framing === 'journal' ? this.offset >= size : length < buffer.length;
      if (isAtEnd) this.normalizer.readTo(startedAt);
      if (used > 0 || length < buffer.length || this.normalizer.waiting !== undefined) {
        this.sizeBytes = READ_BYTES;
      } else if (framing === 'journal') {
        // A journal admits whole records, and its input has bounded their size.
        this.sizeBytes = recordBytes(buffer, 0);
        this.held = 0;
      } else if (this.readsOn(framing ?? 'lines', buffer, length)) {
        this.held = 0;
      } else if (buffer.length < this.limit + READ_BYTES) {
        this.sizeBytes = Math.min(buffer.length * 4, this.limit + READ_BYTES);
        this.held = 0;
      } else {
        await this.passOver(framing ?? 'lines', buffer, borrowed);
      }
    } finally {
      this.lane.reads.give(borrowed);
    }
  }

  /** True when the buffer holds lines, but not all, of a record of many. */
  private readsOn(framing: Framing, buffer: Buffer, length: number): boolean {
    const decoder = this.normalizer.readOn(framing);
    if (decoder === undefined || findLineEnd(buffer, 0, length) === -1) return false;
    this.long = { decoder, at: this.offset };
    this.sizeBytes = READ_BYTES;
    return true;
  }

  /**
   * Normalizes and sends the whole records of a buffer; `skipBytes` behind it are passed over.
   * @returns how many bytes the records had
   */
  private async push(
    framing: Framing,
    bytes: Buffer,
    length: number,
    end: PushEnd,
    skipBytes: number,
  ): Promise<number> {
    const base = this.offset;
    for (let used = 0; ; ) {
      const out = await this.lane.batches.take(this.signal);
      const at =
        length === 0 ? 0 : this.normalizer.push(framing, bytes, used, length, base, end, out, BATCH_BYTES);
      this.remember(bytes.subarray(used, at));
      this.offset = base + at + (at === length ? skipBytes : 0);
      this.send(out, at - used);
      if (at === used || at === length || this.normalizer.waiting !== undefined) return at;
      used = at;
    }
  }

  /** The record does not fit: its head makes the event, the rest up to the line end is passed over. */
  private async passOver(framing: Framing, head: Buffer, scratch: Buffer): Promise<void> {
    const from = this.offset + head.length;
    let to = from;
    let lineEnd = 0;
    // An entry of many lines may have been cut between two of them.
    while (head.at(-1) !== LF) {
      const length = await this.source.read(to, scratch);
      const end = findLineEnd(scratch, 0, length);
      lineEnd = end === -1 ? 0 : 1;
      to += end === -1 ? length : end + 1;
      if (end !== -1) break;
      if (length > 0) continue;
      const position = { offset: this.offset, before: this.before };
      if ((await this.source.wait(position, to - this.offset, this.signal)) !== 'more') break;
    }
    await this.push(framing, head, head.length, { final: true, beyond: to - from - lineEnd }, to - from);
    await this.recall();
    this.held = 0;
    this.sizeBytes = READ_BYTES;
  }

  /** Goes on behind what cannot be read any more; what was not settled of it counts as dropped. */
  private async passLost(lost: Lost): Promise<void> {
    const out = await this.lane.batches.take(this.signal);
    const { cursor } = this.ledger;
    const from = this.offset > cursor.offset ? this.before : cursor.before;
    const { to } = lost;
    const records = Math.max(0, Number(to.before) - Number(from));
    if (records > 0) this.normalizer.gap(lost.tell(records), to.offset, out);
    this.offset = to.offset;
    this.before = to.before;
    this.held = 0;
    this.send(out, 0, records);
  }

  private async finish(end: End): Promise<void> {
    const out = await this.lane.batches.take(this.signal);
    if (end.gap !== undefined) this.normalizer.gap(end.gap, this.offset, out);
    this.send(out, 0);
    await this.ledger.settled(this.signal);
  }

  /**
   * Enters the range in the ledger and hands its events over; the buffer goes back to the pool by itself.
   * @param dropped records of the range that could not be read
   */
  private send(out: EventBuffer, bytes: number, dropped = 0): void {
    const resent = this.sent <= this.sentTo;
    this.sent = this.offset;
    const tally = { ...this.normalizer.take(), dropped };
    this.events.tally(tally, bytes, out, this.offset);
    const done = (): void => {
      out.clear();
      this.lane.batches.give(out);
    };
    const behindCursor = this.offset <= this.ledger.cursor.offset && tally.events + dropped === 0;
    if (behindCursor) {
      done();
      return;
    }
    const { offset: to, before } = this;
    const checkpoint = this.checkpoint();
    const { events, filtered } = tally;
    const settle = this.ledger.begin({
      to,
      before,
      events,
      filtered,
      dropped,
      ...(checkpoint && { checkpoint }),
    });
    if (events === 0) {
      settle({ delivered: 0, duplicates: 0, dead: 0 });
      done();
      return;
    }
    const readAt = performance.now();
    const settled = (settlement: Settlement): void => {
      settle(settlement);
      this.events.settled(readAt);
    };
    this.lane.delivery
      .send({ ...out.contents(), source: this.source.id, resent }, this.epoch, settled)
      .catch((error: unknown) => {
        if (!(error instanceof Rewound)) throw error;
      })
      .finally(done);
  }

  private checkpoint(): Checkpoint | undefined {
    const checkpoint = this.events.checkpoint(() => this.normalizer.checkpoint(this.offset));
    if (checkpoint !== undefined) this.checkpointAt = this.offset;
    return checkpoint;
  }

  private remember(bytes: Buffer): void {
    if (this.source.framing() === 'journal') {
      if (this.source.durable && bytes.length > 0) this.before = String(sequenceBehind(bytes));
      return;
    }
    const joined = bytes.length >= FINGERPRINT_BYTES ? bytes : Buffer.concat([this.tail, bytes]);
    this.tail = Buffer.from(joined.subarray(Math.max(0, joined.length - FINGERPRINT_BYTES)));
    this.before = this.source.durable ? fingerprint(this.tail) : '';
  }
}
