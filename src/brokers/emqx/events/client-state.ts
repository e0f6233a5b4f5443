import type { JsonObject, Slot } from '../../../core/event.ts';
import { defineKind } from '../../../ecs/kind.ts';
import type { Emitter } from '../emitter.ts';
import { number, word } from '../values/json.ts';
import { MAX_PORT, protocolVersion } from '../values/mqtt.ts';
import { parseHost } from '../values/peer.ts';
import { isoTime } from './report.ts';

/** `event` of a record that the input `emqx-api` makes of a client's state. */
export const CLIENT_STATE = 'client.state';

const KIND = defineKind({
  code: 'emqx.client_state',
  action: 'client-state',
  provider: 'emqx-api',
  slots: [
    'mqtt.client.id',
    'mqtt.client.alias',
    'mqtt.client.state',
    'mqtt.client.changes',
    'mqtt.client.connects',
    'user.name',
    'source.ip',
    'source.address',
    'source.port',
    'service.node.name',
    'mqtt.connection.connected_at',
    'mqtt.connection.disconnected_at',
    'mqtt.session.created_at',
    'mqtt.session.expiry_interval',
    'mqtt.protocol_version',
    'mqtt.keep_alive',
    'mqtt.clean_start',
    'mqtt.client.subscriptions',
    'mqtt.client.inflight',
    'mqtt.client.queued',
    'mqtt.client.publish.received',
    'mqtt.client.publish.received_dropped',
    'mqtt.client.publish.sent',
    'mqtt.client.publish.sent_dropped',
    'mqtt.client.packets.received',
    'mqtt.client.packets.sent',
    'mqtt.client.bytes.received',
    'mqtt.client.bytes.sent',
    'mqtt.client.queue_dropped',
  ],
});

/** The event of a client's state that has changed between two polls of the REST API. */
export function emitClientState(record: JsonObject, time: number, marks: number, out: Emitter): void {
  const address = word(record.ip_address);
  const peer = address === undefined ? undefined : parseHost(address);
  const state = word(record.state);
  const changes = Array.isArray(record.changes) ? record.changes.map(String) : [];
  const values: Slot[] = [
    word(record.clientid),
    word(record.alias),
    state,
    changes.length === 0 ? undefined : changes,
    number(record.connects),
    word(record.username),
    peer?.ip,
    peer?.address,
    number(record.port, MAX_PORT),
    word(record.node),
    isoTime(record.connected_at),
    isoTime(record.disconnected_at),
    isoTime(record.created_at),
    number(record.expiry_interval),
    protocolVersion(number(record.proto_ver)),
    number(record.keepalive),
    typeof record.clean_start === 'boolean' ? record.clean_start : undefined,
    number(record.subscriptions_cnt),
    number(record.inflight_cnt),
    number(record.mqueue_len),
    number(record.recv_msg),
    number(record['recv_msg.dropped']),
    number(record.send_msg),
    number(record['send_msg.dropped']),
    number(record.recv_pkt),
    number(record.send_pkt),
    number(record.recv_oct),
    number(record.send_oct),
    number(record.mqueue_dropped),
  ];
  const words = `client ${word(record.clientid) ?? ''} is ${state ?? 'unknown'} (${changes.join(', ')})`;
  out.event(KIND, time, words, values, marks);
}
