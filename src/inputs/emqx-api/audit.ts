import { hash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../core/event.ts';
import type { InputHost } from '../../core/input.ts';
import { isObject } from '../../core/json/object.ts';
import type { EmqxApi } from '../../emqx-api/api.ts';
import { isProblem } from '../../emqx-api/problem.ts';

const PAGE_ROWS = 1000;
/** Records of other nodes may come later than newer ones of ours, and clocks differ. */
const OVERLAP_MS = 60_000;
/** A record holds the body of a request, which can be nested as its sender likes. Events tell ten levels. */
const MAX_LEVELS = 100;
/** Digests that the next run is told. */
const MAX_KEPT = 500;

/** A record of the audit log as a line for the dialect, without secrets. */
export interface AuditRecord {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** What one poll of the audit log has found. */
interface AuditPoll {
  /** New records, oldest first. */
  readonly records: readonly AuditRecord[];
  /** Records that came since the poll before have left the broker's table already. */
  readonly isTurnedOver: boolean;
}

/**
 * Follows the audit log of EMQX Enterprise through `GET /audit` (5.3 and later). Each poll asks again for the last minute
 * that is known, and leaves out what it had. The broker keeps 5,000 records by default (`log.audit.max_filter_size`): when none
 * that is known is among the answer, others have gone too.
 */
export class AuditFollower {
  private readonly api: EmqxApi;
  private readonly original: InputHost['original'];
  /** Digests of the records since `newest` - `OVERLAP_MS`, with their times. */
  private readonly known = new Map<string, number>();
  private newest = Number.NEGATIVE_INFINITY;

  /** @param original hides the secrets of a record */
  constructor(api: EmqxApi, original: InputHost['original']) {
    this.api = api;
    this.original = original;
  }

  /** What the next run has to know. */
  facts(): JsonObject {
    const { newest } = this;
    return Number.isFinite(newest)
      ? { newest, known: Object.fromEntries([...this.known].slice(-MAX_KEPT)) }
      : {};
  }

  /** Goes on where an earlier run has ended. */
  resume(facts: JsonValue | undefined): void {
    if (!isObject(facts) || typeof facts.newest !== 'number' || !isObject(facts.known)) return;
    this.newest = facts.newest;
    for (const [digest, time] of Object.entries(facts.known))
      if (typeof time === 'number') this.known.set(digest, time);
  }

  /** Records that are stored, and will be in the next answer. */
  stored(records: readonly AuditRecord[]): void {
    for (const { text, time } of records) {
      this.known.set(digestOf(text), time);
      // A time to come is that of a clock that is ahead: what follows when it is right again would be older.
      this.newest = Math.max(this.newest, Math.min(time, Date.now()));
    }
    for (const [digest, at] of this.known) if (at < this.newest - OVERLAP_MS) this.known.delete(digest);
  }

  /** @throws ApiError, RetryableError */
  async poll(signal: AbortSignal): Promise<AuditPoll> {
    const isFirst = !Number.isFinite(this.newest);
    const since = isFirst ? {} : { gte_created_at: new Date(this.newest - OVERLAP_MS).toISOString() };
    const found = new Map<string, AuditRecord>();
    let hasKnown = false;
    for await (const records of this.api.pages(
      'audit',
      since,
      PAGE_ROWS,
      (row) => recordOf(row, this.original),
      signal,
    )) {
      for (const record of records) {
        const digest = digestOf(record.text);
        if (this.known.has(digest)) hasKnown = true;
        else found.set(digest, record);
      }
    }
    const records = [...found.values()].sort((a, b) => a.time - b.time);
    return { records, isTurnedOver: !isFirst && !hasKnown };
  }
}

/** Why the audit log cannot be polled, where EMQX's own words do not tell what to do; undefined: they do. */
export function auditAdvice(error: unknown): string | undefined {
  if (isProblem(error, 'not_found'))
    return 'this EMQX has no audit API: it is in Enterprise 5.3 and later; set "audit: false"';
  if (isProblem(error, 'refused') && error.message.includes('Audit is disabled'))
    return 'the audit log is off: set log.audit.enable = true';
  return undefined;
}

/** The record of a row, in the names of the audit log's file: `cmd` and `function` are there what the table calls by other names. */
function recordOf(row: JsonObject, original: InputHost['original']): AuditRecord {
  const { created_at: created, from, args, operation_type: type, ...rest } = row;
  const told = Object.entries(rest).filter(([key, value]) => value !== '' || key === 'operation_id');
  const common = { time: created ?? null, from: from ?? null };
  const [called = '', given = ''] = typeof args === 'string' ? args.split(/: (.*)/s) : [];
  const special: JsonObject =
    from === 'cli'
      ? { cmd: type ?? '', args: args ?? [] }
      : from === 'erlang_console'
        ? { function: called, args: given }
        : { ...(type !== undefined && { operation_type: type }), ...(Array.isArray(args) && { args }) };
  const time = typeof created === 'string' ? Date.parse(created) : Number.NaN;
  const record = sorted({ ...common, ...special, ...Object.fromEntries(told) });
  return { text: original(JSON.stringify(record)), time: Number.isNaN(time) ? Date.now() : time };
}

/** The order of keys says nothing, and differs from answer to answer. @param levels so deep at most: the rest is left out */
function sorted(value: JsonValue, levels = MAX_LEVELS): JsonValue {
  if (typeof value === 'object' && levels === 0) return null;
  if (Array.isArray(value)) return value.map((item) => sorted(item, levels - 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null, levels - 1)]),
  );
}

function digestOf(text: string): string {
  return hash('sha1', text, 'base64').slice(0, 16);
}
