import { UNKNOWN_SESSION } from '../context/live-session.ts';
import { END_SLOTS, ended } from '../lines/connection-end.ts';
import {
  type EmitReading,
  emitPlaceholders,
  type Format,
  parseFormats,
  valuesOf,
} from '../matching/format.ts';

/** Of a bridge and the other broker. */
const BRIDGE_SLOTS = ['mqtt.bridge.name', 'destination.address', 'destination.port'] as const;

/** Keeps the other broker: the next line may tell that it cannot be reached. */
const connecting: EmitReading = (reading, line, sure) => {
  if (sure) line.next = { type: 'bridge-connect', to: valuesOf(reading, line) };
  emitPlaceholders(reading, line, sure);
};

/** Keeps the client: if the CONNECT could not be sent, the next line tells why. */
const connectSent: EmitReading = (reading, line, sure) => {
  const client = reading.texts[reading.format.client];
  const { context } = line;
  const to = context.type === 'bridge-connect' ? context.to : undefined;
  if (sure && client !== undefined) line.next = { type: 'bridge-connect', client, ...(to && { to }) };
  emitPlaceholders(reading, line, sure);
};

/** Tells the id that the connection has here: the other broker may end it without an answer. */
const subscribed: EmitReading = (reading, line, sure) => {
  const client = reading.texts[reading.format.client];
  if (sure && client !== undefined && !line.live.has(client))
    line.live.connected(client, { ...UNKNOWN_SESSION, isBridge: true });
  emitPlaceholders(reading, line, sure);
};

const failed: EmitReading = ({ format, texts }, line) => {
  const { client, to = [] } = line.context.type === 'bridge-connect' ? line.context : {};
  line.emit(format.kind, [client, texts[0], ...to]);
};

const sent = (type: string, table: string, emit: EmitReading = emitPlaceholders): readonly Format[] =>
  parseFormats(table, {
    action: 'packet-sent',
    emit,
    constants: { 'mqtt.packet.type': type, 'mqtt.packet.direction': 'sent', 'network.protocol': 'mqtt' },
  });

/** Connections of this broker to other brokers. */
export const BRIDGE_FORMATS: readonly Format[] = [
  ...parseFormats(
    `
notice 1.5- bridge_connecting Connecting bridge {bridge} ({host}:{port})
`,
    { action: 'bridge-connecting', emit: connecting, slots: BRIDGE_SLOTS },
  ),
  // Names are looked up in the background: what another bridge tells may stand between them and their errors.
  ...parseFormats(
    `
notice 1.5.2- bridge_connecting_step_1 Connecting bridge (step 1) {bridge} ({host}:{port})
notice 1.5.2- bridge_connecting_step_2 Connecting bridge (step 2) {bridge} ({host}:{port})
`,
    { action: 'bridge-connecting' },
  ),
  ...parseFormats(
    `
error 1.5- bridge_error Error creating bridge: {error}.
`,
    { action: 'bridge-failed', slots: ['mqtt.client.id', 'error.message', ...BRIDGE_SLOTS], emit: failed },
  ),
  ...parseFormats(
    `
error 1.5-2.0.4 bridge_registration_failed Error in epoll initial registering bridge: {error}
error 2.0.5- bridge_initial_registration_failed Error in initial bridge registration: {error}
warning 1.5-2.0.22 bridge_unable Warning: Unable to connect to bridge {bridge}.
warning 2.1.0- bridge_unable Warning: Unable to connect bridge {bridge}.
`,
    { action: 'bridge-failed' },
  ),
  ...parseFormats(
    `
notice 1.5- bridge_idle Bridge connection {client} has exceeded idle timeout, disconnecting.
`,
    { action: 'bridge-disconnected', outcome: 'success', slots: END_SLOTS, emit: ended },
  ),
  ...sent(
    'connect',
    `
debug 1.5- bridge_connect_sent Bridge {client} sending CONNECT
`,
    connectSent,
  ),
  ...sent(
    'disconnect',
    `
debug 1.5- bridge_disconnect_sent Bridge {client} sending DISCONNECT
`,
  ),
  ...sent(
    'subscribe',
    `
debug 1.5-1.5.11 bridge_subscribe_sent Bridge {client} sending SUBSCRIBE (Mid: {id}, Topic: {filter}, QoS: {qos})
debug 1.6- bridge_subscribe_sent Bridge {client} sending SUBSCRIBE (Mid: {id}, Topic: {filter}, QoS: {qos}, Options: 0x{hex})
`,
  ),
  ...sent(
    'unsubscribe',
    `
debug 1.5- bridge_unsubscribe_sent Bridge {client} sending UNSUBSCRIBE (Mid: {id}, Topic: {filter})
`,
  ),
  ...parseFormats(
    `
debug 1.5- bridge_local_subscribe Bridge {client} doing local SUBSCRIBE on topic {filter}
`,
    { emit: subscribed },
  ),
  ...parseFormats(`
info 2.1.0- bridge_connection_stable Bridge {bridge} connection was stable enough, resetting backoff
info 2.1.0- bridge_backoff Bridge {bridge} next backoff will be {number} ms
info 2.1.0- bridge_topic_duplicate Duplicate bridge topic '{text}', skipping
notice 2.0.0- bridge_protocol_downgraded Warning: Remote bridge {bridge} does not support MQTT v5.0, reconnecting using MQTT v3.1.1.
debug 1.5-1.6.15 bridge_reregistration_failed Error in epoll re-registering bridge: {error}
info 2.1.0- bridge_support_available Bridge support available.
info 2.1.0- bridge_support_not_available Bridge support NOT available.
warning 2.0.22- control_over_bridge          If this is a bridge, please be aware this does not work.
`),
];
