import type { StreamInfo } from '../../../core/dialect.ts';
import type { JsonObject, JsonValue } from '../../../core/event.ts';
import { type KeptPayload, readKept } from '../../../ecs/payload.ts';
import { isObject } from '../values/json.ts';

/** Stands beside an empty `payload` once a record was admitted. */
export const KEPT = 'payload_kept';
const NOTHING: KeptPayload = { size: undefined, captured: undefined };

type Capture = StreamInfo['payload'];

/** What is known of the payload of an event. */
export function payloadOf(body: JsonObject, capture: Capture): KeptPayload {
  const kept = body[KEPT];
  return isObject(kept) ? readKept(kept) : keep(body.payload, capture);
}

/** The broker's encoder replaces bytes that are no UTF-8: size and digest of such a payload are not known. */
export function keep(payload: JsonValue | undefined, capture: Capture): KeptPayload {
  if (typeof payload !== 'string') return NOTHING;
  const captured = capture?.(Buffer.from(payload), false);
  if (!payload.includes('\ufffd')) return { size: Buffer.byteLength(payload), captured };
  return { size: undefined, captured: captured && { ...captured, sha256: undefined, base64: undefined } };
}
