import { Sleepers } from '../../core/waiting/sleepers.ts';

/** The outputs that read a stream: how far each has got, and which of them wait for more. */
export class Readers {
  private readonly cursors = new Map<string, { offset: number; needed: number }>();
  private readonly sleepers = new Sleepers();
  private waking = false;

  /** As in `Source`. */
  settled(output: string, offset: number, needed: number): void {
    this.cursors.set(output, { offset, needed });
  }

  /** Offset before which everything is settled for all of them. */
  get slowest(): number {
    return Math.min(...[...this.cursors.values()].map(({ offset }) => offset));
  }

  /** Offset before which none of them will read again. */
  get needed(): number {
    return Math.min(...[...this.cursors.values()].map(({ needed }) => needed));
  }

  /** Resolves when there may be more. @throws the signal's reason when aborted first */
  sleep(signal: AbortSignal): Promise<void> {
    return this.sleepers.sleep(signal);
  }

  wake(): void {
    this.sleepers.wake();
  }

  /** What arrives in one turn of the event loop is read at once: a reader costs as much for one record as for hundreds. */
  wakeSoon(): void {
    if (this.waking || this.sleepers.size === 0) return;
    this.waking = true;
    setImmediate(() => {
      this.waking = false;
      this.wake();
    });
  }
}
