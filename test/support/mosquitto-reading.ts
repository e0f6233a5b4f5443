import assert from 'node:assert/strict';
import { dialect } from '../../src/brokers/mosquitto/index.ts';
import type { StreamInfo } from '../../src/core/dialect.ts';
import { type Emit, type JsonObject, Mark } from '../../src/core/event.ts';

export const STREAM: StreamInfo = { ownClients: new Set(['own']), topicRoot: 2, timezone: 'UTC' };
/** When everything was read. */
export const SEEN: number = Date.UTC(2026, 10, 21, 20);

/** One event, as the golden files have it. */
export interface Read {
  readonly code: string;
  readonly action: string;
  readonly level?: string;
  readonly time: string;
  readonly message: string;
  readonly values: JsonObject;
  readonly marks?: string;
}

/** Takes events as the golden files have them. */
export function collect(into: Read[]): Emit {
  return (kind, time, message, values, marks = 0) => {
    const reason = kind.constants['event.reason'];
    const named = {
      ...(reason !== undefined && { 'event.reason': reason }),
      ...Object.fromEntries(
        kind.slots.map((slot, i) => [slot, values[i]]).filter(([, v]) => v !== undefined),
      ),
    };
    if (kind.verbatim === true) {
      const texts = values.filter((value) => typeof value === 'string');
      for (const text of texts)
        assert.ok(message.includes(text), `${kind.code}: “${text}” is not in the message`);
    }
    const set = Object.entries(Mark)
      .filter(([, bit]) => (marks & bit) !== 0)
      .map(([name]) => name);
    into.push({
      code: kind.code,
      action: kind.action,
      ...(kind.level && { level: kind.level }),
      time: new Date(time).toISOString(),
      message: message.length > 300 ? `${message.slice(0, 300)}… ${message.length}` : message,
      values: JSON.parse(JSON.stringify(named).slice(0, 100_000)),
      ...(set.length > 0 && { marks: set.join() }),
    });
  };
}

/** The events of lines that one session reads. */
export function read(lines: readonly string[], stream: StreamInfo = STREAM): Read[] {
  const events: Read[] = [];
  const session = dialect.open(stream, collect(events));
  for (const line of lines) session.line(line, SEEN, 0);
  return events;
}

/** The event of a line that no other stands before. */
export const one = (line: string): Read | undefined => read([line])[0];
