import type { Slot } from '../../../core/event.ts';
import { parseShare } from '../../../core/mqtt/topic.ts';

export const MAX_QOS = 2;
/** Reason codes and return codes are bytes. */
export const MAX_CODE = 255;
export const MAX_PORT = 65_535;

/** Protocol Version of CONNECT (MQTT 5 §3.1.2.2). */
const VERSIONS: Readonly<Record<number, string>> = { 3: '3.1', 4: '3.1.1', 5: '5.0' };

/** `mqtt.protocol_version` of the number in CONNECT. */
export function protocolVersion(version: number | undefined): string | undefined {
  return version === undefined ? undefined : VERSIONS[version];
}

/** Values of `mqtt.subscription.filter`, `.share_group`. */
export function filterValues(filter: string | undefined): [Slot, Slot] {
  if (filter === undefined) return [undefined, undefined];
  const share = parseShare(filter);
  return [share.filter, share.group];
}
