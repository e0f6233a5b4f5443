import type { Checkpoint } from '../../core/cursor.ts';
import type { Source } from '../../core/source.ts';
import type { Pool } from '../../core/waiting/pool.ts';
import type { EventBuffer } from '../../ecs/event-buffer.ts';
import type { ReadCounts } from '../lane/counts.ts';
import { type Delivery, Rewound } from '../lane/delivery.ts';
import type { Ledger, Settlement } from '../lane/ledger.ts';
import type { Normalizer } from '../normalizer/normalizer.ts';
import type { Tally } from '../normalizer/tally.ts';
import type { ReadingPosition } from './reading-position.ts';

/** What a reader uses of its output's lane. */
export interface ReaderLane {
  readonly delivery: Pick<Delivery, 'send'>;
  readonly reads: Pool<Buffer>;
  readonly batches: Pool<EventBuffer>;
}

/** Told by a reader as it goes. */
export interface ReaderEvents {
  /**
   * @param out the events of the records
   * @param readTo offset in the source behind the last record
   * @returns what has to be told when the range is given up; undefined: nothing
   */
  tally(tally: Tally, bytes: number, out: EventBuffer, readTo: number): ReadCounts | undefined;
  /** The present end of the source was reached. */
  caughtUp(take: () => Checkpoint): void;
  /** A checkpoint, when it is time for one. */
  checkpoint(take: () => Checkpoint): Checkpoint | undefined;
  /** @param readAt reading of `performance.now` when the batch was read */
  settled(readAt: number): void;
}

/** Enters ranges of a source in its ledger and hands their events to the output. */
export class RangeSender {
  private readonly source: Source;
  private readonly lane: ReaderLane;
  private readonly ledger: Ledger;
  private readonly normalizer: Pick<Normalizer, 'take' | 'checkpoint'>;
  private readonly events: ReaderEvents;
  private readonly sentTo: number;
  private readonly epoch: AbortSignal;
  private readonly position: ReadingPosition;
  /** Offset behind the records of the last range. */
  private sent: number;
  /** Where the last checkpoint was taken. */
  private checkpointAt: number;

  constructor(options: {
    source: Source;
    lane: ReaderLane;
    ledger: Ledger;
    normalizer: Pick<Normalizer, 'take' | 'checkpoint'>;
    events: ReaderEvents;
    /** Events of records up to this offset may have been sent before; -1: none was. */
    sentTo: number;
    epoch: AbortSignal;
    /** Where reading stands: a range ends there. */
    position: ReadingPosition;
  }) {
    this.source = options.source;
    this.lane = options.lane;
    this.ledger = options.ledger;
    this.normalizer = options.normalizer;
    this.events = options.events;
    this.sentTo = options.sentTo;
    this.epoch = options.epoch;
    this.position = options.position;
    this.sent = this.position.offset;
    this.checkpointAt = this.position.offset;
  }

  /** Takes a checkpoint where reading stands, when it is time for one: a source that is at rest is not read again. */
  refresh(): void {
    const { offset, before } = this.position;
    if (offset <= Math.max(this.checkpointAt, this.ledger.cursor.offset - 1)) return;
    const checkpoint = this.checkpoint();
    if (checkpoint === undefined) return;
    const range = { to: offset, before, events: 0, filtered: 0, dropped: 0, checkpoint };
    this.ledger.begin(range)({ delivered: 0, duplicates: 0, dead: 0 });
  }

  /**
   * Sends the events of the records up to where reading stands; the buffer goes back to the pool by itself.
   * @param bytes those of the records
   * @param dropped records of the range that could not be read
   */
  send(out: EventBuffer, bytes: number, dropped = 0): void {
    const { offset: to, before } = this.position;
    const resent = this.sent <= this.sentTo;
    this.sent = to;
    const tally = { ...this.normalizer.take(), dropped };
    const read = this.events.tally(tally, bytes, out, to);
    const done = (): void => this.giveBack(out);
    const { events, filtered } = tally;
    const isBehindCursor = to <= this.ledger.cursor.offset && events + dropped === 0;
    if (isBehindCursor) {
      done();
      return;
    }
    const checkpoint = this.checkpoint();
    const range = {
      to,
      before,
      events,
      filtered,
      dropped,
      ...(checkpoint && { checkpoint }),
      ...(read && { read }),
    };
    const settle = this.ledger.begin(range);
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

  /**
   * Goes on to an offset behind the records of the next range, whose last bytes are not at hand.
   * @param out their events; it goes back to the pool when the source cannot be read
   */
  async passTo(offset: number, out: EventBuffer): Promise<void> {
    try {
      await this.position.pass(offset);
    } catch (error) {
      this.giveBack(out);
      throw error;
    }
  }

  private giveBack(out: EventBuffer): void {
    out.clear();
    this.lane.batches.give(out);
  }

  private checkpoint(): Checkpoint | undefined {
    const { offset } = this.position;
    const checkpoint = this.events.checkpoint(() => this.normalizer.checkpoint(offset));
    if (checkpoint !== undefined) this.checkpointAt = offset;
    return checkpoint;
  }
}
