import type { Fields } from './field.ts';

const connection = ['mqtt.connection'];

/** A client: what names it, and what a broker that is polled keeps and counts of it. */
export const CLIENT_FIELDS = {
  'mqtt.client.id': { type: 'keyword', description: 'Client identifier (MQTT 5 §3.1.3.1)' },
  'mqtt.client.attributes': {
    type: 'flattened',
    description: 'Attributes that the broker keeps of a client',
  },
  'mqtt.client.alias': {
    type: 'keyword',
    description: 'Name of the client for people, from the configuration',
    datasets: connection,
  },
  'mqtt.client.state': {
    type: 'keyword',
    description: 'connected, disconnected or gone, as polls have found it',
    datasets: connection,
  },
  'mqtt.client.changes': {
    type: 'keyword',
    array: true,
    description:
      'What is new since the poll before: first_seen, connected, disconnected, reconnected, node, peer, subscriptions, gone',
    datasets: connection,
  },
  'mqtt.client.connects': {
    type: 'long',
    description: 'Connections made since the first poll',
    datasets: connection,
  },
  'mqtt.client.subscriptions': { type: 'long', description: 'Subscriptions it has', datasets: connection },
  'mqtt.client.inflight': {
    type: 'long',
    description: 'Messages sent to it and not acknowledged',
    datasets: connection,
  },
  'mqtt.client.queued': { type: 'long', description: 'Messages that wait for it', datasets: connection },
  'mqtt.client.publish.received': {
    type: 'long',
    description: 'PUBLISH packets from it, over all its connections since the first poll',
    datasets: connection,
  },
  'mqtt.client.publish.received_dropped': {
    type: 'long',
    description: 'The dropped ones of these',
    datasets: connection,
  },
  'mqtt.client.publish.sent': {
    type: 'long',
    description: 'PUBLISH packets to it, over all its connections since the first poll',
    datasets: connection,
  },
  'mqtt.client.publish.sent_dropped': {
    type: 'long',
    description: 'Messages for it that were dropped',
    datasets: connection,
  },
  'mqtt.client.packets.received': {
    type: 'long',
    description: 'Packets from it, counted like PUBLISH packets',
    datasets: connection,
  },
  'mqtt.client.packets.sent': {
    type: 'long',
    description: 'Packets to it, counted like PUBLISH packets',
    datasets: connection,
  },
  'mqtt.client.bytes.received': {
    type: 'long',
    unit: 'bytes',
    description: 'Bytes from it, counted like PUBLISH packets',
    datasets: connection,
  },
  'mqtt.client.bytes.sent': {
    type: 'long',
    unit: 'bytes',
    description: 'Bytes to it, counted like PUBLISH packets',
    datasets: connection,
  },
  'mqtt.client.queue_dropped': {
    type: 'long',
    description: 'Messages that its full queue lost',
    datasets: connection,
  },
} as const satisfies Fields;
