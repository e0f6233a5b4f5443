/** What the directives have read. */
export interface Parts {
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

/**
 * Reads what one directive stands for.
 * @returns where it ends; -1: something else stands at `at`
 */
export type Directive = (text: string, at: number, parts: Parts) => number;

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

/** A number of `min` to `max` digits. Short ones may be padded with blanks. */
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

/** A name, whole or its first three letters, in the C locale: brokers in containers and services run in it. */
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

/** The fixed text and the directives of a form, in their order. */
export function compile(form: string): (string | Directive)[] {
  const steps: (string | Directive)[] = [];
  for (let i = 0; i < form.length; i++) {
    if (form[i] !== '%') {
      steps.push(form[i] ?? '');
      continue;
    }
    i++;
    // glibc's flags change only padding and case; E and O ask for another calendar, which the C locale does not have.
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
