import type { JsonObject, JsonValue } from '../../core/event.ts';
import { isObject } from '../../core/json/object.ts';

/** What a line says: the object below `mqtt`. */
export interface HicapRecord {
  readonly fields: JsonObject;
  /** The line was cut inside its payload. */
  readonly isCut: boolean;
}

/** The payload stands last; inside a string its quotation marks would be escaped. */
export const PAYLOAD_KEY = ', "payload": "';
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const PAYLOAD = /("payload": ?")[^"]*/g;
/** A payload whose key is not there; serial numbers and ids are shorter. */
const LONG_BASE64 = /[A-Za-z0-9+/]{64,}={0,2}/g;

/**
 * Reads `{"mqtt": {"action": …}}`.
 * @param wasCut the line may be the head of a longer one
 * @returns undefined when it is no such object
 */
export function readRecord(text: string, wasCut: boolean): HicapRecord | undefined {
  const whole = fieldsOf(text);
  if (whole !== undefined) return { fields: whole, isCut: false };
  const at = wasCut ? text.lastIndexOf(PAYLOAD_KEY) : -1;
  if (at === -1) return undefined;
  const head = text.slice(at + PAYLOAD_KEY.length);
  if (!BASE64.test(head)) return undefined;
  const fields = fieldsOf(`${text.slice(0, at)}}}`);
  // Four digits are three bytes: what is left over is none.
  const payload = head.slice(0, head.length - (head.length % 4));
  return fields && { fields: { ...fields, payload }, isCut: true };
}

/** A line as it may be told. */
export function withoutPayload(text: string): string {
  return text.replace(PAYLOAD, '$1[payload]').replace(LONG_BASE64, '[payload]');
}

/** Bytes that base64 stands for. */
export function decodedBytes(encoded: string): number {
  const padding = encoded.endsWith('==') ? 2 : encoded.endsWith('=') ? 1 : 0;
  return Math.floor(((encoded.length - padding) * 3) / 4);
}

function fieldsOf(text: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    if (!isObject(value)) return undefined;
    const { mqtt } = value;
    return isObject(mqtt) && typeof mqtt.action === 'string' ? mqtt : undefined;
  } catch {
    return undefined;
  }
}
