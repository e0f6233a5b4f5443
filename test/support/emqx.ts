import { dialect } from '../../src/brokers/emqx/index.ts';
import type { Dialect, Session, StreamInfo } from '../../src/core/dialect.ts';
import { type Emit, type JsonObject, Mark } from '../../src/core/event.ts';
import { EntryJoiner } from '../../src/framing/entries.ts';
import { decodeLines } from '../../src/framing/lines.ts';

export const EMQX_STREAM = {
  ownClients: new Set<string>(),
  topicRoot: 2,
  timezone: 'UTC',
  /** When everything was read. */
  seen: Date.UTC(2026, 10, 21, 20),
};

/** One event of the dialect, as the golden files have it. */
export interface Read {
  readonly code: string;
  readonly action: string;
  readonly provider: string;
  readonly time: string;
  readonly message: string;
  readonly outcome?: string;
  readonly constants: JsonObject;
  readonly values: JsonObject;
  readonly marks?: string;
}

/** A session whose events are collected. */
export function reader(
  state?: JsonObject,
  of: Dialect = dialect,
  stream: StreamInfo = EMQX_STREAM,
): { events: Read[]; session: Session } {
  const events: Read[] = [];
  const emit: Emit = (kind, time, message, values, marks = 0) => {
    const { 'event.code': code = kind.code, ...named } = Object.fromEntries(
      kind.slots.map((slot, i) => [slot, values[i]]).filter(([, value]) => value !== undefined),
    );
    const set = Object.entries(Mark)
      .filter(([, bit]) => (marks & bit) !== 0)
      .map(([name]) => name);
    events.push({
      code: String(code),
      action: kind.action,
      provider: kind.provider ?? of.provider,
      time: new Date(time).toISOString(),
      message,
      ...(kind.outcome && { outcome: kind.outcome }),
      constants: kind.constants,
      values: named as JsonObject,
      ...(set.length > 0 && { marks: set.join() }),
    });
  };
  return { events, session: of.open(stream, emit, state) };
}

/** The entries of a log file; lines count from 1. */
export function entriesOf(bytes: Buffer): { text: string; line: number; lines: number; start: number }[] {
  const entries: { text: string; line: number; lines: number; start: number }[] = [];
  const role = dialect.role;
  if (role === undefined) throw new Error('the dialect has no entries');
  new EntryJoiner(role, false).decode(
    decodeLines,
    bytes,
    0,
    bytes.length,
    1 << 20,
    { final: true },
    () => false,
    (text, start) => {
      const line = bytes.subarray(0, start).toString().split('\n').length;
      if (text !== '') entries.push({ text, line, lines: text.split('\n').length, start });
      return true;
    },
  );
  return entries;
}

/** The event of a record that no other stands before. */
export function one(text: string): Read | undefined {
  const { events, session } = reader();
  session.line(text, EMQX_STREAM.seen, 0);
  return events[0];
}
