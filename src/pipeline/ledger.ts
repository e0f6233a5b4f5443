import type { JsonObject } from '../core/event.ts';
import { abortable } from './abortable.ts';

/** A place from which the reading of a source can start: the session's state there, and the number of the next event. */
export interface Checkpoint {
  readonly offset: number;
  readonly sequence: number;
  /** Undefined: nothing has been read yet. */
  readonly state?: JsonObject;
  /** It stands in the rest of an entry whose head was longer than the limit: the lines up to the next entry are passed over. */
  readonly passing?: boolean;
}

/** How far one output has got in one source. Saved as a whole, so that counters and position always agree. */
export interface Cursor {
  /** Every record before it is settled. */
  readonly offset: number;
  /** By what the place is recognised; see `Position`. */
  readonly before: string;
  /** At or before `offset`: reading starts here, and what lies before `offset` makes no events. */
  readonly checkpoint: Checkpoint;
  readonly counters: Counters;
  /** Behind the checkpoint, offsets at which an entry ended because nothing followed it for a while; absent: none. */
  readonly cuts?: readonly number[];
}

/** What became of the events of the settled records. */
export interface Counters {
  readonly delivered: number;
  readonly duplicates: number;
  readonly filtered: number;
  /** Kept as dead letters. */
  readonly dead: number;
  /** Records that were lost before they became events: a full spool, damage. */
  readonly dropped: number;
}

export const NO_COUNTERS: Counters = { delivered: 0, duplicates: 0, filtered: 0, dead: 0, dropped: 0 };

/** Totals after one of the counters that they are the sum of has moved. */
export function advanced(totals: Counters, from: Counters, to: Counters): Counters {
  return {
    delivered: totals.delivered + to.delivered - from.delivered,
    duplicates: totals.duplicates + to.duplicates - from.duplicates,
    filtered: totals.filtered + to.filtered - from.filtered,
    dead: totals.dead + to.dead - from.dead,
    dropped: totals.dropped + to.dropped - from.dropped,
  };
}

/** Events that the counters tell of. */
export function counted(counters: Counters): number {
  return Object.values(counters).reduce((sum, count) => sum + count, 0);
}

/** Dead letters were replayed and taken. No more of them than there are dead ones. */
export function revived(counters: Counters, letters: number): Counters {
  const taken = Math.min(letters, counters.dead);
  return { ...counters, dead: counters.dead - taken, delivered: counters.delivered + taken };
}

/** A stretch of a source on its way through an output. */
export interface Range {
  readonly to: number;
  readonly before: string;
  readonly events: number;
  readonly filtered: number;
  /** Records of it that are lost. */
  readonly dropped: number;
  /** The state at `to`, taken now and then. */
  readonly checkpoint?: Checkpoint;
}

export interface Settlement {
  readonly delivered: number;
  readonly duplicates: number;
  readonly dead: number;
}

interface Entry extends Range {
  settlement: Settlement | undefined;
}

/**
 * Keeps the ranges of one source that are under way to one output, in order, and moves the cursor over those at the front
 * that are settled. A range is settled exactly once; `rewind` forgets the others: they will be read again.
 */
export class Ledger {
  private entries: Entry[] = [];
  private first = 0;
  private current: Cursor;
  private pendingEvents = 0;
  private readonly idle: (() => void)[] = [];
  private readonly cutOffsets: Set<number>;
  private readonly moved: (cursor: Cursor) => void;
  private readonly keep: () => Promise<void>;

  /**
   * @param moved called after each change of the cursor
   * @param keep resolves when what `moved` was told of is safe, or cannot be made safe now
   */
  constructor(cursor: Cursor, moved: (cursor: Cursor) => void, keep: () => Promise<void>) {
    this.current = cursor;
    this.cutOffsets = new Set(cursor.cuts);
    this.moved = moved;
    this.keep = keep;
  }

  get cursor(): Cursor {
    return this.current;
  }

  /** Events of the ranges that are not settled, filtered and dropped ones included. */
  get pending(): number {
    return this.pendingEvents;
  }

  /**
   * Enters the next range.
   * @returns settles it; ignored after a rewind, because the range then travels again
   */
  begin(range: Range): (settlement: Settlement) => void {
    const entry: Entry = { ...range, settlement: undefined };
    this.entries.push(entry);
    this.pendingEvents += range.events + range.filtered + range.dropped;
    const entries = this.entries;
    return (settlement) => {
      if (entries !== this.entries || entry.settlement !== undefined) return;
      entry.settlement = settlement;
      this.advance();
    };
  }

  /**
   * An entry is to end there because nothing followed it for a while: it ends there when it is read again too.
   * @returns resolves when that is safe: only then may the entry be anywhere else
   */
  cut(offset: number): Promise<void> {
    this.cutOffsets.add(offset);
    this.current = { ...this.current, cuts: [...this.cutOffsets] };
    this.moved(this.current);
    return this.keep();
  }

  /** What `cut` was told of places behind the cursor's checkpoint. */
  get cuts(): ReadonlySet<number> {
    return this.cutOffsets;
  }

  /** Forgets what is not settled. Reading goes on at `cursor`. */
  rewind(): void {
    this.entries = [];
    this.first = 0;
    this.pendingEvents = 0;
  }

  /** Dead letters of this source were replayed and taken. */
  revive(letters: number): void {
    this.current = { ...this.current, counters: revived(this.current.counters, letters) };
    this.moved(this.current);
  }

  /** Resolves when nothing is under way. @throws the signal's reason when aborted first */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.first < this.entries.length) {
      await abortable(new Promise<void>((resolve) => this.idle.push(resolve)), signal);
    }
  }

  private advance(): void {
    let cursor = this.current;
    for (
      let entry = this.entries[this.first];
      entry?.settlement !== undefined;
      entry = this.entries[this.first]
    ) {
      const { delivered, duplicates, dead } = entry.settlement;
      const { counters } = cursor;
      cursor = {
        offset: entry.to,
        before: entry.before,
        checkpoint: entry.checkpoint ?? cursor.checkpoint,
        counters: {
          delivered: counters.delivered + delivered,
          duplicates: counters.duplicates + duplicates,
          filtered: counters.filtered + entry.filtered,
          dead: counters.dead + dead,
          dropped: counters.dropped + entry.dropped,
        },
      };
      this.pendingEvents -= entry.events + entry.filtered + entry.dropped;
      this.first++;
    }
    if (cursor === this.current) return;
    if (this.first > 1024) {
      this.entries.splice(0, this.first);
      this.first = 0;
    }
    for (const offset of this.cutOffsets)
      if (offset <= cursor.checkpoint.offset) this.cutOffsets.delete(offset);
    this.current = this.cutOffsets.size === 0 ? cursor : { ...cursor, cuts: [...this.cutOffsets] };
    this.moved(this.current);
    if (this.first < this.entries.length) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }
}
