import assert from 'node:assert/strict';
import { dialect } from '../../src/brokers/mosquitto/index.ts';
import type { StreamInfo } from '../../src/core/dialect.ts';
import { type Emit, Mark, type Slot } from '../../src/core/event.ts';
import type { Written } from './mosquitto-writer.ts';

export const STREAM: StreamInfo = { ownClients: new Set(), topicRoot: 2, timezone: 'UTC' };
export const SEEN = Date.UTC(2026, 10, 21, 20);

/** One event with its values by field. */
export interface Read {
  readonly action: string;
  readonly code: string;
  readonly time: number;
  readonly marks: number;
  readonly values: Readonly<Record<string, Slot>>;
}

/** Gathers events. */
export function collect(into: Read[]): Emit {
  return (kind, time, _message, values, marks = 0) => {
    const named = Object.fromEntries(kind.slots.map((slot, i) => [slot, values[i]]));
    into.push({ action: kind.action, code: kind.code, time, marks, values: named });
  };
}

const FIELDS: readonly (readonly [keyof Written, string])[] = [
  ['client', 'mqtt.client.id'],
  ['user', 'user.name'],
  ['ip', 'source.ip'],
  ['port', 'source.port'],
  ['topic', 'mqtt.topic'],
  ['filter', 'mqtt.subscription.filter'],
];

/**
 * Reads one line at a time and compares what is believed with what was written. Gives how many were ambiguous.
 * @param isLoose lines of clients whose connect was ambiguous may be unknown
 */
export function compare(written: readonly Written[], isLoose = false): number {
  const events: Read[] = [];
  const session = dialect.open(STREAM, collect(events));
  let ambiguous = 0;
  for (const want of written) {
    events.length = 0;
    session.line(want.line, SEEN, 0);
    const own = events.filter(({ marks }) => (marks & Mark.derived) === 0);
    const [event] = own;
    const told = `${JSON.stringify(want)} => ${JSON.stringify(own)}`;
    assert.equal(own.length, 1, told);
    if (event === undefined) continue;
    const isAmbiguous = (event.marks & Mark.ambiguous) !== 0;
    const isCut = (event.marks & Mark.truncated) !== 0;
    if (isAmbiguous) ambiguous++;
    if (isAmbiguous || isCut) assert.ok(event.action === want.action || event.action === 'broker-log', told);
    else if (event.code !== 'mosquitto.log' || !isLoose) assert.equal(event.action, want.action, told);
    for (const [key, field] of FIELDS) {
      const value: Slot = event.values[field];
      if (value === undefined) {
        const isNeeded =
          key === 'client' ||
          key === 'topic' ||
          key === 'filter' ||
          (key === 'user' && want.action === 'client-connected');
        // An id that was cut where it was told first is not known in the lines that belong to that one.
        const isTold = event.code !== 'mosquitto.log' && Buffer.byteLength(want.client ?? '') < 850;
        if (
          isNeeded &&
          isTold &&
          !isAmbiguous &&
          !isCut &&
          want[key] !== undefined &&
          want.client !== '<unknown>' &&
          want.action !== 'broker-log'
        )
          assert.fail(`${field} is missing: ${told}`);
      } else {
        assert.equal(value, want[key], `${field}: ${told}`);
      }
    }
  }
  return ambiguous;
}
