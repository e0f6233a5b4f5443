import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { type Checkpoint, counted } from '../../core/cursor.ts';
import { RetryableError } from '../../core/errors.ts';
import type { Source } from '../../core/source.ts';
import type { EventBuffer } from '../../ecs/event-buffer.ts';
import type { Correlation } from '../normalizer/correlation.ts';
import type { Filter } from '../normalizer/filter.ts';
import { Normalizer } from '../normalizer/normalizer.ts';
import type { Reading } from '../normalizer/reading.ts';
import type { Tally } from '../normalizer/tally.ts';
import type { ReaderEvents, ReaderLane } from '../reader/range-sender.ts';
import { Reader } from '../reader/reader.ts';
import { Counts, type ReadCounts, type Totals } from './counts.ts';
import { type Delivery, Rewound } from './delivery.ts';
import type { Ledger } from './ledger.ts';

/** Pause after the source itself could not be read. */
const READ_RETRY_MS = 1000;
/** Share of the time that may go into taking checkpoints of a large session. */
const CHECKPOINT_SHARE = 0.01;

/** What a feed uses of its output's lane. */
interface FeedLane extends ReaderLane {
  readonly delivery: Delivery;
}

/**
 * Carries one source to one output, from its cursor to its end, starting again whenever the output has lost what was
 * under way.
 */
export class Feed implements ReaderEvents {
  readonly source: Source;
  readonly ledger: Ledger;
  /** Resolves with the session's state when the present end of the source was reached for the first time. */
  readonly drained: Promise<Checkpoint>;
  private readonly lane: FeedLane;
  private readonly reading: Reading;
  private readonly filter: Filter;
  private readonly correlation: Correlation | undefined;
  private readonly checkpointMs: number;
  private readonly counts: Counts;
  private readonly onSettled: (seconds: number) => void;
  private readonly onEvents: (out: EventBuffer) => void;
  private resolveDrained: ((checkpoint: Checkpoint) => void) | undefined;
  private nextCheckpoint = 0;
  private reader: Reader | undefined;
  private readEvents: number;
  private readTo = 0;
  /** Events of records up to it may have been sent before. */
  private sentTo: number;

  constructor(options: {
    source: Source;
    ledger: Ledger;
    lane: FeedLane;
    reading: Reading;
    filter: Filter;
    /** Joins the source with others of the same broker. */
    correlation: Correlation | undefined;
    /** Offset up to which an earlier run may have sent events; -1: it has sent none. */
    sentBefore: number;
    /** Shortest pause between two checkpoints. */
    checkpointMs: number;
    /** Counts events by data stream. */
    streams: Map<string, number>;
    /** Gets how long after its reading a batch was settled. */
    onSettled: (seconds: number) => void;
    /** Gets the events of each batch once, before they are sent; they are valid during the call. */
    onEvents: (out: EventBuffer) => void;
  }) {
    this.source = options.source;
    this.ledger = options.ledger;
    this.lane = options.lane;
    this.reading = options.reading;
    this.filter = options.filter;
    this.correlation = options.correlation;
    this.checkpointMs = options.checkpointMs;
    this.readEvents = counted(options.ledger.cursor.counters);
    this.sentTo = options.sentBefore;
    this.counts = new Counts(options.streams, options.ledger.cursor.offset);
    this.onSettled = options.onSettled;
    this.onEvents = options.onEvents;
    this.drained = new Promise((resolve) => {
      this.resolveDrained = resolve;
    });
  }

  /** What was read since the start. */
  get totals(): Totals {
    return this.counts.totals;
  }

  /** Events read since the first start, filtered ones included; those that were given up and read again count once. */
  get read(): number {
    return this.readEvents;
  }

  /** Bytes of the source that are not settled. */
  get lag(): number {
    return Math.max(0, this.source.size() - this.ledger.cursor.offset);
  }

  /** Records of the source that are not settled, where they are counted. */
  get recordsToGo(): number {
    return this.source.recordsBehind?.(this.ledger.cursor) ?? 0;
  }

  /** Bytes of the source that are not in any batch yet. */
  get unread(): number {
    return Math.max(0, this.source.size() - this.readTo);
  }

  /** Lets the cursor's checkpoint follow when little happens. To be called now and then. */
  refresh(): void {
    this.reader?.refresh();
  }

  /** Runs until the source has ended and has been read, or until `stop` is aborted. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        await this.lane.delivery.ready(stop);
        const epoch = this.lane.delivery.signal;
        await this.pass(epoch, AbortSignal.any([stop, epoch]));
        return;
      } catch (error) {
        if (stop.aborted) return;
        this.readEvents -= this.ledger.pending;
        this.sentTo = Math.max(this.sentTo, this.readTo);
        for (const { read } of this.ledger.rewind()) if (read !== undefined) this.counts.giveUp(read);
        if (error instanceof RetryableError) await pause(error.retryAfterMs ?? READ_RETRY_MS, stop);
        else if (!(error instanceof Rewound) && !isAbort(error)) throw error;
      }
    }
  }

  tally(tally: Tally, bytes: number, out: EventBuffer, readTo: number): ReadCounts {
    const streams = new Map<string, number>();
    out.countStreams(streams);
    const read = { tally, streams };
    this.counts.add(read, bytes, readTo);
    this.readEvents += tally.events + tally.filtered + tally.dropped;
    this.readTo = readTo;
    // What is read again was told before.
    if (out.count > 0 && readTo > this.sentTo) this.onEvents(out);
    return read;
  }

  caughtUp(take: () => Checkpoint): void {
    this.resolveDrained?.(take());
    this.resolveDrained = undefined;
  }

  checkpoint(take: () => Checkpoint): Checkpoint | undefined {
    const start = performance.now();
    if (start < this.nextCheckpoint) return undefined;
    const checkpoint = take();
    const costMs = performance.now() - start;
    this.nextCheckpoint = start + Math.max(this.checkpointMs, costMs / CHECKPOINT_SHARE);
    return checkpoint;
  }

  settled(readAt: number): void {
    this.onSettled((performance.now() - readAt) / 1000);
  }

  private async pass(epoch: AbortSignal, signal: AbortSignal): Promise<void> {
    const { source, ledger, lane, reading } = this;
    this.nextCheckpoint = 0;
    const normalizer = new Normalizer(source, reading, this.filter, ledger.cursor, this.correlation);
    this.reader = new Reader({
      source,
      lane,
      ledger,
      normalizer,
      events: this,
      limit: reading.limit,
      sentTo: this.sentTo,
      epoch,
      signal,
    });
    await this.reader.run().finally(() => {
      this.reader = undefined;
    });
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
