import type { EventKind, JsonValue } from '../../../core/event.ts';
import { type Emitter, reasonOf } from '../emitter.ts';
import { type Entry, fieldOf } from '../entries/entry.ts';
import { type Packet, TYPES } from '../printed/packet.ts';
import { readRecord } from '../printed/record.ts';
import { readTerm } from '../printed/term.ts';
import { isObject, number, word } from '../values/json.ts';
import { filterValues } from '../values/mqtt.ts';
import { frameReason, type Reason, readReason } from '../values/reason.ts';
import { access, publishDenied, subscribeDenied } from './denied.ts';
import { dropped, tooLarge } from './dropped.ts';
import { LOG } from './kinds.ts';
import { emitPacket } from './packet-events.ts';
import { requestedValues } from './requested.ts';

type Rule = (entry: Entry, out: Emitter) => void;

const PACKET_ID: ReadonlySet<string> = new Set(['packetId']);
const SUBSCRIPTION_FIELDS: ReadonlySet<string> = new Set(['sub_opts']);
const ALARM_FIELDS: ReadonlySet<string> = new Set(['name', 'details', 'message']);
const THROTTLE_FIELDS: ReadonlySet<string> = new Set(['dropped']);

/** Rules by `msg` (EMQX 5.x and 6.x; from 4.3 on in JSON). */
const RULES: Readonly<Record<string, Rule>> = {
  emqx_is_running: (entry, out) => out.entry(LOG.started, entry, []),
  // Also when the node is about to join a cluster.
  stopping_emqx_apps: (entry, out) => out.entry(LOG.stopped, entry, []),
  authentication_failure: (entry, out) => out.entry(LOG.authenticationFailed, entry, []),
  authorization_permission_denied: (entry, out) => access(entry, false, out),
  authorization_matched_deny: (entry, out) => access(entry, false, out),
  // From 6.3 on, told without a trace.
  authorization_source_denied: (entry, out) => access(entry, false, out),
  authorization_permission_allowed: (entry, out) => access(entry, true, out),
  authorization_matched_allow: (entry, out) => access(entry, true, out),
  client_login_failed: (entry, out) => out.entry(LOG.authenticationFailed, entry, []),
  // 6.3: the process of the client ends so.
  clientinfo_field_rejected: rejected,
  peer_certificate_field_rejected: rejected,
  cannot_publish_to_topic_due_to_not_authorized: publishDenied,
  last_will_testament_publish_denied: publishDenied,
  cannot_subscribe_topic_filter: subscribeDenied,
  // Gateways.
  publish_denied: publishDenied,
  publish_msg_denied: publishDenied,
  mqttsn_will_publish_rejected: publishDenied,
  subscribe_denied: subscribeDenied,
  // 6.3.
  cannot_subscribe_to_topic_filters_due_to_quota_exceeded: (entry, out) =>
    out.entry(LOG.subscribeDenied, entry, []),
  mqtt_packet_received: (entry, out) => packet(entry, 'received', out),
  mqtt_packet_sent: (entry, out) => packet(entry, 'sent', out),
  publish_to: (entry, out) =>
    out.entry(LOG.published, entry, [
      ...out.topic(entry.topic),
      undefined,
      undefined,
      undefined,
      entry.payloadSize,
    ]),
  subscribe: (entry, out) => subscription(entry, LOG.subscriptionRequested, out),
  unsubscribe: (entry, out) => subscription(entry, LOG.unsubscriptionRequested, out),
  alarm_is_activated: (entry, out) => alarm(entry, true, out),
  alarm_is_deactivated: (entry, out) => alarm(entry, false, out),
  malformed_mqtt_message: malformed,
  packet_is_discarded: tooLarge,
  packet_discarded: tooLarge,
  frame_parse_error: malformed,
  frame_parse_failed: malformed,
  parse_frame_failed: malformed,
  first_packet_probably_not_mqtt: (entry, out) => out.entry(LOG.protocolError, entry, []),
  disconnecting_due_to_unexpected_message: unexpected,
  log_events_throttled_during_last_period: throttled,
};

/** A `msg` is looked up by its characters: as a key of an object it would become a key of the engine's first. */
const BY_NAME: ReadonlyMap<string, Rule> = new Map(Object.entries(RULES));

/** The event of an entry with a `msg`. */
export function emitStructured(entry: Entry, out: Emitter): void {
  const { name = '' } = entry;
  const rule = BY_NAME.get(name);
  if (rule !== undefined) rule(entry, out);
  else if (/^(dropped_|cannot_deliver_|cannot_publish_to_topic)/.test(name)) dropped(entry, name, out);
  else if (name.startsWith(REJECTED)) rejected(entry, out);
  else other(entry, name, out);
}

/** Beginning of the names of entries about clients that may not connect. */
const REJECTED = 'connection_rejected_due_to_';
/** Names that tell why: `connection_rejected_due_to_license_expired`, `pubrel_packetId_not_found`. */
const TELLING = /_(?:due_to_(\w+)|packetId_(not_found|inuse))$/;

/** Why, as the fields or else the name of an entry tell. */
function namedReason(entry: Entry, name: string): Reason {
  const [, due, id] =
    (name.includes('_due_to_') || name.includes('_packetId_') ? TELLING.exec(name) : null) ?? [];
  const word = id === undefined ? due : `packet_identifier_${id}`;
  const given = reasonOf(entry);
  return word === undefined || given.word !== undefined ? given : { ...given, word };
}

function other(entry: Entry, name: string, out: Emitter): void {
  const reason = namedReason(entry, name);
  const { packetId: id, topic_filter: filter } = entry.fields;
  if (id !== undefined) {
    // `puback_packetId_inuse`
    const type = name.slice(0, Math.max(name.indexOf('_packetId_'), 0));
    const values = [TYPES.includes(type) ? type : undefined, number(id, 65_535)];
    out.entry(LOG.unmatched, entry, values, { reason, told: PACKET_ID });
  } else if (filter !== undefined) {
    const [plain] = filterValues(word(fieldOf(entry, 'topic_filter')));
    out.entry(LOG.filter, entry, [plain], { reason });
  } else {
    out.entry(LOG.log, entry, [], { reason });
  }
}

function rejected(entry: Entry, out: Emitter): void {
  out.entry(LOG.connectionRejected, entry, [], { reason: namedReason(entry, entry.name ?? '') });
}

function malformed(entry: Entry, out: Emitter): void {
  out.entry(LOG.protocolError, entry, [], { reason: frameReason(reasonOf(entry)) });
}

/**
 * The event of an entry without a `msg` that prints bytes which are no packet; one that prints a packet could not write it.
 * Such entries have no name in 5.0 to 5.7, the latter in none.
 */
export function emitFrame(entry: Entry, out: Emitter): void {
  if (Object.hasOwn(entry.fields, 'input_bytes')) malformed(entry, out);
  else out.entry(LOG.log, entry, []);
}

function unexpected(entry: Entry, out: Emitter): void {
  const { type } = entry.packet ?? recordIn(fieldOf(entry, 'packet')) ?? {};
  out.entry(LOG.unexpectedPacket, entry, [type]);
}

/** A packet that is printed as a record. */
function recordIn(value: JsonValue | undefined): Packet | undefined {
  return typeof value === 'string' ? readRecord(value) : undefined;
}

/** What has come is no packet: `{frame_error,#{cause => frame_too_large,…}}`. */
const FRAME_ERROR = '{frame_error,';

function packet(entry: Entry, direction: 'received' | 'sent', out: Emitter): void {
  const found = entry.packet ?? onlyRecord(fieldOf(entry, 'packets'));
  if (found !== undefined) {
    emitPacket(entry, found, direction, out);
    return;
  }
  const printed = fieldOf(entry, 'packet');
  const isBroken = typeof printed === 'string' && printed.startsWith(FRAME_ERROR);
  if (direction === 'received' && isBroken)
    out.entry(LOG.packetReceived, entry, [], {
      reason: readReason(readTerm(printed.slice(FRAME_ERROR.length, -1))),
    });
  else out.entry(LOG.log, entry, []);
}

/** The packet of a list of one, as streams of QUIC tell what they send. */
function onlyRecord(list: JsonValue | undefined): Packet | undefined {
  return Array.isArray(list) && list.length === 1 ? recordIn(list[0]) : undefined;
}

function subscription(entry: Entry, kind: EventKind, out: Emitter): void {
  const values = requestedValues(entry.topic, fieldOf(entry, 'sub_opts'));
  out.entry(kind, entry, values, { told: SUBSCRIPTION_FIELDS });
}

function alarm(entry: Entry, isRaised: boolean, out: Emitter): void {
  const name = word(fieldOf(entry, 'name'));
  const details = fieldOf(entry, 'details');
  const text = word(fieldOf(entry, 'message'));
  const known = isObject(details) ? details : undefined;
  out.entry(
    isRaised ? LOG.alarmRaised : LOG.alarmCleared,
    entry,
    [name, text === undefined ? known : { ...known, message: text }],
    { told: ALARM_FIELDS },
  );
}

function throttled(entry: Entry, out: Emitter): void {
  const dropped = fieldOf(entry, 'dropped');
  if (!isObject(dropped)) {
    out.entry(LOG.throttled, entry, []);
    return;
  }
  const counts = Object.entries(dropped).filter(([, count]) => typeof count === 'number');
  const sum = counts.reduce((total, [, count]) => total + Number(count), 0);
  out.entry(LOG.throttled, entry, [Object.fromEntries(counts.slice(0, 100)), number(sum)], {
    told: THROTTLE_FIELDS,
  });
}
