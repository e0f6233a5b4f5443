import { zonedTime } from '../core/time/zone.ts';

/** Begin of a stamp of RFC 3339 §5.6, up to its zone. */
export const ISO_STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) /;
/** Characters of the longest stamp of RFC 3339, and the blank behind it. */
export const MAX_STAMP_CHARS = 36;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;

/** A stamp of a line of syslog. */
interface LineStamp {
  /** Milliseconds since 1970; undefined: the month has a name of another language than English. */
  readonly time: number | undefined;
  /** Where the blank behind it stands. */
  readonly end: number;
}

/** As in `LineStamp`; NaN: there is no such time. */
type ReadForm = (found: RegExpExecArray, timezone: string | undefined) => number | undefined;

/** Longest stamp below, and the blank behind it. */
const MAX_FORM_CHARS = 48;

/** Stamps that syslog daemons, `journalctl` and OpenWrt's `logread` write, the most usual first. */
const FORMS: readonly (readonly [RegExp, ReadForm])[] = [
  // RFC 3339 §5.6; `journalctl -o short-iso` up to systemd 254 has no colon in the zone, which `Date.parse` takes too.
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)(?= )/, ([stamp]) => Date.parse(stamp)],
  // RFC 3164 §4.1.2; `short` and `short-precise`
  [/^(?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<clock>\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?= )/, readMonthDay],
  // `short` in another language
  [/^ ?[\p{L}\d]{1,8}\.? [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?= )/u, () => undefined],
  // `short-full`: in the zone of the machine
  [
    /^\p{L}{2,8}\.? (?<day>\d{4}-\d\d-\d\d) (?<clock>\d\d:\d\d:\d\d(?:\.\d{1,6})?) [A-Z\d+-]{1,6}(?= )/u,
    ({ groups }, timezone) => inZone(`${groups?.day}T${groups?.clock}Z`, timezone),
  ],
  // `short-unix`
  [/^\d{9,11}\.\d{6}(?= )/, ([seconds]) => Math.floor(Number(seconds) * 1000)],
  // `logread`
  [
    /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<clock>\d\d:\d\d:\d\d) (?<year>\d{4})(?= )/,
    readMonthDay,
  ],
];

/**
 * Reads the stamp that a line has at `at`, with a blank behind it; undefined: it has none there.
 * @param timezone IANA zone of stamps without one; undefined: the machine's
 */
export function readStamp(line: string, at: number, timezone: string | undefined): LineStamp | undefined {
  const head = line.substring(at, at + MAX_FORM_CHARS);
  for (const [pattern, read] of FORMS) {
    const found = pattern.exec(head);
    if (found === null) continue;
    const time = read(found, timezone);
    if (!Number.isNaN(time)) return { time, end: at + found[0].length };
  }
  return undefined;
}

/** Milliseconds since 1970 of a stamp of RFC 3339; undefined: it is none. */
export function readIso(stamp: string): number | undefined {
  const time = Date.parse(stamp);
  return Number.isNaN(time) ? undefined : time;
}

/** `Nov 21 19:17:42`: a stamp without a year is of the last twelve months. */
function readMonthDay({ groups = {} }: RegExpExecArray, timezone: string | undefined): number {
  const { month = '', day = '', clock = '', year } = groups;
  const number = MONTHS.indexOf(month) + 1;
  const rest = `${String(number).padStart(2, '0')}-${day.replace(' ', '0')}T${clock}Z`;
  if (year !== undefined) return inZone(`${year}-${rest}`, timezone);
  const now = Date.now();
  const thisYear = new Date(now).getUTCFullYear();
  const isPast = Date.parse(`${thisYear}-${rest}`) <= now + 2 * DAY_MS;
  return inZone(`${isPast ? thisYear : thisYear - 1}-${rest}`, timezone);
}

/** Reads what a clock shows, as if it were UTC. */
function inZone(wall: string, timezone: string | undefined): number {
  const time = Date.parse(wall);
  return Number.isNaN(time) ? time : zonedTime(time, timezone);
}
