import type { CapturedPayload } from '../core/dialect.ts';
import type { JsonObject, JsonValue, Slot } from '../core/event.ts';
import { bounded } from '../core/json/bounded.ts';
import { isObject } from '../core/json/object.ts';
import type { FieldName } from './catalogue.ts';

/** Slots of what is kept of a payload, in the order of `payloadValues`. */
export const PAYLOAD_SLOTS = [
  'mqtt.payload.encoding',
  'mqtt.payload.text',
  'mqtt.payload.base64',
  'mqtt.payload.hash.sha256',
  'mqtt.payload.json',
  'mqtt.payload.truncated',
  'mqtt.payload.redacted',
] as const satisfies readonly FieldName[];

/** A payload as events tell it. */
export interface KeptPayload {
  /** Bytes; undefined: not known. */
  readonly size: number | undefined;
  /** Undefined: nothing is kept. */
  readonly captured: CapturedPayload | undefined;
}

/** Values of `PAYLOAD_SLOTS`; none when nothing is kept. */
export function payloadValues(captured: CapturedPayload | undefined): Slot[] {
  if (captured === undefined) return [];
  const { encoding, text, base64, sha256, json, truncated, redacted } = captured;
  return [encoding, text, base64, sha256, json, truncated, redacted];
}

/** What stands in a record in the place of its payload (`Dialect.admit`). */
export function writeKept({ size, captured }: KeptPayload): JsonObject {
  const entries = Object.entries({ size, ...captured }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as JsonObject;
}

/** Reads what `writeKept` gave. Whoever sends records can write it too: what is of another type is absent. */
export function readKept(given: JsonObject): KeptPayload {
  const { size, encoding, json, truncated, redacted } = given;
  const text = (key: string): string | undefined => {
    const value: JsonValue | undefined = given[key];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    size: typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : undefined,
    captured: {
      encoding: encoding === 'utf8' || encoding === 'json' || encoding === 'base64' ? encoding : undefined,
      text: text('text'),
      base64: text('base64'),
      sha256: text('sha256'),
      json: isObject(json) ? (bounded(json) as JsonObject) : undefined,
      truncated: truncated === true ? true : undefined,
      redacted: redacted === true ? true : undefined,
    },
  };
}
