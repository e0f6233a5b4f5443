import { compile, type Directive, type Parts } from './strftime.ts';

/** A stamp at the start of a text. */
export interface Stamp {
  /** Milliseconds since 1970; undefined: that depends on the zone of the clock. */
  readonly time: number | undefined;
  /** What the clock showed, read as UTC, in milliseconds since 1970. */
  readonly wall: number;
  /** Abbreviation of a zone, `CEST`. */
  readonly zone: string | undefined;
  /** Where the text goes on. */
  readonly end: number;
}

const DAY_MS = 86_400_000;

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

/** Reads stamps of one strftime form; `": "` follows each. */
export class StampForm {
  readonly form: string;
  /** It tells no time. */
  readonly isConstant: boolean;
  private readonly steps: readonly (string | Directive)[];

  constructor(form: string) {
    this.form = form;
    this.steps = compile(form);
    this.isConstant = this.steps.every((step) => typeof step === 'string');
  }

  /** @param seen milliseconds since 1970, for forms without a year, a date or any time */
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
    if (this.isConstant) return { time: seen, wall: 0, zone: undefined, end };
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

/** A stamp without a year is of the last twelve months. */
function yearOf(month: number, day: number, seen: number): number {
  const year = new Date(seen).getUTCFullYear();
  return Date.UTC(year, month, day) > seen + 2 * DAY_MS ? year - 1 : year;
}
