import type { Fields } from './field.ts';

const connection = ['mqtt.connection'];
const message = ['mqtt.message', 'mqtt.access'];
const access = ['mqtt.access'];
/** What CONNECT says, where the packet itself is told too. */
const connect = ['mqtt.connection', 'mqtt.packet'];
/** The same of SUBSCRIBE. */
const subscribe = ['mqtt.access', 'mqtt.packet'];

/** What MQTT itself has: connections, packets, topics, subscriptions, payloads. */
export const MQTT_FIELDS = {
  'mqtt.publisher.client.id': {
    type: 'keyword',
    description: 'Publishing client, where mqtt.client.id is the receiver',
  },
  'mqtt.publisher.user.name': { type: 'keyword', description: 'User of the publishing client' },
  'mqtt.connection.id': { type: 'keyword', description: 'Ties the events of one connection' },
  'mqtt.connection.connected_at': {
    type: 'date',
    description: 'When the connection was made',
    datasets: connect,
  },
  'mqtt.connection.disconnected_at': {
    type: 'date',
    description: 'When the connection ended',
    datasets: connection,
  },
  'mqtt.protocol_version': {
    type: 'keyword',
    description: '3.1, 3.1.1 or 5.0',
    datasets: [...connect, 'mqtt.broker'],
  },
  'mqtt.transport': {
    type: 'keyword',
    description: 'tcp, tls, ws, wss, quic',
    datasets: ['mqtt.connection', 'mqtt.broker'],
  },
  'mqtt.listener.name': { type: 'keyword', description: 'Listener of the broker', datasets: connection },
  'mqtt.keep_alive': {
    type: 'long',
    unit: 's',
    description: 'Keep Alive as the client asked',
    datasets: connect,
  },
  'mqtt.clean_start': {
    type: 'boolean',
    description: 'Clean Start, or Clean Session before MQTT 5',
    datasets: connect,
  },
  'mqtt.session.present': { type: 'boolean', description: 'The broker had a session of this client' },
  'mqtt.session.created_at': {
    type: 'date',
    description: 'When the session was made',
    datasets: connection,
  },
  'mqtt.session.expiry_interval': {
    type: 'long',
    unit: 's',
    description: 'Session Expiry Interval',
    datasets: connect,
  },
  'mqtt.packet.type': { type: 'keyword', description: 'Control packet type in lower case' },
  'mqtt.packet.direction': { type: 'keyword', description: 'received or sent, seen from the broker' },
  'mqtt.message_id': { type: 'long', description: 'Packet Identifier; absent when 0' },
  'mqtt.message.id': {
    type: 'keyword',
    description: 'Id that the broker gave a message, the same in all its events',
  },
  'mqtt.message.received_at': {
    type: 'date',
    description: 'When the broker got the message',
    datasets: message,
  },
  'mqtt.reason_code': { type: 'short', description: 'Reason Code, or return code before MQTT 5' },
  'mqtt.auth.method': { type: 'keyword', description: 'Authentication method', datasets: connect },
  'mqtt.auth.backend': { type: 'keyword', description: 'What decided about the login', datasets: connection },
  'mqtt.acl.operation': { type: 'keyword', description: 'publish, subscribe or read', datasets: access },
  'mqtt.acl.rule': { type: 'keyword', description: 'Rule that decided', datasets: access },
  'mqtt.acl.source': {
    type: 'keyword',
    description: 'What decided: file, http, cache, default',
    datasets: access,
  },
  'mqtt.topic': { type: 'keyword', description: 'Topic name', datasets: message },
  'mqtt.topic_root': {
    type: 'keyword',
    description: 'First levels of the topic: few values',
    datasets: message,
  },
  'mqtt.topic_depth': { type: 'short', description: 'Number of levels of the topic', datasets: message },
  'mqtt.qos': { type: 'byte', description: 'Quality of Service', datasets: message },
  'mqtt.retained': { type: 'boolean', description: 'RETAIN flag', datasets: message },
  'mqtt.duplicate': { type: 'boolean', description: 'DUP flag', datasets: message },
  'mqtt.drop.count': { type: 'long', description: 'How many were dropped, where one event speaks of many' },
  'mqtt.drop.stage': {
    type: 'keyword',
    description: 'publish: nobody took it; delivery: this receiver lost it',
  },
  'mqtt.correlation': {
    type: 'keyword',
    description:
      'Of a mirrored message beside a log: joined with the line that names its publisher, or mirror-only',
  },
  'mqtt.ambiguous': { type: 'boolean', description: 'More than one reading of the line was possible' },
  'mqtt.truncated': { type: 'boolean', description: 'The broker or the probe cut the record' },
  'mqtt.derived': { type: 'boolean', description: 'Inferred, not said by a record of its own' },
  'mqtt.log.length': { type: 'long', unit: 'bytes', description: 'True length of a line that the probe cut' },
  'mqtt.log.tag': { type: 'keyword', description: 'Tag of a log record' },
  'mqtt.log.fields': { type: 'flattened', description: 'Further fields of a log record' },
  'mqtt.throttled': {
    type: 'flattened',
    description: 'Log messages that the broker left out, with their counts',
  },
  'mqtt.subscription.filter': {
    type: 'keyword',
    description: 'Topic filter',
    datasets: ['mqtt.access', 'mqtt.packet', 'mqtt.broker'],
  },
  'mqtt.subscription.share_group': {
    type: 'keyword',
    description: 'Group of a shared subscription',
    datasets: subscribe,
  },
  'mqtt.subscription.qos': { type: 'byte', description: 'QoS asked for', datasets: subscribe },
  'mqtt.subscription.granted_qos': { type: 'byte', description: 'QoS granted', datasets: access },
  'mqtt.subscription.no_local': { type: 'boolean', description: 'No Local', datasets: subscribe },
  'mqtt.subscription.retain_as_published': {
    type: 'boolean',
    description: 'Retain As Published',
    datasets: subscribe,
  },
  'mqtt.subscription.retain_handling': { type: 'byte', description: 'Retain Handling', datasets: subscribe },
  'mqtt.subscription.id': { type: 'long', array: true, description: 'Subscription Identifier' },
  'mqtt.payload.size': { type: 'long', unit: 'bytes', description: 'Size of the payload', datasets: message },
  'mqtt.payload.hash.sha256': { type: 'keyword', description: 'SHA-256 of the payload', datasets: message },
  'mqtt.payload.encoding': { type: 'keyword', description: 'utf8, json, base64 or none', datasets: message },
  'mqtt.payload.text': {
    type: 'match_only_text',
    description: 'Payload as text, when asked for',
    datasets: message,
  },
  'mqtt.payload.base64': {
    type: 'keyword',
    unindexed: true,
    description: 'Payload in base64, when asked for',
    datasets: message,
  },
  'mqtt.payload.json': {
    type: 'flattened',
    description: 'Decoded payload, when asked for',
    datasets: message,
  },
  'mqtt.payload.truncated': { type: 'boolean', description: 'The payload is cut', datasets: message },
  'mqtt.payload.redacted': {
    type: 'boolean',
    description: 'Something in the payload was replaced',
    datasets: message,
  },
  'mqtt.properties.content_type': { type: 'keyword', description: 'Content Type', datasets: message },
  'mqtt.properties.response_topic': { type: 'keyword', description: 'Response Topic', datasets: message },
  'mqtt.properties.correlation_data': {
    type: 'keyword',
    description: 'Correlation Data in base64',
    datasets: message,
  },
  'mqtt.properties.message_expiry_interval': {
    type: 'long',
    unit: 's',
    description: 'Message Expiry Interval',
    datasets: message,
  },
  'mqtt.properties.topic_alias': { type: 'long', description: 'Topic Alias', datasets: message },
  'mqtt.properties.payload_format': {
    type: 'byte',
    description: 'Payload Format Indicator',
    datasets: message,
  },
  'mqtt.user_properties': { type: 'flattened', description: 'User Properties' },
  'mqtt.will.topic': { type: 'keyword', description: 'Will Topic', datasets: connect },
  'mqtt.will.qos': { type: 'byte', description: 'Will QoS', datasets: connect },
  'mqtt.will.retained': { type: 'boolean', description: 'Will Retain', datasets: connect },
  'mqtt.will.payload_size': {
    type: 'long',
    unit: 'bytes',
    description: 'Size of the Will Payload',
    datasets: connect,
  },
  'mqtt.will.delay_interval': {
    type: 'long',
    unit: 's',
    description: 'Will Delay Interval',
    datasets: connection,
  },
} as const satisfies Fields;
