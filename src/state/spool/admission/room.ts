import { reasonOf } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import type { Segment } from '../segments/segment.ts';
import type { Segments } from '../segments/segments.ts';
import type { Budget } from './budget.ts';

const REPEAT_MS = 60_000;

/** What to do with a record when there is no room: hold the input, or remove the oldest segment of its stream. */
export type WhenFull = 'block' | 'drop_oldest';

/** The room of one stream: what is removed at its beginning, and whether more may come at its end. */
export class Room {
  private readonly input: string;
  private readonly budget: Budget;
  private readonly segments: Segments;
  private readonly whenFull: WhenFull;
  private readonly log: Logger;
  private readonly dropped: (segment: Segment) => Promise<void>;
  private looking: Promise<void> = Promise.resolve();
  private lastDrop = 0;

  constructor(options: {
    input: string;
    budget: Budget;
    segments: Segments;
    whenFull: WhenFull;
    log: Logger;
    /** Looks into a segment that is dropped, before it is gone. */
    dropped: (segment: Segment) => Promise<void>;
  }) {
    this.input = options.input;
    this.budget = options.budget;
    this.segments = options.segments;
    this.whenFull = options.whenFull;
    this.log = options.log;
    this.dropped = options.dropped;
  }

  /** The oldest records make room for new ones. */
  get drops(): boolean {
    return this.whenFull === 'drop_oldest';
  }

  /** Why the input is held. */
  get fullWords(): string {
    const { budget, input } = this;
    return `the spool is full (spool.size ${budget.sizeBytes} bytes): the outputs do not keep up; input ${input} is held`;
  }

  /** An input that was held may go on. @param pendingBytes that will be written besides */
  isThere(pendingBytes: number): boolean {
    return this.budget.hasRoom(pendingBytes) || this.canDrop;
  }

  /** Drops the oldest segments where that is allowed. @returns false when there is no room all the same */
  make(pendingBytes: number): boolean {
    while (this.budget.isFull(pendingBytes)) {
      if (!this.canDrop) return false;
      void this.dropOldest();
    }
    return true;
  }

  /** Drops the oldest segment where that is allowed. @returns false when nothing was dropped */
  async makeOnDisk(): Promise<boolean> {
    if (!this.canDrop) return false;
    await this.dropOldest();
    return true;
  }

  /** Resolves when all that was dropped up to now has been looked into. */
  get looked(): Promise<void> {
    return this.looking;
  }

  /** Removes the oldest segment. */
  async removeOldest(before?: (segment: Segment) => Promise<void>): Promise<void> {
    const { bytes, removed } = this.segments.removeFirst(before);
    this.budget.add(-bytes);
    await removed.catch((error: unknown) => {
      this.log.warn({ input: this.input }, `a segment of the spool cannot be removed: ${reasonOf(error)}`);
    });
  }

  private get canDrop(): boolean {
    return this.drops && this.segments.count > 1;
  }

  private dropOldest(): Promise<void> {
    const now = Date.now();
    if (now - this.lastDrop > REPEAT_MS) {
      this.log.warn(
        { input: this.input },
        'the spool is full: the oldest records are dropped (spool.when_full)',
      );
    }
    this.lastDrop = now;
    const before = this.looking;
    return this.removeOldest((segment) => {
      // What cannot be read tells nothing.
      this.looking = before.then(() => this.dropped(segment)).catch(() => {});
      return this.looking;
    });
  }
}
