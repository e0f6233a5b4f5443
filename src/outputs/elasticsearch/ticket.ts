import type { RetryableError } from '../../core/errors.ts';
import type { Receipt, Rejected } from '../../core/output.ts';

/** The events of one batch on their way in one or several requests: counts what becomes of them. */
export class Ticket {
  readonly receipt: Promise<Receipt>;
  /** Tells the batch's owner why its events are held back. */
  readonly waiting: (reason: RetryableError) => void;
  private left: number;
  private delivered = 0;
  private duplicates = 0;
  private failureStore = 0;
  private readonly rejected: Rejected[] = [];
  private resolve: (receipt: Receipt) => void = () => {};
  private reject: (error: unknown) => void = () => {};

  /** @param events of the batch */
  constructor(events: number, waiting: (reason: RetryableError) => void) {
    this.left = events;
    this.waiting = waiting;
    this.receipt = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** So many events have found their end: `delivered`, `duplicates` and the rejected ones together. */
  count(delivered: number, duplicates: number, failureStore: number, rejected: readonly Rejected[]): void {
    this.delivered += delivered;
    this.duplicates += duplicates;
    this.failureStore += failureStore;
    this.rejected.push(...rejected);
    this.left -= delivered + duplicates + rejected.length;
    if (this.left > 0) return;
    this.resolve({
      delivered: this.delivered,
      duplicates: this.duplicates,
      rejected: this.rejected,
      failureStore: this.failureStore,
    });
  }

  fail(error: unknown): void {
    this.reject(error);
  }
}
