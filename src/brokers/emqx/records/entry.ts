import { bounded } from '../../../core/bounded.ts';
import type { JsonObject, JsonValue, LogLevel } from '../../../core/event.ts';

export { epochMs } from '../../../core/epoch.ts';

import type { Packet } from '../printed/packet.ts';
import { readTerm } from '../printed/term.ts';
import { isSent, LOG_PAYLOADS, mayHoldMessages, withoutPayloads } from '../secrets/payload-keys.ts';
import { hideSecretValues, isSecretKey, mayHoldSecrets } from '../secrets/secrets.ts';
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

/** A text that is there: neither empty nor `undefined`. */
export function word(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' && value !== 'undefined' ? value : undefined;
}

/**
 * A whole number of at most `max`; anything else is absent, because an index would refuse the event for it.
 */
export function number(
  value: JsonValue | undefined,
  max: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const given = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof given === 'number' && Number.isSafeInteger(given) && given <= max ? given : undefined;
}

export const MAX_QOS = 2;
/** Reason codes and return codes are bytes. */
export const MAX_CODE = 255;
export const MAX_PORT = 65_535;

/** One value of an entry; printed terms are read. */
export function fieldOf(entry: Entry, key: string): JsonValue | undefined {
  if (!Object.hasOwn(entry.fields, key)) return undefined;
  const value = entry.fields[key];
  return entry.isText && typeof value === 'string' ? readTerm(value) : value;
}

/** Always told elsewhere, or never. */
const TOLD: ReadonlySet<string> = new Set([
  'time',
  'level',
  'msg',
  'mfa',
  'tag',
  'trace_tag',
  'clientid',
  'peername',
  'username',
  'reason',
  'gl',
  'payload',
  'payload_encode',
  'bin',
  'packet',
]);

/** `mqtt.log.fields`: what no field of its own tells. Values are bounded and hold neither payloads nor secrets. */
export function otherFields(
  entry: Entry,
  told: ReadonlySet<string>,
  isTopicTold: boolean,
): JsonObject | undefined {
  let rest: Record<string, JsonValue> | undefined;
  let isClean = true;
  for (const key in entry.fields) {
    if (TOLD.has(key) || told.has(key) || key === '__proto__' || (isTopicTold && key === 'topic')) continue;
    const value = fieldOf(entry, key);
    if (value === undefined || value === null || value === '' || value === 'undefined') continue;
    isClean &&= isCleanKey(key) && isCleanValue(value, 0);
    rest ??= {};
    rest[key] = value;
  }
  if (rest === undefined || isClean) return rest;
  return bounded(hideSecretValues(withoutPayloads(rest, LOG_PAYLOADS))) as JsonObject;
}

const MAX_CLEAN_CHARS = 1024;
const MAX_CLEAN_ITEMS = 32;

/** Small, and without anything to hide: may be told as it is. Most values are. */
function isCleanValue(value: JsonValue, depth: number): boolean {
  if (typeof value === 'string')
    return value.length < MAX_CLEAN_CHARS && !mayHoldSecrets(value) && !mayHoldMessages(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth > 1) return false;
  let count = 0;
  for (const key in value) {
    const item = (value as JsonObject)[key];
    if (++count > MAX_CLEAN_ITEMS || !isCleanKey(key) || item === undefined) return false;
    if (!isCleanValue(item, depth + 1)) return false;
  }
  return true;
}

const cleanKeys = new Map<string, boolean>();
const MAX_KNOWN_KEYS = 2048;

function isCleanKey(key: string): boolean {
  const known = cleanKeys.get(key);
  if (known !== undefined) return known;
  const isClean =
    !isSecretKey(key) && !LOG_PAYLOADS.has(key) && !isSent(key) && key !== '__proto__' && key.length < 100;
  if (cleanKeys.size < MAX_KNOWN_KEYS) cleanKeys.set(key, isClean);
  return isClean;
}

/** `emqx_channel:log_auth_failure/1(1750)`: the line number may follow. */
export function loggerOf(mfa: string | undefined): string | undefined {
  if (mfa === undefined) return undefined;
  const line = mfa.indexOf('(');
  return line === -1 ? mfa : mfa.slice(0, line);
}
