import type { JsonValue } from '../event.ts';

/** Milliseconds since 1970 of a number in seconds, milliseconds, microseconds or nanoseconds, told by its magnitude. */
export function epochMs(value: JsonValue | undefined): number | undefined {
  if (typeof value !== 'number' || !(value > 0 && value < 1e21)) return undefined;
  if (value > 1e17) return Math.floor(value / 1e6);
  if (value > 1e14) return Math.floor(value / 1000);
  return Math.floor(value > 1e11 ? value : value * 1000);
}
