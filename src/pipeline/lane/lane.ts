import { type Counters, type Cursor, counted, NO_COUNTERS } from '../../core/cursor.ts';
import type { Logger } from '../../core/log.ts';
import type { Graveyard, Output } from '../../core/output.ts';
import type { Source } from '../../core/source.ts';
import { abortable } from '../../core/waiting/abortable.ts';
import { Pool } from '../../core/waiting/pool.ts';
import { EventBuffer } from '../../ecs/event-buffer.ts';
import { Correlation } from '../normalizer/correlation.ts';
import { Filter, type FilterLists } from '../normalizer/filter.ts';
import type { Join, Reading } from '../normalizer/reading.ts';
import { READ_BYTES } from '../reader/read-size.ts';
import { BATCH_BUFFER_BYTES } from '../reader/reader.ts';
import { addTotals, type Totals } from './counts.ts';
import type { CursorStore } from './cursor-store.ts';
import { Delivery } from './delivery.ts';
import { Feed } from './feed.ts';
import { Ledger } from './ledger.ts';
import { Succession } from './succession.ts';

/** Buffers of one output: one is filled while the others are on their way. */
const BATCH_BUFFERS = 3;
const READ_BUFFERS = 2;

/** Numbers of one output; `read` is the sum of all the others at every moment. */
interface Balance extends Counters {
  readonly read: number;
  readonly pending: number;
}

/** One output with everything that is carried to it. Its memory is these buffers, however many sources there are. */
export class Lane {
  readonly name: string;
  readonly type: string;
  readonly delivery: Delivery;
  readonly output: Output;
  private readonly reads: Pool<Buffer> = new Pool<Buffer>(
    Array.from({ length: READ_BUFFERS }, () => Buffer.allocUnsafeSlow(READ_BYTES)),
  );
  private readonly batches = new Pool(
    Array.from({ length: BATCH_BUFFERS }, () => new EventBuffer(BATCH_BUFFER_BYTES)),
  );
  private readonly filters: FilterLists;
  private readonly cursors: CursorStore;
  private readonly checkpointMs: number;
  private readonly onSettled: (seconds: number) => void;
  private readonly onEvents: (out: EventBuffer) => void;
  private readonly running = new Set<Feed>();
  private readonly feeds = new WeakMap<Source, Promise<Feed | undefined>>();
  private readonly succession: Succession;
  /** By broker. */
  private readonly correlations = new Map<string, Correlation>();
  /** Totals of sources that have ended, by input. */
  private readonly ended = new Map<string, Totals>();
  /** Events by input and data stream. */
  private readonly streams = new Map<string, Map<string, number>>();

  constructor(options: {
    name: string;
    type: string;
    output: Output;
    filters: FilterLists;
    cursors: CursorStore;
    checkpointMs: number;
    graveyard: Graveyard;
    log: Logger;
    onSettled: (seconds: number) => void;
    /** Gets the events of each batch once, before they are sent; they are valid during the call. Absent: nobody wants them. */
    onEvents?: (out: EventBuffer) => void;
  }) {
    this.name = options.name;
    this.type = options.type;
    this.output = options.output;
    this.delivery = new Delivery(options.name, options.output, options.graveyard, options.log);
    this.filters = options.filters;
    this.cursors = options.cursors;
    this.succession = new Succession(options.cursors);
    this.checkpointMs = options.checkpointMs;
    this.onSettled = options.onSettled;
    this.onEvents = options.onEvents ?? (() => {});
  }

  /** Bytes of journals that no batch holds yet. */
  get unread(): number {
    let sum = 0;
    for (const feed of this.running) if (!feed.source.durable) sum += feed.unread;
    return sum;
  }

  /** Bytes of an input's sources that are not settled. */
  lag(input: string): number {
    let sum = 0;
    for (const feed of this.running) if (feed.source.input === input) sum += feed.lag;
    return sum;
  }

  /** What is not settled: bytes of all sources, and records of those that are in the spool. */
  toGo(): { bytesToGo: number; recordsToGo: number } {
    let [bytesToGo, recordsToGo] = [0, 0];
    for (const feed of this.running) {
      bytesToGo += feed.lag;
      recordsToGo += feed.recordsToGo;
    }
    return { bytesToGo, recordsToGo };
  }

  /** What was read of each source of an input since the start. */
  inputTotals(input: string): Totals[] {
    const totals = [...this.running].filter((feed) => feed.source.input === input).map((feed) => feed.totals);
    const ended = this.ended.get(input);
    return ended === undefined ? totals : [...totals, ended];
  }

  /** Events since the start. */
  *eventCounts(): Iterable<{ input: string; dataset: string; count: number }> {
    for (const [input, streams] of this.streams) {
      for (const [stream, count] of streams) {
        yield { input, dataset: stream.slice(stream.indexOf('-') + 1, stream.lastIndexOf('-')), count };
      }
    }
  }

  /**
   * Carries a source to the output.
   * @param filters of the source's input
   * @param after its session goes on in this source, when this output has never read it
   * @returns resolves when it was read and settled to its end, or when `stop` is aborted
   */
  async carry(
    source: Source,
    reading: Reading,
    filters: FilterLists,
    after: Source | undefined,
    stop: AbortSignal,
  ): Promise<void> {
    const opening = this.open(source, reading, filters, after, stop);
    this.feeds.set(source, opening);
    const feed = await opening;
    if (feed === undefined) return;
    await feed.run(stop);
    if (stop.aborted) return;
    this.running.delete(feed);
    this.succession.ended(source);
    const ended = this.ended.get(source.input);
    if (ended === undefined) this.ended.set(source.input, feed.totals);
    else addTotals(ended, feed.totals);
  }

  /** Lets the cursors' checkpoints follow when little happens. To be called before the cursors are saved. */
  refresh(): void {
    for (const feed of this.running) feed.refresh();
  }

  /** Totals since the first start. */
  balance(): Balance {
    const counters = this.cursors.totals();
    let read = counted(counters);
    let pending = 0;
    for (const feed of this.running) {
      read += feed.read - counted(feed.ledger.cursor.counters);
      pending += feed.ledger.pending;
    }
    return { read, ...counters, pending };
  }

  /** Dead letters of a source were replayed and taken. */
  revive(source: string, letters: number): void {
    const feed = [...this.running].find((running) => running.source.id === source);
    if (feed === undefined) this.cursors.revive(source, letters);
    else feed.ledger.revive(letters);
  }

  /** A feed of a source, as soon as its cursor is known; undefined when `stop` is aborted before. */
  private async open(
    source: Source,
    reading: Reading,
    filters: FilterLists,
    after: Source | undefined,
    stop: AbortSignal,
  ): Promise<Feed | undefined> {
    const saved = this.cursors.load(source);
    const cursor = saved ?? (await this.inherit(source, after, stop));
    if (cursor === undefined) return undefined;
    let predecessor = after;
    const moved = (to: Cursor): void => {
      this.cursors.save(source, to);
      if (predecessor !== undefined) this.succession.goesOn(predecessor, this.isRead(predecessor));
      // Else each source would hold the one before it in memory.
      predecessor = undefined;
      source.settled(this.name, to.offset, to.checkpoint.offset);
    };
    const ledger = new Ledger(cursor, moved, () => this.cursors.keep());
    const feed = new Feed({
      source,
      ledger,
      lane: { delivery: this.delivery, reads: this.reads, batches: this.batches },
      reading,
      filter: new Filter([filters, this.filters], reading.leftOut),
      correlation: reading.join && this.correlationOf(reading.join),
      sentBefore: this.cursors.sentBefore(source),
      checkpointMs: this.checkpointMs,
      streams: this.streamsOf(source.input),
      onSettled: this.onSettled,
      onEvents: this.onEvents,
    });
    this.running.add(feed);
    return feed;
  }

  private isRead(source: Source): boolean {
    return [...this.running].some((feed) => feed.source === source);
  }

  private correlationOf({ broker, waitMs }: Join): Correlation {
    const correlation = this.correlations.get(broker) ?? new Correlation(waitMs);
    this.correlations.set(broker, correlation);
    return correlation;
  }

  private streamsOf(input: string): Map<string, number> {
    const counts = this.streams.get(input) ?? new Map<string, number>();
    this.streams.set(input, counts);
    return counts;
  }

  /** The cursor of a source that this output has never read: its beginning, with the session of the one before it. */
  private async inherit(
    { begins: offset = 0 }: Source,
    after: Source | undefined,
    stop: AbortSignal,
  ): Promise<Cursor | undefined> {
    const before = after && (await this.feeds.get(after));
    try {
      const checkpoint = before === undefined ? undefined : await abortable(before.drained, stop);
      const state = checkpoint?.state;
      return {
        offset,
        before: '',
        checkpoint: { offset, sequence: 0, ...(state && { state }) },
        counters: NO_COUNTERS,
      };
    } catch {
      return undefined;
    }
  }
}
