import { setTimeout as delay } from 'node:timers/promises';
import type { Checkpoint, Cursor } from '../../core/cursor.ts';
import { RetryableError } from '../../core/errors.ts';
import type { Journal, Source } from '../../core/source.ts';
import { abortable } from '../../core/waiting/abortable.ts';
import { Pool } from '../../core/waiting/pool.ts';
import { EventBuffer } from '../../ecs/event-buffer.ts';
import { type Delivery, Rewound } from '../lane/delivery.ts';
import { Ledger } from '../lane/ledger.ts';
import type { EntrySettings } from '../normalizer/entry-decoder.ts';
import type { ReaderEvents } from '../reader/range-sender.ts';
import { READ_BYTES } from '../reader/read-size.ts';
import { Reader } from '../reader/reader.ts';
import { LineTaker } from './line-taker.ts';

/** Pause after the source itself could not be read. */
const READ_RETRY_MS = 1000;
/** Reads whose lines may wait for the disk. */
const UNDER_WAY = 4;

/** Buffers that the copies of one input share. */
export class CopyBuffers {
  readonly reads: Pool<Buffer> = new Pool<Buffer>([Buffer.allocUnsafeSlow(READ_BYTES)]);
  /** They stay empty: what is taken goes into the journal. */
  readonly batches = new Pool(Array.from({ length: UNDER_WAY }, () => new EventBuffer(0)));
}

/** Copies the lines of one file into a journal, from a cursor to its end. The cursor moves when the lines are safe there. */
export class Copy implements ReaderEvents {
  /** Resolves when the present end of the file was reached for the first time, or nothing will come of it. */
  readonly drained: Promise<void>;
  private readonly source: Source;
  private readonly journal: Journal;
  private readonly settings: EntrySettings;
  private readonly buffers: CopyBuffers;
  private readonly taken: Map<string, number>;
  private readonly ledger: Ledger;
  private readonly after: Promise<void> | undefined;
  private resolveDrained: () => void = () => {};

  constructor(options: {
    source: Source;
    journal: Journal;
    settings: EntrySettings;
    buffers: CopyBuffers;
    /** See `LineTaker`. */
    taken: Map<string, number>;
    cursor: Cursor;
    moved: (cursor: Cursor) => void;
    /** See `Ledger`. */
    keep: () => Promise<void>;
    /** What has to come first. */
    after: Promise<void> | undefined;
  }) {
    this.source = options.source;
    this.journal = options.journal;
    this.settings = options.settings;
    this.buffers = options.buffers;
    this.taken = options.taken;
    this.ledger = new Ledger(options.cursor, options.moved, options.keep);
    this.after = options.after;
    this.drained = new Promise((resolve) => {
      this.resolveDrained = resolve;
    });
  }

  /** Bytes of the file that are not safe in the journal. */
  get lag(): number {
    return Math.max(0, this.source.size() - this.ledger.cursor.offset);
  }

  /** Runs until the file has ended and all of it is safe, or until `stop` is aborted. */
  async run(stop: AbortSignal): Promise<void> {
    try {
      if (this.after !== undefined) await abortable(this.after, stop);
      while (!(await this.passed(stop))) this.ledger.rewind();
    } catch (error) {
      if (!stop.aborted) throw error;
    } finally {
      this.resolveDrained();
    }
  }

  /** @returns false when the file could not be read, after a pause @throws when the probe stops */
  private async passed(stop: AbortSignal): Promise<boolean> {
    try {
      await this.pass(stop);
      return true;
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      await delay(error.retryAfterMs ?? READ_RETRY_MS, undefined, { signal: stop });
      return false;
    }
  }

  tally(): undefined {
    // The lines are counted when they are read from the journal.
  }

  caughtUp(): void {
    this.resolveDrained();
  }

  checkpoint(take: () => Checkpoint): Checkpoint {
    return take();
  }

  settled(): void {
    // How long it took is measured from the journal to the output.
  }

  private async pass(stop: AbortSignal): Promise<void> {
    const { source, journal, settings, taken, ledger } = this;
    const taker = new LineTaker({
      source: source.id,
      settings,
      journal,
      taken,
      cursor: ledger.cursor,
      signal: stop,
    });
    const send: Delivery['send'] = async (_batch, _epoch, settle) => {
      // It fails only when the probe stops: what is not safe then is read again.
      await taker.safe().catch(() => {
        throw new Rewound();
      });
      settle({ delivered: 0, duplicates: 0, dead: 0 });
    };
    const reader = new Reader({
      source,
      lane: { delivery: { send }, reads: this.buffers.reads, batches: this.buffers.batches },
      ledger,
      normalizer: taker,
      events: this,
      limit: settings.limit,
      sentTo: -1,
      epoch: stop,
      signal: stop,
    });
    try {
      await reader.run();
    } finally {
      // The next pass does not take again what this one has.
      await taker.safe().catch(() => {});
    }
  }
}
