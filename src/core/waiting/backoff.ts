/** Limits of the pause before something is tried again, in milliseconds. */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

/** For sinks. */
export const BACKOFF: Backoff = { minMs: 500, maxMs: 60_000 };

/**
 * Full jitter: any time up to a bound that doubles.
 * @param attempt from 0
 * @param floorMs at least so long
 */
export function pauseMs(backoff: Backoff, attempt: number, floorMs = 0): number {
  const bound = Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.min(attempt, 16));
  return Math.max(floorMs, Math.random() * bound);
}
