import type { JsonObject } from './event.ts';

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
