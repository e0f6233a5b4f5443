import { setTimeout as delay } from 'node:timers/promises';
import { BlockedError, RetryableError } from '../core/errors.ts';
import { type Backoff, pauseMs } from '../core/waiting/backoff.ts';

const BACKOFF: Backoff = { minMs: 200, maxMs: 5000 };
const ATTEMPTS = 6;

/**
 * Does something again while it ends with a RetryableError that needs nobody's help: 6 times, within some seconds.
 * @throws what the last attempt threw
 */
export async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isOver = attempt + 1 >= ATTEMPTS || signal.aborted;
      if (isOver || !(error instanceof RetryableError) || error instanceof BlockedError) throw error;
      await delay(pauseMs(BACKOFF, attempt, error.retryAfterMs), undefined, { signal });
    }
  }
}
