/** Limits of the pause before the next attempt, in milliseconds. */
const MIN_PAUSE_MS = 500;
export const MAX_PAUSE_MS = 30_000;

/** Acts once after a pause that grows with each attempt. */
export class RetryTimer {
  private timer: NodeJS.Timeout | undefined;

  /** Acts after a random pause below a bound that doubles with each attempt; what was to be done before is not done. */
  later(attempt: number, act: () => void): void {
    const bound = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** Math.min(attempt, 10));
    clearTimeout(this.timer);
    this.timer = setTimeout(act, MIN_PAUSE_MS / 2 + Math.random() * bound);
  }

  /** Nothing is done any more, until `later` is called again. */
  cancel(): void {
    clearTimeout(this.timer);
  }
}
