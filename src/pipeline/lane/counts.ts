import { noTally, type Tally } from '../normalizer/tally.ts';

/** What was read of a source since the start. */
export interface Totals extends Tally {
  bytes: number;
}

/** What was read with one range. */
export interface ReadCounts {
  readonly tally: Tally;
  /** Events by data stream. */
  readonly streams: ReadonlyMap<string, number>;
}

const KEYS = Object.keys(noTally()) as readonly (keyof Tally)[];

export function addTotals(sum: Totals, more: Totals): void {
  addTally(sum, more);
  sum.bytes += more.bytes;
}

/** Counts what is read of a source. What was given up and is read again counts once. */
export class Counts {
  readonly totals: Totals = { ...noTally(), bytes: 0 };
  private readonly streams: Map<string, number>;
  /** Bytes before it are counted. */
  private countedTo: number;
  /** Of what is read again, as far as it has not come yet. */
  private readonly owed = { tally: noTally(), streams: new Map<string, number>() };

  /**
   * @param streams counts events by data stream
   * @param from offset at which reading begins
   */
  constructor(streams: Map<string, number>, from: number) {
    this.streams = streams;
    this.countedTo = from;
  }

  /** @param to offset behind what was read; `bytes` before it were records */
  add({ tally, streams }: ReadCounts, bytes: number, to: number): void {
    const { totals, owed } = this;
    totals.bytes += Math.min(bytes, Math.max(0, to - this.countedTo));
    this.countedTo = Math.max(this.countedTo, to);
    for (const key of KEYS) {
      const again = Math.min(owed.tally[key], tally[key]);
      owed.tally[key] -= again;
      totals[key] += tally[key] - again;
    }
    for (const [name, count] of streams) {
      const again = Math.min(owed.streams.get(name) ?? 0, count);
      if (again > 0) addTo(owed.streams, name, -again);
      addTo(this.streams, name, count - again);
    }
  }

  /** It was given up, and will be read again. */
  giveUp({ tally, streams }: ReadCounts): void {
    addTally(this.owed.tally, tally);
    for (const [name, count] of streams) addTo(this.owed.streams, name, count);
  }
}

function addTally(sum: Tally, more: Tally): void {
  for (const key of KEYS) sum[key] += more[key];
}

function addTo(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}
