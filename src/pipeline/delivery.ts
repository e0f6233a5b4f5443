import { setTimeout as delay } from 'node:timers/promises';
import { BlockedError, RetryableError, reasonOf } from '../core/errors.ts';
import type { Logger } from '../core/input.ts';
import type { Batch, Output, Receipt } from '../core/output.ts';
import { abortable } from './abortable.ts';

/** Limits of the pause before an output is tried again, in milliseconds. */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

const BACKOFF: Backoff = { minMs: 500, maxMs: 60_000 };
/** A failure that repeats is logged again after this time. */
const REPEAT_MS = 60_000;

/** Thrown to a reader whose unsettled events are lost: it has to read again from its cursor. */
export class Rewound extends Error {
  constructor() {
    super('the output has to be fed again from the cursor');
    this.name = 'Rewound';
  }
}

/**
 * Drives one output: keeps the order of batches, notices failures, waits, checks and starts again. An epoch is a stretch
 * without failure; when it ends, all that is not settled travels again.
 */
export class Delivery {
  readonly name: string;
  readonly stats = { retries: 0, reconnects: 0 };
  /** Batches whose bytes have not left. */
  unreleased = 0;
  private readonly output: Output;
  private readonly log: Logger;
  private readonly backoff: Backoff;
  private readonly stopping = new AbortController();
  private epoch = new AbortController();
  private recovered: Promise<void>;
  private begin: () => void = () => {};
  private trouble: string | undefined = 'not connected yet';
  private lastLogged = { reason: '', at: 0, count: 0 };

  constructor(name: string, output: Output, log: Logger, backoff: Backoff = BACKOFF) {
    this.name = name;
    this.output = output;
    this.log = log;
    this.backoff = backoff;
    const begun = new Promise<void>((resolve) => {
      this.begin = resolve;
    });
    this.recovered = begun.then(() => this.recover(0));
  }

  /** Begins to check the output; does not wait for it. */
  start(): void {
    this.begin();
  }

  /** Aborted when the current epoch ends. */
  get signal(): AbortSignal {
    return this.epoch.signal;
  }

  /** Why the output would not take events now; undefined when it would. */
  get problem(): string | undefined {
    return this.trouble;
  }

  /** Resolves when the output takes events. @throws the signal's reason when aborted first */
  async ready(signal: AbortSignal): Promise<void> {
    while (this.trouble !== undefined) {
      await abortable(this.recovered, signal);
      signal.throwIfAborted();
    }
  }

  /**
   * Hands over one batch; batches are written in the order of the calls.
   * @param epoch the epoch in which the batch was read
   * @param settle gets the receipt once the fate of its events is known; not called when the epoch ends first
   * @returns resolves when the batch's bytes are free
   * @throws Rewound when the epoch is over
   */
  async send(
    batch: Omit<Batch, 'release'>,
    epoch: AbortSignal,
    settle: (receipt: Receipt) => void,
  ): Promise<void> {
    if (epoch.aborted) throw new Rewound();
    // The receipt may take long: the closures that wait for it must not hold the batch.
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let held = true;
    const release = (): void => {
      held = false;
      this.unreleased--;
      resolve();
    };
    this.unreleased++;
    this.output
      .write({ ...batch, release })
      .then((receipt) => {
        if (!epoch.aborted) settle(receipt);
      })
      .catch((error: unknown) => this.fail(error, epoch))
      .finally(() => {
        if (!held) return;
        this.unreleased--;
        reject(new Rewound());
      });
    return promise;
  }

  /** Ends the output in good order within `timeoutMs`; late receipts still settle. */
  async stop(timeoutMs: number): Promise<void> {
    this.stopping.abort();
    await this.output.close(timeoutMs);
    this.epoch.abort();
  }

  private fail(error: unknown, epoch: AbortSignal): void {
    if (epoch !== this.epoch.signal || epoch.aborted || this.stopping.signal.aborted) return;
    if (!(error instanceof RetryableError)) throw error;
    this.trouble = reasonOf(error);
    this.epoch.abort();
    this.stats.reconnects++;
    this.report(error);
    this.recovered = this.recover(error.retryAfterMs);
  }

  /** @param retryAfterMs as in RetryableError */
  private async recover(retryAfterMs: number | undefined): Promise<void> {
    const { signal } = this.stopping;
    let pauseMs = retryAfterMs;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        if (pauseMs !== 0) await delay(this.pause(attempt, pauseMs ?? 0), undefined, { signal });
        await this.output.check(signal);
        this.epoch = new AbortController();
        this.trouble = undefined;
        if (this.lastLogged.reason !== '') this.log.info({ output: this.name }, 'output takes events again');
        this.lastLogged = { reason: '', at: 0, count: 0 };
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof RetryableError)) throw error;
        pauseMs = error.retryAfterMs;
        this.stats.retries++;
        this.trouble = reasonOf(error);
        this.report(error);
      }
    }
  }

  /** Full jitter: any time up to a bound that doubles. */
  private pause(attempt: number, floorMs: number): number {
    const bound = Math.min(this.backoff.maxMs, this.backoff.minMs * 2 ** Math.min(attempt, 16));
    return Math.max(floorMs, Math.random() * bound);
  }

  private report(error: RetryableError): void {
    const last = this.lastLogged;
    const now = Date.now();
    if (last.reason === error.message && now - last.at < REPEAT_MS) {
      last.count++;
      return;
    }
    const fields = { output: this.name, ...(last.count > 0 && { repeated: last.count }) };
    const level = error instanceof BlockedError ? 'error' : 'warn';
    this.log[level](fields, `output does not take events: ${error.message}`);
    this.lastLogged = { reason: error.message, at: now, count: 0 };
  }
}
