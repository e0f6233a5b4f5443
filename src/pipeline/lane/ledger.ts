import { type Checkpoint, type Cursor, revived } from '../../core/cursor.ts';
import { abortable } from '../../core/waiting/abortable.ts';
import type { ReadCounts } from './counts.ts';

/** A stretch of a source on its way through an output. */
interface Range {
  readonly to: number;
  readonly before: string;
  readonly events: number;
  readonly filtered: number;
  /** Records of it that are lost. */
  readonly dropped: number;
  /** The state at `to`, taken now and then. */
  readonly checkpoint?: Checkpoint;
  readonly read?: ReadCounts;
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

  /** Forgets what is not settled. Reading goes on at `cursor`. @returns what was forgotten */
  rewind(): readonly Range[] {
    const forgotten = this.entries.slice(this.first);
    this.entries = [];
    this.first = 0;
    this.pendingEvents = 0;
    return forgotten;
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
