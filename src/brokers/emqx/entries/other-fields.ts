import type { JsonObject, JsonValue } from '../../../core/event.ts';
import { bounded } from '../../../core/json/bounded.ts';
import { readTerm } from '../printed/term.ts';
import {
  isSent,
  LOG_PAYLOADS,
  mayHoldPayloads,
  withoutBinaries,
  withoutPayloads,
} from '../secrets/payload-keys.ts';
import { hideSecretValues, isSecretKey, mayHoldSecrets } from '../secrets/secrets.ts';
import { type Entry, valueIn } from './entry.ts';

/** Fields that have an event field of their own, or are never told. */
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

/** `mqtt.log.fields`: values of an entry that have no event field of their own, bounded, without payloads and secrets. */
export function otherFields(
  entry: Entry,
  told: ReadonlySet<string>,
  isTopicTold: boolean,
): JsonObject | undefined {
  let rest: Record<string, JsonValue> | undefined;
  let isClean = true;
  for (const key in entry.fields) {
    if (TOLD.has(key) || told.has(key) || key === '__proto__' || (isTopicTold && key === 'topic')) continue;
    const given = entry.fields[key];
    const value =
      entry.isText && isSent(key) && typeof given === 'string'
        ? readTerm(withoutBinaries(given))
        : valueIn(entry, given);
    if (value === undefined || value === null || value === '' || value === 'undefined') continue;
    isClean &&= isCleanKey(key) && isCleanValue(value, 0);
    rest ??= {};
    rest[key] = value;
  }
  if (rest === undefined || isClean) return rest;
  const clean = entry.isText ? withoutPayloadsOf(rest) : withoutPayloads(rest, LOG_PAYLOADS);
  return bounded(hideSecretValues(clean)) as JsonObject;
}

/** Fields of a text, whose binaries of what a process was given are out already. */
function withoutPayloadsOf(fields: JsonObject): JsonObject {
  const entries = Object.entries(fields).filter(([key]) => !LOG_PAYLOADS.has(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutPayloads(value, LOG_PAYLOADS)]));
}

const MAX_CLEAN_CHARS = 1024;
const MAX_CLEAN_ITEMS = 32;

/** The value is small and has nothing to hide, as most have: it needs no copy without payloads and secrets. */
function isCleanValue(value: JsonValue, depth: number): boolean {
  if (typeof value === 'string')
    return value.length < MAX_CLEAN_CHARS && !mayHoldSecrets(value) && !mayHoldPayloads(value);
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
