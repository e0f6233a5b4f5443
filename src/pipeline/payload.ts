import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { bounded } from '../core/bounded.ts';
import type { JsonObject, JsonValue } from '../core/event.ts';

/** What is kept of payloads. */
export interface PayloadPolicy {
  readonly capture: 'none' | 'hash' | 'text' | 'base64';
  /** Bytes that are kept. */
  readonly limit: number;
  readonly decode?: 'json' | undefined;
  /** Keys, or paths joined by dots, whose values are replaced. */
  readonly redact: readonly string[];
}

/** What an event says of a payload; undefined: nothing. */
export interface CapturedPayload {
  readonly encoding: 'utf8' | 'json' | 'base64' | undefined;
  readonly text: string | undefined;
  readonly base64: string | undefined;
  readonly sha256: string | undefined;
  readonly json: JsonObject | undefined;
  readonly truncated: boolean | undefined;
  readonly redacted: boolean | undefined;
}

const REDACTED = '[redacted]';
/** Larger payloads are not decoded. */
const MAX_DECODE_BYTES = 1024 * 1024;
const NOTHING: CapturedPayload = {
  encoding: undefined,
  text: undefined,
  base64: undefined,
  sha256: undefined,
  json: undefined,
  truncated: undefined,
  redacted: undefined,
};

/**
 * Applies the policy to one payload. Where values are to be replaced, a payload is kept as text only after it was decoded
 * and written anew: of one that is no JSON nothing is kept but its hash.
 */
export function capturePayload(payload: Buffer, policy: PayloadPolicy): CapturedPayload {
  const { capture, limit, decode, redact } = policy;
  if (capture === 'none' && decode === undefined) return NOTHING;
  if (capture === 'hash' && decode === undefined)
    return { ...NOTHING, sha256: hash('sha256', payload, 'hex') };
  const decoded = decode === 'json' || redact.length > 0 ? parse(payload) : undefined;
  let redacted: boolean | undefined;
  const value =
    decoded === undefined
      ? undefined
      : bounded(decoded, (key, path) => {
          if (!redact.includes(key) && !redact.includes(path)) return undefined;
          redacted = true;
          return REDACTED;
        });
  const json = decode === 'json' && isObject(value) ? value : undefined;
  const common = {
    ...NOTHING,
    json,
    redacted,
    sha256: capture === 'hash' ? hash('sha256', payload, 'hex') : undefined,
  };
  if (capture === 'none' || capture === 'hash') return { ...common, encoding: json && 'json' };
  if (redact.length > 0 && value === undefined) {
    return { ...common, sha256: hash('sha256', payload, 'hex'), redacted: true };
  }
  const bytes = redacted === true ? Buffer.from(JSON.stringify(value)) : payload;
  const truncated = bytes.length > limit ? true : undefined;
  if (capture === 'base64') {
    return { ...common, encoding: 'base64', base64: bytes.toString('base64', 0, limit), truncated };
  }
  const end = border(bytes, Math.min(limit, bytes.length));
  if (!isUtf8(bytes.subarray(0, end))) {
    return { ...common, encoding: 'base64', base64: bytes.toString('base64', 0, limit), truncated };
  }
  return {
    ...common,
    encoding: value === undefined ? 'utf8' : 'json',
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

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The last offset at or before `end` that does not stand inside a UTF-8 character. */
function border(bytes: Buffer, end: number): number {
  let at = end;
  while (at > 0 && at < bytes.length && end - at < 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}
