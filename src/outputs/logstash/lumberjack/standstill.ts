import { RetryableError } from '../../../core/errors.ts';

/** Tells again and again that a server which is alive acknowledges nothing: its pipeline stands still. */
export class Standstill {
  private readonly timer: NodeJS.Timeout;
  private movedAt = performance.now();

  /**
   * @param place the host, for the message
   * @param patienceMs pause before it is told, and between two times
   */
  constructor(place: string, patienceMs: number, tell: (problem: RetryableError) => void) {
    this.timer = setTimeout(() => {
      const seconds = Math.round((performance.now() - this.movedAt) / 1000);
      const words = `${place} has acknowledged nothing for ${seconds} s: its pipeline stands still; nothing is dropped`;
      tell(new RetryableError(words));
      this.timer.refresh();
    }, patienceMs).unref();
  }

  /** Something was acknowledged, or is the first that waits for it. */
  moved(): void {
    this.movedAt = performance.now();
    this.timer.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
