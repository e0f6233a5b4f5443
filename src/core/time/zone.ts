const HOUR_MS = 3_600_000;
/** Zones change their offset at whole quarters of an hour. */
const QUARTER_MS = HOUR_MS / 4;
const MAX_CACHED = 4096;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

/** The times at which a wall clock shows the same: mostly one, two in the hour that comes twice. */
interface WallTimes {
  /** Milliseconds since 1970; of an hour that is left out the one after it. */
  readonly first: number;
  readonly second: number | undefined;
}

/**
 * @param wall what the clock shows, as if it were UTC, in milliseconds since 1970
 * @param timezone IANA zone; undefined: the machine's
 */
export function wallTimes(wall: number, timezone: string | undefined): WallTimes {
  const before = wall - offsetAt(wall - 24 * HOUR_MS, timezone);
  const after = wall - offsetAt(wall + 24 * HOUR_MS, timezone);
  if (before === after) return { first: before, second: undefined };
  const isBefore = before + offsetAt(before, timezone) === wall;
  const isAfter = after + offsetAt(after, timezone) === wall;
  if (isBefore && isAfter) return { first: Math.min(before, after), second: Math.max(before, after) };
  return { first: isBefore ? before : after, second: undefined };
}

/**
 * The time of a wall clock.
 * @param wall what the clock shows, as if it were UTC, in milliseconds since 1970
 * @param timezone IANA zone; undefined: the machine's
 * @returns milliseconds since 1970; of an hour that comes twice the first, of one that is left out the one after it
 */
export function zonedTime(wall: number, timezone: string | undefined): number {
  return wallTimes(wall, timezone).first;
}

/** Offset of a zone from UTC at a time, in milliseconds. */
function offsetAt(time: number, timezone: string | undefined): number {
  if (timezone === undefined) return -new Date(time).getTimezoneOffset() * 60_000;
  let cached = offsets.get(timezone);
  if (cached === undefined) {
    cached = new Map();
    offsets.set(timezone, cached);
  }
  const quarter = Math.floor(time / QUARTER_MS);
  let offset = cached.get(quarter);
  if (offset === undefined) {
    if (cached.size >= MAX_CACHED) cached.clear();
    offset = computeOffset(quarter * QUARTER_MS, timezone);
    cached.set(quarter, offset);
  }
  return offset;
}

function computeOffset(time: number, timezone: string): number {
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
  return Date.UTC(year, month - 1, day, hour, minute, second) - time;
}
