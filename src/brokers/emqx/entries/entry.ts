import type { JsonValue, LogLevel } from '../../../core/event.ts';

export { epochMs } from '../../../core/epoch.ts';

import type { Packet } from '../printed/packet.ts';
import { readTerm } from '../printed/term.ts';
import type { Peer } from '../values/peer.ts';

/** What one entry of a log says, whatever the generation and form. */
export interface Entry {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel | undefined;
  /** Bits of `Mark`. */
  readonly marks: number;
  /** What may be told of it as text: no stamp, no payload, no secret. */
  readonly message: string;
  /** `msg` of structured records; undefined: it is prose. */
  readonly name: string | undefined;
  /** Prose without what stands before it. */
  readonly text: string;
  readonly tag: string | undefined;
  /** `module:function` that wrote it. */
  readonly logger: string | undefined;
  readonly client: string | undefined;
  readonly user: string | undefined;
  readonly topic: string | undefined;
  readonly peer: Peer;
  readonly packet: Packet | undefined;
  /** Bytes of the payload that it printed. */
  readonly payloadSize: number | undefined;
  /** Everything that it says by name; from text the values are what is printed. */
  readonly fields: Fields;
  /** Values of `fields` are printed Erlang terms. */
  readonly isText: boolean;
}

export type Fields = Readonly<Record<string, JsonValue>>;

const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ['debug', 'debug'],
  ['info', 'info'],
  ['notice', 'notice'],
  ['warning', 'warning'],
  ['warn', 'warning'],
  ['error', 'error'],
  ['critical', 'critical'],
  ['alert', 'alert'],
  ['emergency', 'emergency'],
]);

export function levelOf(word: string): LogLevel | undefined {
  return LEVELS.get(word);
}

/** One value of an entry; printed terms are read. */
export function fieldOf(entry: Entry, key: string): JsonValue | undefined {
  if (!Object.hasOwn(entry.fields, key)) return undefined;
  const value = entry.fields[key];
  return entry.isText && typeof value === 'string' ? readTerm(value) : value;
}

/** `emqx_channel:log_auth_failure/1(1750)`: the line number may follow. */
export function loggerOf(mfa: string | undefined): string | undefined {
  if (mfa === undefined) return undefined;
  const line = mfa.indexOf('(');
  return line === -1 ? mfa : mfa.slice(0, line);
}
