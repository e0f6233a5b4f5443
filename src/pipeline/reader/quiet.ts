import type { End, Lost, Position, Source } from '../../core/source.ts';
import { QUIET_MS } from '../../framing/entries.ts';

/** For a while nothing has followed an entry that waits for the next one. */
export const QUIET = Symbol('quiet');

/** Waits as `Source.wait` does, but no longer than an entry waits for its next line. @throws the signal's reason */
export async function waitOrQuiet(
  source: Source,
  position: Position,
  held: number,
  signal: AbortSignal,
): Promise<'more' | typeof QUIET | End | Lost> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(QUIET), QUIET_MS);
  try {
    const either = AbortSignal.any([signal, patience.signal]);
    return await source.wait(position, held, either);
  } catch (error) {
    if (error === QUIET) return QUIET;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
