/** Parts of a time that directives fill in. */
interface Parts {
  century: number | undefined;
  year: number | undefined;
  month: number | undefined;
  day: number | undefined;
  yearDay: number | undefined;
  isoYear: number | undefined;
  isoWeek: number | undefined;
  weekDay: number | undefined;
  hour: number;
  minute: number;
  second: number;
  pm: boolean | undefined;
  epoch: number | undefined;
  offsetMinutes: number | undefined;
  zone: string | undefined;
}

/** A stamp at the start of a text. */
export interface Stamp {
  /** Milliseconds since 1970, where the stamp tells it without a zone. */
  readonly time: number | undefined;
  /** What the clock showed, as if it were UTC, in milliseconds since 1970. */
  readonly wall: number;
  /** Abbreviation of a zone, `CEST`. */
  readonly zone: string | undefined;
  /** Where the text goes on. */
  readonly end: number;
}

/** Reads one directive from `at`; gives where it ends, or -1. */
type Directive = (text: string, at: number, parts: Parts) => number;

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const DAY_MS = 86_400_000;

/** A number of so many digits, a blank in front where the first of two can be one; a flag may take padding away. */
const number =
  (min: number, max: number, set: (parts: Parts, value: number) => void): Directive =>
  (text, at, parts) => {
    let end = at;
    let value = 0;
    if (max <= 3) while (text[end] === ' ' && end - at < max - 1) end++;
    const first = end;
    for (let c = text.charCodeAt(end); c >= 48 && c <= 57 && end - at < max; c = text.charCodeAt(end)) {
      value = value * 10 + c - 48;
      end++;
    }
    if (end - at < min || end === first) return -1;
    set(parts, value);
    return end;
  };

/** A name, whole or its first three letters, in the C locale, as brokers in containers and services run. */
const word =
  (words: readonly string[], whole: boolean, set: (parts: Parts, index: number) => void): Directive =>
  (text, at, parts) => {
    for (const [index, name] of words.entries()) {
      const length = whole ? name.length : 3;
      if (text.slice(at, at + length).toLowerCase() !== name.slice(0, length)) continue;
      set(parts, index);
      return at + length;
    }
    return -1;
  };

const month = (whole: boolean): Directive =>
  word(MONTHS, whole, (p, i) => {
    p.month = i;
  });
const weekDay = (whole: boolean): Directive =>
  word(DAYS, whole, (p, i) => {
    p.weekDay = i;
  });
const twoDigitYear = (value: number): number => value + (value < 69 ? 2000 : 1900);
const half: Directive = (text, at, parts) => {
  const letters = text.slice(at, at + 2).toUpperCase();
  if (letters !== 'AM' && letters !== 'PM') return -1;
  parts.pm = letters === 'PM';
  return at + 2;
};

/** Directives of C's strftime that tell a time. */
const DIRECTIVES: Readonly<Record<string, Directive>> = {
  Y: number(4, 4, (p, v) => {
    p.year = v;
  }),
  C: number(2, 2, (p, v) => {
    p.century = v;
  }),
  y: number(2, 2, (p, v) => {
    p.year = twoDigitYear(v);
  }),
  G: number(4, 4, (p, v) => {
    p.isoYear = v;
  }),
  g: number(2, 2, (p, v) => {
    p.isoYear = twoDigitYear(v);
  }),
  V: number(1, 2, (p, v) => {
    p.isoWeek = v;
  }),
  u: number(1, 1, (p, v) => {
    p.weekDay = v % 7;
  }),
  w: number(1, 1, (p, v) => {
    p.weekDay = v;
  }),
  U: number(1, 2, () => {}),
  W: number(1, 2, () => {}),
  m: number(1, 2, (p, v) => {
    p.month = v - 1;
  }),
  d: number(1, 2, (p, v) => {
    p.day = v;
  }),
  e: number(1, 2, (p, v) => {
    p.day = v;
  }),
  H: number(1, 2, (p, v) => {
    p.hour = v;
  }),
  k: number(1, 2, (p, v) => {
    p.hour = v;
  }),
  I: number(1, 2, (p, v) => {
    p.hour = v;
  }),
  l: number(1, 2, (p, v) => {
    p.hour = v;
  }),
  M: number(1, 2, (p, v) => {
    p.minute = v;
  }),
  S: number(1, 2, (p, v) => {
    p.second = v;
  }),
  s: number(1, 12, (p, v) => {
    p.epoch = v;
  }),
  j: number(1, 3, (p, v) => {
    p.yearDay = v;
  }),
  b: month(false),
  h: month(false),
  B: month(true),
  a: weekDay(false),
  A: weekDay(true),
  p: half,
  P: half,
  z: readOffset,
  Z: (text, at, parts) => {
    let end = at;
    while (/[A-Za-z0-9+-]/.test(text[end] ?? '')) end++;
    parts.zone = text.slice(at, end);
    return end > at ? end : -1;
  },
};

/** Directives that stand for several. */
const COMPOUND: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  c: '%a %b %e %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  r: '%I:%M:%S %p',
  n: '\n',
  t: '\t',
  '%': '%',
};

/** Names of zones that mean one offset wherever they are used, in minutes. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  WET: 0,
  WEST: 60,
  CET: 60,
  CEST: 120,
  EET: 120,
  EEST: 180,
  MSK: 180,
  EST: -300,
  EDT: -240,
  CDT: -300,
  MDT: -360,
  PST: -480,
  PDT: -420,
  AKST: -540,
  AKDT: -480,
  HST: -600,
  JST: 540,
  KST: 540,
  AEST: 600,
  AEDT: 660,
  NZST: 720,
  NZDT: 780,
};

/** Reads stamps of one strftime form, which end in `": "`. */
export class StampForm {
  readonly form: string;
  private readonly steps: readonly (string | Directive)[];

  constructor(form: string) {
    this.form = form;
    this.steps = compile(form);
  }

  /** @param seen milliseconds since 1970, for forms without a year or a date */
  read(text: string, seen: number): Stamp | undefined {
    const parts: Parts = {
      century: undefined,
      year: undefined,
      month: undefined,
      day: undefined,
      yearDay: undefined,
      isoYear: undefined,
      isoWeek: undefined,
      weekDay: undefined,
      hour: 0,
      minute: 0,
      second: 0,
      pm: undefined,
      epoch: undefined,
      offsetMinutes: undefined,
      zone: undefined,
    };
    let at = 0;
    for (const step of this.steps) {
      if (typeof step !== 'string') at = step(text, at, parts);
      else at = text.startsWith(step, at) ? at + step.length : -1;
      if (at === -1) return undefined;
    }
    if (!text.startsWith(': ', at)) return undefined;
    const end = at + 2;
    if (parts.epoch !== undefined) return { time: parts.epoch * 1000, wall: 0, zone: undefined, end };
    const wall = wallOf(parts, seen);
    if (wall === undefined) return undefined;
    const { zone } = parts;
    const offset = parts.offsetMinutes ?? (zone === undefined ? undefined : ZONES[zone]);
    return { time: offset === undefined ? undefined : wall - offset * 60_000, wall, zone, end };
  }
}

function wallOf(parts: Parts, seen: number): number | undefined {
  const { minute, second, yearDay } = parts;
  const hour = parts.pm === undefined ? parts.hour : (parts.hour % 12) + (parts.pm ? 12 : 0);
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const ofDay = ((hour * 60 + minute) * 60 + second) * 1000;
  if (parts.isoYear !== undefined && parts.isoWeek !== undefined)
    return isoDay(parts.isoYear, parts.isoWeek, parts.weekDay ?? 1) + ofDay;
  const month = parts.month ?? 0;
  const day = parts.day ?? 1;
  if (month > 11 || month < 0 || day < 1 || day > 31 || yearDay === 0 || (yearDay ?? 1) > 366)
    return undefined;
  const year = parts.century === undefined ? parts.year : parts.century * 100 + ((parts.year ?? 0) % 100);
  if (yearDay !== undefined) return Date.UTC(year ?? new Date(seen).getUTCFullYear(), 0, yearDay) + ofDay;
  if (year !== undefined) return Date.UTC(year, month, day) + ofDay;
  if (parts.month !== undefined && parts.day !== undefined)
    return Date.UTC(yearOf(month, day, seen), month, day) + ofDay;
  const today = Math.floor(seen / DAY_MS) * DAY_MS;
  // A time without a date is of the last day.
  return today + ofDay > seen + DAY_MS / 2 ? today - DAY_MS + ofDay : today + ofDay;
}

/** Start of a day of an ISO 8601 week: week 1 holds 4 January. */
function isoDay(year: number, week: number, weekDay: number): number {
  const fourth = Date.UTC(year, 0, 4);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY_MS;
  return monday + ((week - 1) * 7 + ((weekDay + 6) % 7)) * DAY_MS;
}

function compile(form: string): (string | Directive)[] {
  const steps: (string | Directive)[] = [];
  for (let i = 0; i < form.length; i++) {
    if (form[i] !== '%') {
      steps.push(form[i] ?? '');
      continue;
    }
    i++;
    // Flags and widths of glibc change only padding and case; E and O ask for another calendar, which C has not.
    while (/[-_0^#EO]/.test(form[i] ?? '') && form[i + 1] !== undefined) i++;
    const letter = form[i] ?? '%';
    const compound = COMPOUND[letter];
    const directive = DIRECTIVES[letter];
    if (directive !== undefined) steps.push(directive);
    else if (compound === undefined || compound.length === 1) steps.push(compound ?? letter);
    else steps.push(...compile(compound));
  }
  return steps;
}

/** `+0100`, `+01:00` or `Z`. */
function readOffset(text: string, at: number, parts: Parts): number {
  if (text[at] === 'Z') {
    parts.offsetMinutes = 0;
    return at + 1;
  }
  const found = /^([+-])(\d\d):?(\d\d)/.exec(text.slice(at, at + 6));
  if (found === null) return -1;
  parts.offsetMinutes = (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3]));
  return at + found[0].length;
}

/** A stamp without a year is of the last twelve months. */
function yearOf(month: number, day: number, seen: number): number {
  const year = new Date(seen).getUTCFullYear();
  return Date.UTC(year, month, day) > seen + 2 * DAY_MS ? year - 1 : year;
}
