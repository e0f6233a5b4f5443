import { zonedTime } from './zone.ts';

/** A stamp at the start of a text: its time in milliseconds since 1970, and where the text goes on. */
export interface Stamp {
  readonly time: number;
  readonly end: number;
}

/** Parts of a time that directives fill in. */
interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  pm: boolean | undefined;
  epoch: number | undefined;
  offsetMinutes: number | undefined;
}

/** Reads one directive from `at`; gives where it ends, or -1. */
type Directive = (text: string, at: number, parts: Parts) => number;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const number =
  (min: number, max: number, set: (parts: Parts, value: number) => void): Directive =>
  (text, at, parts) => {
    let end = at;
    let value = 0;
    if (text[end] === ' ' && max === 2) end++;
    const first = end;
    for (let c = text.charCodeAt(end); c >= 48 && c <= 57 && end - at < max; c = text.charCodeAt(end)) {
      value = value * 10 + c - 48;
      end++;
    }
    if (end - at < min || end === first) return -1;
    set(parts, value);
    return end;
  };

const word =
  (words: readonly string[], set: (parts: Parts, index: number) => void): Directive =>
  (text, at, parts) => {
    const index = words.indexOf(text.slice(at, at + 3).toLowerCase());
    if (index === -1) return -1;
    set(parts, index);
    let end = at + 3;
    for (let c = text.charCodeAt(end) | 32; c >= 97 && c <= 122; c = text.charCodeAt(end) | 32) end++;
    return end;
  };

/** Directives of C's strftime that tell a time; in the C locale, as brokers in containers and services run. */
const DIRECTIVES: Readonly<Record<string, Directive>> = {
  Y: number(4, 4, (p, v) => {
    p.year = v;
  }),
  y: number(2, 2, (p, v) => {
    p.year = v + (v < 69 ? 2000 : 1900);
  }),
  m: number(2, 2, (p, v) => {
    p.month = v - 1;
  }),
  d: number(2, 2, (p, v) => {
    p.day = v;
  }),
  e: number(1, 2, (p, v) => {
    p.day = v;
  }),
  H: number(2, 2, (p, v) => {
    p.hour = v;
  }),
  k: number(1, 2, (p, v) => {
    p.hour = v;
  }),
  I: number(2, 2, (p, v) => {
    p.hour = v;
  }),
  l: number(1, 2, (p, v) => {
    p.hour = v;
  }),
  M: number(2, 2, (p, v) => {
    p.minute = v;
  }),
  S: number(2, 2, (p, v) => {
    p.second = v;
  }),
  s: number(9, 12, (p, v) => {
    p.epoch = v;
  }),
  j: number(3, 3, (p, v) => {
    p.month = 0;
    p.day = v;
  }),
  b: word(MONTHS, (p, i) => {
    p.month = i;
  }),
  B: word(MONTHS, (p, i) => {
    p.month = i;
  }),
  h: word(MONTHS, (p, i) => {
    p.month = i;
  }),
  a: word(DAYS, () => {}),
  A: word(DAYS, () => {}),
  p: (text, at, parts) => {
    const half = text.slice(at, at + 2).toUpperCase();
    if (half !== 'AM' && half !== 'PM') return -1;
    parts.pm = half === 'PM';
    return at + 2;
  },
  z: readOffset,
  Z: (text, at, parts) => {
    let end = at;
    while (/[A-Za-z0-9+-]/.test(text[end] ?? '')) end++;
    if (/^(UTC|GMT|Z)$/.test(text.slice(at, end))) parts.offsetMinutes = 0;
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
};

/** Reads stamps of one strftime form, which end in `": "`. */
export class StampForm {
  readonly form: string;
  private readonly steps: readonly (string | Directive)[];
  private readonly timezone: string | undefined;

  /** @param timezone IANA zone of stamps without one; undefined: the machine's */
  constructor(form: string, timezone: string | undefined) {
    this.form = form;
    this.timezone = timezone;
    this.steps = compile(form);
  }

  /** @param seen milliseconds since 1970, for forms without a year */
  read(text: string, seen: number): Stamp | undefined {
    const parts: Parts = {
      year: 0,
      month: 0,
      day: 1,
      hour: 0,
      minute: 0,
      second: 0,
      pm: undefined,
      epoch: undefined,
      offsetMinutes: undefined,
    };
    let at = 0;
    for (const step of this.steps) {
      if (typeof step !== 'string') at = step(text, at, parts);
      else at = text.startsWith(step, at) ? at + step.length : -1;
      if (at === -1) return undefined;
    }
    if (!text.startsWith(': ', at)) return undefined;
    const time = this.time(parts, seen);
    return time === undefined ? undefined : { time, end: at + 2 };
  }

  private time(parts: Parts, seen: number): number | undefined {
    if (parts.epoch !== undefined) return parts.epoch * 1000;
    const { month, day, minute, second } = parts;
    const hour = parts.pm === undefined ? parts.hour : (parts.hour % 12) + (parts.pm ? 12 : 0);
    if (month > 11 || day < 1 || day > 366 || hour > 24 || minute > 59 || second > 60) return undefined;
    const year = parts.year === 0 ? yearOf(month, day, seen) : parts.year;
    const wall = Date.UTC(year, month, day, hour, minute, second);
    if (parts.offsetMinutes !== undefined) return wall - parts.offsetMinutes * 60_000;
    return zonedTime(wall, this.timezone);
  }
}

function compile(form: string): (string | Directive)[] {
  const steps: (string | Directive)[] = [];
  for (let i = 0; i < form.length; i++) {
    const letter = form[i + 1];
    if (form[i] !== '%' || letter === undefined) {
      steps.push(form[i] ?? '');
      continue;
    }
    i++;
    const compound = COMPOUND[letter];
    const directive = DIRECTIVES[letter];
    if (compound !== undefined) steps.push(...compile(compound));
    else if (directive !== undefined) steps.push(directive);
    else steps.push(letter === 'n' ? '\n' : letter === 't' ? '\t' : letter);
  }
  return steps;
}

function readOffset(text: string, at: number, parts: Parts): number {
  if (text[at] === 'Z') {
    parts.offsetMinutes = 0;
    return at + 1;
  }
  const sign = text[at] === '+' ? 1 : text[at] === '-' ? -1 : 0;
  const colon = text[at + 3] === ':' ? 1 : 0;
  const hours = Number(text.slice(at + 1, at + 3));
  const minutes = Number(text.slice(at + 3 + colon, at + 5 + colon));
  if (sign === 0 || !Number.isInteger(hours) || !Number.isInteger(minutes) || text.length < at + 5 + colon)
    return -1;
  parts.offsetMinutes = sign * (hours * 60 + minutes);
  return at + 5 + colon;
}

/** A stamp without a year is of the last twelve months. */
function yearOf(month: number, day: number, seen: number): number {
  const year = new Date(seen).getUTCFullYear();
  return Date.UTC(year, month, day) > seen + 2 * 86_400_000 ? year - 1 : year;
}
