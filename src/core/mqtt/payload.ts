import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { CapturedPayload } from '../dialect.ts';
import type { JsonObject, JsonValue } from '../event.ts';
import { bounded } from '../json/bounded.ts';
import { isObject } from '../json/object.ts';

/** What is kept of payloads. */
export interface PayloadPolicy {
  readonly capture: 'none' | 'hash' | 'text' | 'base64';
  /** Bytes that are kept. */
  readonly limit: number;
  readonly decode?: 'json' | undefined;
  /** Keys, or paths joined by dots, whose values are replaced. */
  readonly redact: readonly string[];
}

const REDACTED = '[redacted]';
/** Larger payloads are not decoded. */
const MAX_DECODE_BYTES = 1024 * 1024;
/** Nor are those that are nested deeper: to write one anew would take more stack than there is. */
const MAX_NESTING = 100;
const NOTHING: CapturedPayload = {};
const CUT: CapturedPayload = { truncated: true };

/** True when an event will tell every byte of a payload: only then it may be kept as it came. */
export function keepsAll(payload: Buffer, { capture, limit, redact }: PayloadPolicy): boolean {
  return (capture === 'text' || capture === 'base64') && redact.length === 0 && payload.length <= limit;
}

/**
 * Applies the policy to one payload. Where values are to be replaced, a payload is kept as text only after it was decoded
 * and written anew: of one that is no JSON nothing is kept but its hash.
 * @param cut `payload` is the head of a larger one, whose hash nobody knows
 */
export function capturePayload(payload: Buffer, policy: PayloadPolicy, cut = false): CapturedPayload {
  const { capture, limit, decode, redact } = policy;
  const nothing = cut ? CUT : NOTHING;
  const sha256 = (): string | undefined => (cut ? undefined : hash('sha256', payload, 'hex'));
  if (capture === 'none' && decode === undefined) return nothing;
  if (capture === 'hash' && decode === undefined) return { ...nothing, sha256: sha256() };
  const decoded = !cut && (decode === 'json' || redact.length > 0) ? parse(payload) : undefined;
  const clean = decoded === undefined ? undefined : replaceValues(decoded, redact);
  const redacted = clean?.replaced === true ? true : undefined;
  const within = decode === 'json' && clean !== undefined ? bounded(clean.value) : undefined;
  const json = isObject(within) ? within : undefined;
  const common = { ...nothing, json, redacted, sha256: capture === 'hash' ? sha256() : undefined };
  if (capture === 'none' || capture === 'hash') return { ...common, encoding: json && 'json' };
  if (redact.length > 0 && clean === undefined) return { ...common, sha256: sha256(), redacted: true };
  const isAnew = redacted === true || mayHold(payload, redact);
  const bytes = isAnew ? Buffer.from(JSON.stringify(clean?.value)) : payload;
  const truncated = cut || bytes.length > limit ? true : undefined;
  if (capture === 'base64') {
    return { ...common, encoding: 'base64', base64: bytes.toString('base64', 0, limit), truncated };
  }
  const end = border(bytes, Math.min(limit, bytes.length));
  if (!isUtf8(bytes.subarray(0, end))) {
    return { ...common, encoding: 'base64', base64: bytes.toString('base64', 0, limit), truncated };
  }
  return {
    ...common,
    encoding: clean === undefined ? 'utf8' : 'json',
    text: bytes.toString('utf8', 0, end),
    truncated,
  };
}

function parse(payload: Buffer): JsonValue | undefined {
  if (payload.length > MAX_DECODE_BYTES || !isUtf8(payload)) return undefined;
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * A copy of a decoded payload with the values of some keys replaced, wherever they lie.
 * @returns undefined when it is nested too deeply
 */
function replaceValues(
  decoded: JsonValue,
  redact: readonly string[],
): { readonly value: JsonValue; readonly replaced: boolean } | undefined {
  let replaced = false;
  let deepest = 0;
  const copy = (from: JsonValue, path: string, depth: number): JsonValue => {
    deepest = Math.max(deepest, depth);
    if (typeof from !== 'object' || from === null || depth > MAX_NESTING) return from;
    if (Array.isArray(from)) return from.map((item) => copy(item, path, depth + 1));
    const entries = Object.entries(from as JsonObject).map(([key, item]): [string, JsonValue] => {
      const at = path === '' ? key : `${path}.${key}`;
      if (!redact.includes(key) && !redact.includes(at)) return [key, copy(item, at, depth + 1)];
      replaced = true;
      return [key, REDACTED];
    });
    return Object.fromEntries(entries);
  };
  const value = copy(decoded, '', 0);
  return deepest > MAX_NESTING ? undefined : { value, replaced };
}

/** One of the keys may stand in a JSON text, also where decoding drops it: of a key that comes twice the last value counts. */
function mayHold(json: Buffer, redact: readonly string[]): boolean {
  const names = redact.map((path) => path.slice(path.lastIndexOf('.') + 1));
  return names.length > 0 && (json.includes('\\') || names.some((name) => json.includes(name)));
}

/** The last offset at or before `end` that does not stand inside a UTF-8 character. */
function border(bytes: Buffer, end: number): number {
  let at = end;
  while (at > 0 && at < bytes.length && end - at < 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}
