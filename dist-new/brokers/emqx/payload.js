import { readKept } from '../../ecs/payload.js';
import { isObject } from './json-entry.js';
/** Stands beside an empty `payload` once a record was admitted. */
export const KEPT = 'payload_kept';
const NOTHING = { size: undefined, captured: undefined };
/** What is known of the payload of an event. */
export function payloadOf(body, capture) {
    const kept = body[KEPT];
    return isObject(kept) ? readKept(kept) : keep(body.payload, capture);
}
/** The broker's encoder replaces bytes that are no UTF-8: size and digest of such a payload are not known. */
export function keep(payload, capture) {
    if (typeof payload !== 'string')
        return NOTHING;
    const captured = capture?.(Buffer.from(payload), false);
    if (!payload.includes('\ufffd'))
        return { size: Buffer.byteLength(payload), captured };
    return { size: undefined, captured: captured && { ...captured, sha256: undefined, base64: undefined } };
}
