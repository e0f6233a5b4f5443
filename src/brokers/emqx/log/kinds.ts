import type { Action, EventKind, Outcome } from '../../../core/event.ts';
import type { FieldName } from '../../../ecs/catalogue.ts';
import { defineKind } from '../../../ecs/kind.ts';

type Constants = Readonly<Partial<Record<FieldName, string | number | boolean>>>;

/** Slots of the events of all log entries, in the order in which `Emitter.entry` gives their values. */
const LOG_SLOTS = [
  'event.code',
  'log.level',
  'mqtt.log.tag',
  'log.logger',
  'mqtt.client.id',
  'user.name',
  'source.ip',
  'source.port',
  'source.address',
  'event.reason',
  'error.message',
  'mqtt.log.fields',
] as const satisfies readonly FieldName[];

const log = (
  action: Action,
  slots: readonly FieldName[] = [],
  constants: Constants = {},
  outcome?: Outcome,
): EventKind =>
  defineKind({
    code: 'emqx.log',
    action,
    constants,
    slots: [...LOG_SLOTS, ...slots],
    ...(outcome && { outcome }),
  });

const TOPIC = ['mqtt.topic', 'mqtt.topic_root', 'mqtt.topic_depth'] as const satisfies readonly FieldName[];
const FILTER = [
  'mqtt.subscription.filter',
  'mqtt.subscription.share_group',
  'mqtt.subscription.qos',
] as const satisfies readonly FieldName[];
const OPTIONS = [
  'mqtt.subscription.no_local',
  'mqtt.subscription.retain_as_published',
  'mqtt.subscription.retain_handling',
] as const satisfies readonly FieldName[];
const MESSAGE = [
  ...TOPIC,
  'mqtt.qos',
  'mqtt.retained',
  'mqtt.duplicate',
  'mqtt.payload.size',
  'mqtt.message_id',
] as const satisfies readonly FieldName[];
const RECEIVED: Constants = {
  'mqtt.packet.direction': 'received',
  'network.direction': 'ingress',
  'network.protocol': 'mqtt',
};
const SENT: Constants = {
  'mqtt.packet.direction': 'sent',
  'network.direction': 'egress',
  'network.protocol': 'mqtt',
};
const publish = (constants: Constants): Constants => ({ ...constants, 'mqtt.packet.type': 'publish' });
const DROPPED = [
  ...MESSAGE,
  'mqtt.message.id',
  'mqtt.publisher.client.id',
] as const satisfies readonly FieldName[];
const ACKNOWLEDGED = [
  'mqtt.packet.type',
  'mqtt.message_id',
  'mqtt.reason_code',
] as const satisfies readonly FieldName[];
const PACKET = [
  'mqtt.packet.type',
  'mqtt.message_id',
  'mqtt.reason_code',
  'mqtt.session.present',
  'mqtt.protocol_version',
  'mqtt.clean_start',
  'mqtt.keep_alive',
  ...FILTER,
  ...OPTIONS,
  'mqtt.will.topic',
  'mqtt.will.qos',
  'mqtt.will.retained',
  'mqtt.will.payload_size',
] as const satisfies readonly FieldName[];

/** Kinds of events of log entries; their rules give the values behind the common ones in the order of the slots. */
export const LOG = {
  log: log('broker-log'),
  node: log('broker-log', ['service.node.name']),
  filter: log('broker-log', ['mqtt.subscription.filter']),
  unmatched: log('broker-log', ['mqtt.packet.type', 'mqtt.message_id']),
  denied: log('broker-log', [], {}, 'failure'),
  allowed: log('broker-log', [], {}, 'success'),
  listening: log('broker-listener-opened', [
    'destination.ip',
    'destination.port',
    'destination.address',
    'mqtt.transport',
  ]),
  started: log('broker-started'),
  stopped: log('broker-stopped'),
  authenticated: log('client-authenticated'),
  authenticationFailed: log('client-authentication-failed'),
  connectionRejected: log('client-connection-rejected'),
  protocolError: log('protocol-error'),
  unexpectedPacket: log('protocol-error', ['mqtt.packet.type']),
  publishDenied: log('publish-denied', [...TOPIC, 'mqtt.qos', 'mqtt.retained', 'mqtt.acl.source'], {
    'mqtt.acl.operation': 'publish',
  }),
  publishAuthorized: log('publish-authorized', [...TOPIC, 'mqtt.qos', 'mqtt.retained', 'mqtt.acl.source'], {
    'mqtt.acl.operation': 'publish',
  }),
  subscribeDenied: log('subscribe-denied', [...FILTER, 'mqtt.qos', 'mqtt.acl.source'], {
    'mqtt.acl.operation': 'subscribe',
  }),
  subscribeAuthorized: log('subscribe-authorized', [...FILTER, 'mqtt.qos', 'mqtt.acl.source'], {
    'mqtt.acl.operation': 'subscribe',
  }),
  publishDropped: log('message-dropped', DROPPED, { 'mqtt.drop.stage': 'publish' }),
  deliveryDropped: log('message-dropped', DROPPED, { 'mqtt.drop.stage': 'delivery' }),
  published: log('message-published', MESSAGE, publish(RECEIVED)),
  delivered: log('message-delivered', MESSAGE, publish(SENT)),
  acknowledgementReceived: log('message-acknowledged', ACKNOWLEDGED, RECEIVED),
  acknowledgementSent: log('message-acknowledged', ACKNOWLEDGED, SENT),
  refusalReceived: log('message-acknowledged', ACKNOWLEDGED, RECEIVED, 'failure'),
  refusalSent: log('message-acknowledged', ACKNOWLEDGED, SENT, 'failure'),
  packetReceived: log('packet-received', PACKET, RECEIVED),
  packetSent: log('packet-sent', PACKET, SENT),
  packetSentAccepted: log('packet-sent', PACKET, SENT, 'success'),
  packetSentRefused: log('packet-sent', PACKET, SENT, 'failure'),
  subscriptionRequested: log('subscription-requested', [...FILTER, ...OPTIONS]),
  unsubscriptionRequested: log('unsubscription-requested', [...FILTER, ...OPTIONS]),
  alarmRaised: log('alarm-raised', ['mqtt.alarm.name', 'mqtt.alarm.details'], {
    'mqtt.alarm.state': 'active',
  }),
  alarmCleared: log('alarm-cleared', ['mqtt.alarm.name', 'mqtt.alarm.details'], {
    'mqtt.alarm.state': 'cleared',
  }),
  throttled: log('log-throttled', ['mqtt.throttled', 'mqtt.drop.count']),
} as const satisfies Record<string, EventKind>;
