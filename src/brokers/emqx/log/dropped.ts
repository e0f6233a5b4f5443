import type { Slot } from '../../../core/event.ts';
import { type Emitter, reasonOf } from '../emitter.ts';
import { type Entry, fieldOf } from '../entries/entry.ts';
import { number } from '../values/json.ts';
import { wordReason } from '../values/reason.ts';
import { publishDenied } from './denied.ts';
import { LOG } from './kinds.ts';
import { discarded } from './packet-events.ts';

const PACKET_ID: ReadonlySet<string> = new Set(['packet_id', 'msg_id']);

/** A packet that is larger than it may be. */
export function tooLarge(entry: Entry, out: Emitter): void {
  const reason = wordReason('packet_too_large');
  if (entry.packet?.type === 'publish') discarded(entry, entry.packet, reason, out);
  else out.entry(LOG.log, entry, [], { reason });
}

/** Reasons of drops by `msg`. */
const DROP_REASONS: Readonly<Record<string, string>> = {
  dropped_msg_due_to_mqueue_is_full: 'queue_full',
  dropped_qos0_msg: 'qos0_msg',
};

/** A message or packet that is dropped; `name` tells which and why. */
export function dropped(entry: Entry, name: string, out: Emitter): void {
  const isPublish = name.startsWith('cannot_publish_') || name.includes('qos2_packet');
  const given = reasonOf(entry);
  // Up to 5.5 this `msg` stands for refusals too.
  if (name === 'cannot_publish_to_topic' && given.word === 'not_authorized') {
    publishDenied(entry, out);
    return;
  }
  const due = /_due_to_(\w+)$/.exec(name)?.[1];
  const reason = given.word === undefined ? { ...given, word: DROP_REASONS[name] ?? due } : given;
  const values: Slot[] = [
    ...out.topic(entry.topic),
    name === 'dropped_qos0_msg' ? 0 : name.includes('qos2_packet') ? 2 : undefined,
    undefined,
    undefined,
    entry.payloadSize,
    // `msg_id`: MQTT-SN.
    number(fieldOf(entry, 'packet_id') ?? fieldOf(entry, 'msg_id'), 65_535),
  ];
  const kind = isPublish ? LOG.publishDropped : LOG.deliveryDropped;
  out.entry(kind, entry, values, { reason, told: PACKET_ID });
}
