import { setTimeout as delay } from 'node:timers/promises';
import { BlockedError, RetryableError, reasonOf } from '../../core/errors.ts';
import { type Logger, Repeats } from '../../core/log.ts';
import type { Batch, Graveyard, Output, Receipt } from '../../core/output.ts';
import { abortable } from '../../core/waiting/abortable.ts';
import { BACKOFF, pauseMs } from '../../core/waiting/backoff.ts';
import type { Settlement } from './ledger.ts';

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
  readonly stats = { retries: 0, reconnects: 0, failureStore: 0, collisions: 0 };
  /** Batches whose bytes have not left. */
  unreleased = 0;
  private readonly output: Output;
  private readonly graveyard: Graveyard;
  private readonly log: Logger;
  private readonly stopping = new AbortController();
  private epoch = new AbortController();
  private recovered: Promise<void>;
  private begin: () => void = () => {};
  private trouble: string | undefined = 'not connected yet';
  /** Attempts that have failed since anything was settled: an output may look well and take nothing. */
  private failures = 0;
  /** Why batches are held back by the output, which goes on trying by itself. */
  private readonly held = new Map<object, string>();
  private burying: Promise<unknown> = Promise.resolve();
  private readonly repeats = new Repeats();

  constructor(name: string, output: Output, graveyard: Graveyard, log: Logger) {
    this.name = name;
    this.output = output;
    this.graveyard = graveyard;
    this.log = log;
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
    return this.trouble ?? this.held.values().next().value;
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
   * @param settle called once the fate of its events is known, and dead ones are kept; not when the epoch ends first
   * @returns resolves when the batch's bytes are free
   * @throws Rewound when the epoch is over
   */
  async send(
    batch: Omit<Batch, 'release' | 'waiting'>,
    epoch: AbortSignal,
    settle: (settlement: Settlement) => void,
  ): Promise<void> {
    if (epoch.aborted) throw new Rewound();
    const { source } = batch;
    const token = {};
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
      .write({ ...batch, release, waiting: (reason) => this.hold(token, reason) })
      .then((receipt) => this.account(receipt, source))
      .then((settlement) => {
        this.failures = 0;
        if (!epoch.aborted) settle(settlement);
      })
      .catch((error: unknown) => this.fail(error, epoch))
      .finally(() => {
        this.letGo(token);
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
    await this.burying;
    this.epoch.abort();
  }

  /** Dead letters are kept before anything of their batch counts. */
  private async account(receipt: Receipt, source: string): Promise<Settlement> {
    const { delivered, duplicates, rejected = [], failureStore = 0 } = receipt;
    if (rejected.length > 0) {
      const kept = this.burying.then(() => this.graveyard.add(source, rejected));
      this.burying = kept.catch(() => {});
      await kept;
      for (const { status } of rejected) if (status === 409) this.stats.collisions++;
    }
    this.stats.failureStore += failureStore;
    return { delivered, duplicates, dead: rejected.length };
  }

  private hold(token: object, reason: RetryableError): void {
    this.held.set(token, reason.message);
    this.stats.retries++;
    this.report(reason);
  }

  private letGo(token: object): void {
    if (this.held.delete(token) && this.held.size === 0 && this.trouble === undefined) this.recoveredNow();
  }

  private recoveredNow(): void {
    if (this.repeats.forget('problem')) this.log.info({ output: this.name }, 'output takes events again');
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
    let floorMs = retryAfterMs;
    while (!signal.aborted) {
      try {
        if (floorMs !== 0) await delay(pauseMs(BACKOFF, this.failures++, floorMs), undefined, { signal });
        await this.graveyard.check();
        await this.output.check(signal);
        this.epoch = new AbortController();
        this.trouble = undefined;
        this.recoveredNow();
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof RetryableError)) throw error;
        floorMs = error.retryAfterMs;
        this.stats.retries++;
        this.trouble = reasonOf(error);
        this.report(error);
      }
    }
  }

  private report(error: RetryableError): void {
    const fields = this.repeats.next('problem', error.message);
    if (fields === undefined) return;
    const level = error instanceof BlockedError ? 'error' : 'warn';
    this.log[level]({ output: this.name, ...fields }, `output does not take events: ${error.message}`);
  }
}
