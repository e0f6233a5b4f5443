import type { EventKind, JsonObject, Slot } from '../../../core/event.ts';
import type { Emitter, Said } from '../emitter.ts';
import type { Entry } from '../entries/entry.ts';
import type { Filter, Packet } from '../printed/packet.ts';
import { filterValues, protocolVersion } from '../values/mqtt.ts';
import type { Reason } from '../values/reason.ts';
import { LOG } from './kinds.ts';

/** First reason code that means failure (MQTT 5 §2.4). */
const FAILURE = 0x80;

const ACKNOWLEDGEMENTS: ReadonlySet<string> = new Set(['puback', 'pubrec', 'pubrel', 'pubcomp']);

/** The event of a packet that a log entry prints. */
export function emitPacket(entry: Entry, packet: Packet, direction: 'received' | 'sent', out: Emitter): void {
  const isReceived = direction === 'received';
  const who: Said = {
    client: entry.client ?? packet.client,
    user: entry.user ?? packet.user,
  };
  if (packet.type === 'publish') {
    out.entry(isReceived ? LOG.published : LOG.delivered, entry, publishValues(packet, out), who);
    return;
  }
  const code = packet.reasonCodes?.length === 1 ? packet.reasonCodes[0] : undefined;
  if (ACKNOWLEDGEMENTS.has(packet.type)) {
    const isRefused = code !== undefined && code >= FAILURE;
    const kind = isReceived
      ? isRefused
        ? LOG.refusalReceived
        : LOG.acknowledgementReceived
      : isRefused
        ? LOG.refusalSent
        : LOG.acknowledgementSent;
    out.entry(kind, entry, [packet.type, packet.packetId, code], who);
    return;
  }
  const [filter, ...others] = packet.filters ?? [];
  const one = others.length === 0 ? filter : undefined;
  const { will } = packet;
  const values: Slot[] = [
    packet.type,
    packet.packetId,
    code,
    packet.sessionPresent,
    protocolVersion(packet.version),
    packet.cleanStart,
    packet.keepAlive,
    ...filterValues(one?.filter),
    one?.qos,
    one?.noLocal,
    one?.retainAsPublished,
    one?.retainHandling,
    will?.topic,
    will?.qos,
    will?.retained,
    will?.payload?.size,
  ];
  out.entry(isReceived ? LOG.packetReceived : sentKind(packet, code), entry, values, {
    ...who,
    more: lists(packet),
  });
}

/** A PUBLISH that a client did not get. */
export function discarded(entry: Entry, packet: Packet, reason: Reason, out: Emitter): void {
  out.entry(LOG.deliveryDropped, entry, publishValues(packet, out), { reason });
}

function publishValues(packet: Packet, out: Emitter): Slot[] {
  return [
    ...out.topic(packet.topic),
    packet.qos,
    packet.retained,
    packet.duplicate,
    packet.payload?.size,
    packet.packetId,
  ];
}

function sentKind(packet: Packet, code: number | undefined): EventKind {
  if (packet.type !== 'connack' && packet.type !== 'suback') return LOG.packetSent;
  if (code === undefined) return LOG.packetSent;
  const isRefused = packet.type === 'connack' ? code !== 0 : code >= FAILURE;
  return isRefused ? LOG.packetSentRefused : LOG.packetSentAccepted;
}

/** Filters and reason codes for `mqtt.log.fields`, where a packet has several. */
function lists({ filters = [], reasonCodes = [] }: Packet): JsonObject | undefined {
  if (filters.length < 2 && reasonCodes.length < 2) return undefined;
  return {
    ...(filters.length > 1 && { filters: filters.map(filterJson) }),
    ...(reasonCodes.length > 1 && { reason_codes: reasonCodes }),
  };
}

function filterJson({ filter, qos, noLocal, retainAsPublished, retainHandling }: Filter): JsonObject {
  return {
    filter,
    ...(qos !== undefined && { qos }),
    ...(noLocal !== undefined && { no_local: noLocal }),
    ...(retainAsPublished !== undefined && { retain_as_published: retainAsPublished }),
    ...(retainHandling !== undefined && { retain_handling: retainHandling }),
  };
}
