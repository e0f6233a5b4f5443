import { zonedTime } from '../../../core/time/zone.ts';

/** A stamp at the start of a line; `end`: where what follows it begins. */
interface Stamp {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly end: number;
}

const DAY_MS = 86_400_000;
const DAY_CHARS = '2024-03-20'.length;
const COLON = 0x3a;
const DASH = 0x2d;
const SPACE = 0x20;
const OPEN_BRACKET = 0x5b;
const EQUALS = 0x3d;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const TITLE = new RegExp(
  String.raw`^=[A-Z]{4,10} REPORT==== (\d{1,2})-(${MONTHS.join('|')})-(\d{4})::(\d\d:\d\d:\d\d(?:\.\d{1,6})?) ===(?:\n|$)`,
);
/** Marks of run_erl: `===== ALIVE Mon Jan 21 11:53:01 UTC 2019`. */
const MARK = new RegExp(
  String.raw`^={5} (?:ALIVE |LOGGING STARTED )?[A-Z][a-z]{2} (${MONTHS.join('|')}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (?:([A-Z]{3,5}|[+-]\d\d) )?(\d{4})$`,
);
/** Home Assistant's scripts: `[13:18:26] INFO: …`. */
const SCRIPT_CLOCK = /^\[(\d\d:\d\d:\d\d)\] [A-Z]{4,7}: /;
/** Scripts of containers: `['2017-12-28T12:13:33Z']:waiting emqttd`. */
const SCRIPT_STAMP = /^\['(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)'\]:/;
const MAX_TITLE_CHARS = 80;
/** A time in microseconds has at least so many digits. */
const MIN_EPOCH_DIGITS = 13;

/**
 * Reads the stamps of all versions: `2024-03-20T11:08:39.568980+01:00` (4.3 and later), `2019-12-04 17:28:05.009` (before;
 * without zone), `1747204840685105` (`timestamp_format = epoch`, microseconds) and `16:01:03.721` (emqttd; without date).
 */
export class StampReader {
  private readonly timezone: string | undefined;
  /** Minute of the wall clock that `offset` belongs to. */
  private minute = Number.NaN;
  private offset = 0;
  /** Day that `dayMs` belongs to. */
  private day = '';
  private dayMs = 0;

  /** @param timezone IANA zone of stamps without one; undefined: the machine's */
  constructor(timezone: string | undefined) {
    this.timezone = timezone;
  }

  /**
   * @param seen milliseconds since 1970: stamps without date are of the last 24 hours before it
   * @returns undefined when the text at `at` is no stamp followed by a space
   */
  read(text: string, at: number, seen: number): Stamp | undefined {
    const shape = shapeAt(text, at);
    if (shape === undefined) return undefined;
    const { form, end } = shape;
    if (form === 'epoch') return { time: Math.floor(number(text, at, end) / 1000), end: end + 1 };
    if (form === 'clock') return { time: this.ofDay(clockMs(text, at), seen), end: end + 1 };
    const wall = this.wallMs(text, at);
    const zone = text.charCodeAt(shape.zone);
    if (shape.zone === end) return { time: this.utc(wall), end: end + 1 };
    if (zone === 0x5a) return { time: wall, end: end + 1 };
    const colon = text.charCodeAt(shape.zone + 3) === COLON ? 1 : 0;
    const minutes =
      number(text, shape.zone + 1, shape.zone + 3) * 60 +
      number(text, shape.zone + 3 + colon, shape.zone + 5 + colon);
    return { time: wall + (zone === DASH ? minutes : -minutes) * 60_000, end: end + 1 };
  }

  /**
   * Time in the title of a report of SASL, `=ERROR REPORT==== 26-Nov-2015::17:22:46 ===`, or in a line of the console.
   * @returns undefined when the text does not begin with one
   */
  readTitle(text: string, seen: number): number | undefined {
    const head = text.slice(0, MAX_TITLE_CHARS);
    if (text.charCodeAt(0) === OPEN_BRACKET) {
      const clock = SCRIPT_CLOCK.exec(head)?.[1];
      if (clock !== undefined) return this.ofDay(clockMs(clock, 0), seen);
      return timeOf(SCRIPT_STAMP.exec(head)?.[1] ?? '');
    }
    if (text.charCodeAt(0) !== EQUALS) return undefined;
    const title = TITLE.exec(head);
    if (title !== null) {
      const [, day, month, year, clock] = title;
      return this.utc(wallOf(year, month, day, clock));
    }
    const mark = MARK.exec(text);
    if (mark === null) return undefined;
    const [, month, day, clock, zone, year] = mark;
    const wall = wallOf(year, month, day, clock);
    return zone === 'UTC' || zone === 'GMT' ? wall : this.utc(wall);
  }

  /** A time of the last 24 hours before `seen`. */
  private ofDay(clock: number, seen: number): number {
    const today = Math.floor(this.wallOf(seen) / DAY_MS) * DAY_MS;
    const time = this.utc(today + clock);
    // Clocks of two machines may differ a little.
    return time > seen + 60_000 ? this.utc(today + clock - DAY_MS) : time;
  }

  private utc(wall: number): number {
    const minute = Math.floor(wall / 60_000);
    if (minute !== this.minute) {
      this.minute = minute;
      this.offset = wall - zonedTime(wall, this.timezone);
    }
    return wall - this.offset;
  }

  /** What a clock with date shows; many stamps that follow each other share the day. */
  private wallMs(text: string, at: number): number {
    if (this.day === '' || !text.startsWith(this.day, at)) {
      this.day = text.slice(at, at + DAY_CHARS);
      this.dayMs = Date.UTC(
        number(text, at, at + 4),
        number(text, at + 5, at + 7) - 1,
        number(text, at + 8, at + 10),
      );
    }
    return this.dayMs + clockMs(text, at + 11);
  }

  private wallOf(time: number): number {
    return time + (time - zonedTime(time, this.timezone));
  }
}

/** Time of a text that is a stamp with date and zone (RFC 3339), milliseconds since 1970; undefined: it is none. */
export function timeOf(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** The text begins with the title of a report that has its time in it. */
export function hasTitle(text: string): boolean {
  return TITLE.test(text.slice(0, MAX_TITLE_CHARS));
}

interface Shape {
  readonly form: 'date' | 'clock' | 'epoch';
  /** Where the space behind it is. */
  readonly end: number;
  /** Where its offset begins; `end`: it has none. */
  readonly zone: number;
}

/** Where a stamp followed by a space ends. */
export function shapeAt(text: string, at: number): Shape | undefined {
  let i = at;
  while (isDigit(text.charCodeAt(i))) i++;
  const digits = i - at;
  if (digits >= MIN_EPOCH_DIGITS && digits <= 17 && text.charCodeAt(i) === SPACE)
    return { form: 'epoch', end: i, zone: i };
  if (digits === 2 && text.charCodeAt(i) === COLON) return clockShape(text, at);
  if (digits !== 4 || text.charCodeAt(i) !== DASH || text.charCodeAt(at + 7) !== DASH) return undefined;
  const between = text.charCodeAt(at + 10);
  if (between !== 0x54 && between !== SPACE) return undefined;
  if (text.charCodeAt(at + 13) !== COLON || text.charCodeAt(at + 16) !== COLON) return undefined;
  if (!areDigits(text, at + 5, 2) || !areDigits(text, at + 8, 2) || !areDigits(text, at + 11, 2))
    return undefined;
  if (!areDigits(text, at + 14, 2) || !areDigits(text, at + 17, 2)) return undefined;
  const zone = fractionEnd(text, at + 19);
  const end = zoneEnd(text, zone);
  return text.charCodeAt(end) === SPACE ? { form: 'date', end, zone } : undefined;
}

function clockShape(text: string, at: number): Shape | undefined {
  if (!areDigits(text, at + 3, 2) || text.charCodeAt(at + 5) !== COLON) return undefined;
  if (!areDigits(text, at + 6, 2) || text.charCodeAt(at + 8) !== 0x2e || !areDigits(text, at + 9, 3))
    return undefined;
  return text.charCodeAt(at + 12) === SPACE ? { form: 'clock', end: at + 12, zone: at + 12 } : undefined;
}

function fractionEnd(text: string, at: number): number {
  const mark = text.charCodeAt(at);
  let i = at;
  if (mark === 0x2e || mark === 0x2c) for (i++; isDigit(text.charCodeAt(i)); ) i++;
  return i;
}

function zoneEnd(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 0x5a) return at + 1;
  if (sign !== 0x2b && sign !== DASH) return at;
  const colon = text.charCodeAt(at + 3) === COLON ? 1 : 0;
  return areDigits(text, at + 1, 2) && areDigits(text, at + 3 + colon, 2) ? at + 5 + colon : at;
}

/** What a clock shows, of its printed parts. */
function wallOf(year = '', month = '', day = '', clock = ''): number {
  return Date.UTC(Number(year), MONTHS.indexOf(month), Number(day)) + clockMs(clock, 0);
}

function clockMs(text: string, at: number): number {
  const seconds =
    number(text, at, at + 2) * 3600 + number(text, at + 3, at + 5) * 60 + number(text, at + 6, at + 8);
  let ms = 0;
  if (isDigit(text.charCodeAt(at + 9)))
    for (let i = 0; i < 3; i++) {
      const digit = text.charCodeAt(at + 9 + i) - 48;
      ms = ms * 10 + (digit >= 0 && digit <= 9 ? digit : 0);
    }
  return seconds * 1000 + ms;
}

function number(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + text.charCodeAt(i) - 48;
  return value;
}

function areDigits(text: string, at: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (!isDigit(text.charCodeAt(at + i))) return false;
  return true;
}

/** A character code of `0` to `9`. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
