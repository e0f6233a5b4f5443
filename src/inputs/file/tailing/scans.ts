/** Every open file is looked at this often, besides the wake-ups of the watcher. */
export const LOOK_MS = 1000;

/** Looks at everything, one look at a time, and knows when the last one was. */
export class Scans {
  private readonly look: () => Promise<void>;
  private scanning: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private first = true;
  private lastMs: number;

  /**
   * @param lastMs when an earlier run began its last look
   * @param look looks at everything, and calls `completed` at its end
   */
  constructor(lastMs: number, look: () => Promise<void>) {
    this.lastMs = lastMs;
    this.look = look;
  }

  /** No look of this run was brought to its end yet. */
  get isFirst(): boolean {
    return this.first;
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /**
   * When the last look at everything began that was brought to its end, by this run or an earlier one; else this run. In
   * milliseconds since 1970.
   */
  get lastScanMs(): number {
    return this.lastMs;
  }

  /**
   * What was written since then may not have been seen, in milliseconds since 1970. A file system stamps files by a clock
   * that lags behind the time of day: Linux by a tick of up to 10 ms, some file systems by a second.
   */
  get unseenSinceMs(): number {
    return this.lastMs - LOOK_MS;
  }

  /** Looks at everything; a call during a scan makes it run once more. */
  scan(): Promise<void> {
    if (this.scanning !== undefined) {
      this.again = true;
      return this.scanning;
    }
    this.scanning = this.run().finally(() => {
      this.scanning = undefined;
    });
    return this.scanning;
  }

  /** The look that goes on, if there is one, is not the last. */
  scanAgain(): void {
    this.again = true;
  }

  /** A look that began then was brought to its end. */
  completed(startedMs: number): void {
    this.first = false;
    this.lastMs = startedMs;
  }

  /** The look that goes on ends early, and no other follows it. */
  stop(): void {
    this.stopped = true;
  }

  /** Resolves when no look goes on. */
  async idle(): Promise<void> {
    await this.scanning;
  }

  private async run(): Promise<void> {
    do {
      this.again = false;
      await this.look();
    } while (this.again && !this.stopped);
  }
}
