import type { NewRecord } from '../../../core/source.ts';
import type { Budget } from './budget.ts';
import type { Groups } from './groups.ts';
import type { Room } from './room.ts';
import type { Tail } from './tail.ts';

/** Bytes that wait for the disk at most; an input is held when it does not keep up. */
const PENDING_BYTES = 4 * 1024 * 1024;

/** Whether a stream takes records: its input is held while the disk does not keep up, or has no room for more. */
export class Admission {
  private readonly budget: Budget;
  private readonly space: Room;
  private readonly tail: Pick<Tail, 'problem'>;
  private readonly groups: Pick<Groups, 'pendingBytes'>;
  private held = false;

  constructor(
    budget: Budget,
    space: Room,
    tail: Pick<Tail, 'problem'>,
    groups: Pick<Groups, 'pendingBytes'>,
  ) {
    this.budget = budget;
    this.space = space;
    this.tail = tail;
    this.groups = groups;
  }

  /** That there is no room, where the input is held. */
  get problem(): string | undefined {
    return this.held ? this.space.fullWords : undefined;
  }

  /** @returns false when the input is held from now on */
  admits(record: NewRecord): boolean {
    const isAdmitted = this.mayBeAdded(record);
    if (!isAdmitted) this.held = true;
    return isAdmitted;
  }

  /** Resolves when the input may go on. @throws the signal's reason when aborted first */
  async room(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom()) await this.budget.change(signal);
    this.held = false;
  }

  private hasRoom(): boolean {
    const { pendingBytes } = this.groups;
    if (this.tail.problem !== undefined || pendingBytes > PENDING_BYTES / 2) return false;
    return this.space.isThere(pendingBytes);
  }

  private mayBeAdded(record: NewRecord): boolean {
    const { pendingBytes } = this.groups;
    if (pendingBytes >= PENDING_BYTES) return false;
    // Notes are small and tell of what is missing: they are taken beyond the limit.
    if (record.type === 'note') return true;
    return this.tail.problem === undefined && this.space.make(pendingBytes);
  }
}
