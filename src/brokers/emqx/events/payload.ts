import type { StreamInfo } from '../../../core/dialect.ts';
import type { JsonObject, JsonValue } from '../../../core/event.ts';
import { type KeptPayload, readKept } from '../../../ecs/payload.ts';
import { isObject } from '../values/json.ts';

/** Key of what is kept of a payload, in a record whose payload `admit` has taken out. */
export const KEPT = 'payload_kept';
const NOTHING: KeptPayload = { size: undefined, captured: undefined };

type Capture = StreamInfo['payload'];

/** What is known of the payload of an event. */
export function payloadOf(body: JsonObject, capture: Capture): KeptPayload {
  const kept = body[KEPT];
  return isObject(kept) ? readKept(kept) : keep(body.payload, capture);
}

/** What is kept of a payload. EMQX replaces bytes that are no UTF-8: then size and digest are not known. */
export function keep(payload: JsonValue | undefined, capture: Capture): KeptPayload {
  if (typeof payload !== 'string') return NOTHING;
  const captured = capture?.(Buffer.from(payload), false);
  if (!payload.includes('\ufffd')) return { size: Buffer.byteLength(payload), captured };
  return { size: undefined, captured: captured && { ...captured, sha256: undefined, base64: undefined } };
}
