import type { JsonValue, LogLevel } from '../../../core/event.ts';

export { epochMs } from '../../../core/time/epoch.ts';

import type { Packet } from '../printed/packet.ts';
import { readTerm } from '../printed/term.ts';
import { word } from '../values/json.ts';
import { NO_PEER, type Peer, parseHost } from '../values/peer.ts';

/** What one entry of a log says, of whatever version and form. */
export interface Entry {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel | undefined;
  /** Bits of `Mark`. */
  readonly marks: number;
  /** Its text without stamp, payloads and secrets. */
  readonly message: string;
  /** `msg` of a structured entry; undefined: it is prose. */
  readonly name: string | undefined;
  /** Prose without the head before it. */
  readonly text: string;
  readonly tag: string | undefined;
  /** `module:function` that wrote it. */
  readonly logger: string | undefined;
  readonly client: string | undefined;
  readonly user: string | undefined;
  readonly topic: string | undefined;
  readonly peer: Peer;
  readonly packet: Packet | undefined;
  /** Size in bytes of the payload that it prints. */
  readonly payloadSize: number | undefined;
  /** Its values by their names; those of a text entry as they are printed. */
  readonly fields: Fields;
  /** It comes from a text log: values of `fields` are printed Erlang terms. */
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

/** The value of a field of an entry. */
export function fieldOf(entry: Entry, key: string): JsonValue | undefined {
  return Object.hasOwn(entry.fields, key) ? valueIn(entry, entry.fields[key]) : undefined;
}

/** A value of an entry's fields; a printed term is read. */
export function valueIn(entry: Entry, value: JsonValue | undefined): JsonValue | undefined {
  return entry.isText && typeof value === 'string' ? readTerm(value) : value;
}

/** The client id of an entry that its process does not belong to, in keys of its own; `emqx_delayed` writes `clienid`. */
export function namedClient(fields: Fields, isText: boolean): string | undefined {
  const given = fields.client_id ?? fields.clienid;
  return word(typeof given === 'string' && isText ? readTerm(given) : given);
}

/** Entries about clients that come and go too often; no others have an address so. */
const FLAPPING: ReadonlySet<unknown> = new Set(['flapping_detected', 'client_disconnected']);

/** The address of a client that the entry's process does not belong to. */
export function namedPeer({ msg, peer_host: host }: Fields): Peer {
  const peer = typeof host === 'string' && FLAPPING.has(msg) ? parseHost(host) : NO_PEER;
  return peer.ip === undefined ? NO_PEER : peer;
}

const MFA = /^\{(\w{1,64}),([\w'-]{1,64}),(\d{1,3})\}$/;

/**
 * `module:function/arity` of an `mfa`, without the line number that may follow: `emqx_channel:log_auth_failure/1(1750)`, or of a
 * tuple, `{emqx_channel,terminate,2}`. One with arguments is not what wrote the entry, but what has failed.
 */
export function loggerOf(mfa: string | undefined): string | undefined {
  if (mfa === undefined) return undefined;
  if (mfa.charCodeAt(0) === 0x7b) return MFA.test(mfa) ? mfa.replace(MFA, '$1:$2/$3') : undefined;
  if (/\s/.test(mfa)) return undefined;
  const line = mfa.indexOf('(');
  return line === -1 ? mfa : mfa.slice(0, line);
}
