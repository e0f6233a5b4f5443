const HOUR_MS = 3_600_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The time of a wall clock.
 * @param wall what the clock shows, as if it were UTC, in milliseconds since 1970
 * @param timezone IANA zone; undefined: the machine's
 * @returns milliseconds since 1970; of an hour that comes twice the first, of one that is left out the one after it
 */
export function zonedTime(wall: number, timezone: string | undefined): number {
  const before = wall - offsetAt(wall - 24 * HOUR_MS, timezone);
  const after = wall - offsetAt(wall + 24 * HOUR_MS, timezone);
  if (before === after) return before;
  if (before + offsetAt(before, timezone) === wall) return before;
  return after;
}

/** Offset of a zone from UTC at a time, in milliseconds. */
function offsetAt(time: number, timezone: string | undefined): number {
  if (timezone === undefined) return -new Date(time).getTimezoneOffset() * 60_000;
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timezone, format);
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(time)) parts[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}
