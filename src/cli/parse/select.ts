import { UsageError } from '../../core/errors.ts';
import { isObject } from '../../core/json/object.ts';
import { hint } from '../../core/text/suggest.ts';
import { matchesWildcard } from '../../core/text/wildcard.ts';
import { zonedTime } from '../../core/time/zone.ts';
import { CATALOGUE, fieldType } from '../../ecs/catalogue.ts';

/** Which events `parse` lets through. */
export interface SelectOptions {
  /** `FIELD=VALUE` or `FIELD!=VALUE`, all of which have to hold. */
  readonly where?: readonly string[];
  /** `@timestamp` at or after, at or before: ISO 8601, or how long ago. */
  readonly since?: string;
  readonly until?: string;
  /** IANA zone of times without one; undefined: the machine's. */
  readonly timezone?: string | undefined;
}

type Test = (event: unknown) => boolean;

const CONDITION = /^(@?[A-Za-z_][\w.@-]*?)(!?=)([\s\S]*)$/;
const AGO = /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Makes the test that an event has to pass; undefined: every event passes.
 * @throws UsageError with what to write instead
 */
export function selection(options: SelectOptions, now: number): Test | undefined {
  const tests = (options.where ?? []).map(condition);
  const since = options.since === undefined ? undefined : readTime('--since', options.since, options, now);
  const until = options.until === undefined ? undefined : readTime('--until', options.until, options, now);
  if (since !== undefined) tests.push((event) => timeOf(event) >= since);
  if (until !== undefined) tests.push((event) => timeOf(event) <= until);
  return tests.length === 0 ? undefined : (event) => tests.every((test) => test(event));
}

function condition(text: string): Test {
  const [, field, operator, pattern = ''] = CONDITION.exec(text) ?? [];
  if (field === undefined)
    throw new UsageError(`--where ${text}: write FIELD=VALUE or FIELD!=VALUE, as in event.action=client-*`);
  if (!isKnown(field)) {
    const fields = hint(field, Object.keys(CATALOGUE), 'docs/fields.md lists them');
    throw new UsageError(`--where ${text}: no event has a field "${field}"; ${fields}`);
  }
  const path = field.split('.');
  const matches: Test = (event) => valuesAt(event, path).some((value) => isMatch(pattern, value));
  return operator === '=' ? matches : (event) => !matches(event);
}

/** A field that is absent is equal to nothing but the empty text: `user.name=` finds events without a user. */
function isMatch(pattern: string, value: unknown): boolean {
  if (value === undefined || pattern === '') return value === undefined && pattern === '';
  return matchesWildcard(pattern, String(value));
}

function valuesAt(event: unknown, path: readonly string[]): readonly unknown[] {
  let at: unknown = event;
  for (const [i, key] of path.entries()) {
    if (!isObject(at)) return [undefined];
    // Keys of labels and of user properties may hold dots.
    const rest = path.slice(i).join('.');
    if (Object.hasOwn(at, rest)) return asArray(at[rest]);
    at = Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return asArray(at);
}

function asArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.length === 0 ? [undefined] : value;
  return [isObject(value) ? JSON.stringify(value) : value];
}

function isKnown(field: string): boolean {
  if (Object.hasOwn(CATALOGUE, field)) return true;
  const parts = field.split('.');
  return parts.some((_, i) => ['labels', 'flattened'].includes(fieldType(parts.slice(0, i).join('.')) ?? ''));
}

function timeOf(event: unknown): number {
  return isObject(event) ? Date.parse(String(event['@timestamp'])) : Number.NaN;
}

function readTime(option: string, text: string, { timezone }: SelectOptions, now: number): number {
  const [, amount, unit = ''] = AGO.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * (UNIT_MS[unit] ?? 0);
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', zone] = ISO.exec(text) ?? [];
  const wall = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(fraction.padEnd(3, '0')),
  );
  // 2026-02-30 is the 2nd of March to JavaScript.
  const isDate = new Date(wall).getUTCDate() === Number(day) && Number(month) <= 12;
  if (Number.isNaN(wall) || !isDate)
    throw new UsageError(
      `${option} ${text}: write a time such as 2026-11-21T19:00 or 2026-11-21, or how long ago, such as 90m, 2h or 7d`,
    );
  if (zone === undefined) return zonedTime(wall, timezone);
  return wall - offsetMinutes(zone) * 60_000;
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
}
