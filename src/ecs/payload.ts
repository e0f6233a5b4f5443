import type { CapturedPayload } from '../core/dialect.ts';
import type { Slot } from '../core/event.ts';
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

/** Values of `PAYLOAD_SLOTS`; none when nothing is kept. */
export function payloadValues(captured: CapturedPayload | undefined): Slot[] {
  if (captured === undefined) return [];
  const { encoding, text, base64, sha256, json, truncated, redacted } = captured;
  return [encoding, text, base64, sha256, json, truncated, redacted];
}
