import type { Action, EventKind, Outcome } from '../../../core/event.ts';
import type { FieldName } from '../../../ecs/catalogue.ts';
import { defineKind } from '../../../ecs/kind.ts';
import { PAYLOAD_SLOTS } from '../../../ecs/payload.ts';
import { PROPERTY_SLOTS } from './properties.ts';

type Constants = Readonly<Partial<Record<FieldName, string | number | boolean>>>;

/** Slots of the events of all reports, in the order in which `report.ts` gives their values. */
const COMMON = [
  'event.code',
  'mqtt.client.id',
  'user.name',
  'source.ip',
  'source.port',
  'source.address',
  'destination.ip',
  'destination.port',
  'service.node.name',
  'event.reason',
  'error.message',
  'mqtt.client.attributes',
  'mqtt.log.fields',
] as const satisfies readonly FieldName[];

/** Kinds of one event by the way of its report: rules and web hooks, `$SYS` topics. */
export interface Reported {
  readonly event: EventKind;
  readonly sys: EventKind;
}

function reported(
  action: Action,
  slots: readonly FieldName[] = [],
  constants: Constants = {},
  outcome?: Outcome,
): Reported {
  const kind = (code: string, provider: string): EventKind =>
    defineKind({
      code,
      action,
      provider,
      constants,
      slots: [...COMMON, ...slots],
      ...(outcome && { outcome }),
    });
  return { event: kind('emqx.event', 'emqx-event'), sys: kind('sys.topic', 'sys-topics') };
}

const CONNECTION = [
  'mqtt.protocol_version',
  'mqtt.keep_alive',
  'mqtt.clean_start',
  'mqtt.session.expiry_interval',
  'mqtt.connection.connected_at',
  'mqtt.reason_code',
  'mqtt.user_properties',
] as const satisfies readonly FieldName[];
const ENDED = [
  'mqtt.protocol_version',
  'mqtt.connection.connected_at',
  'mqtt.connection.disconnected_at',
  'event.start',
  'event.end',
  'event.duration',
  'mqtt.user_properties',
] as const satisfies readonly FieldName[];
const FILTER = [
  'mqtt.subscription.filter',
  'mqtt.subscription.share_group',
] as const satisfies readonly FieldName[];
const SUBSCRIPTION = [
  ...FILTER,
  'mqtt.qos',
  'mqtt.subscription.no_local',
  'mqtt.subscription.retain_as_published',
  'mqtt.subscription.retain_handling',
  'mqtt.subscription.id',
  'mqtt.user_properties',
] as const satisfies readonly FieldName[];
const TOPIC = ['mqtt.topic', 'mqtt.topic_root', 'mqtt.topic_depth'] as const satisfies readonly FieldName[];
const MESSAGE = [
  ...TOPIC,
  'mqtt.qos',
  'mqtt.retained',
  'mqtt.duplicate',
  'mqtt.message.id',
  'mqtt.payload.size',
  'mqtt.message.received_at',
  'mqtt.publisher.client.id',
  'mqtt.publisher.user.name',
  ...PROPERTY_SLOTS,
  'mqtt.user_properties',
  ...PAYLOAD_SLOTS,
] as const satisfies readonly FieldName[];
const ALARM = [
  'mqtt.alarm.name',
  'mqtt.alarm.details',
  'event.start',
  'event.end',
  'event.duration',
] as const satisfies readonly FieldName[];
const packet = (type: string, direction: 'received' | 'sent'): Constants => ({
  'mqtt.packet.type': type,
  'mqtt.packet.direction': direction,
  'network.protocol': 'mqtt',
});
const ingress = { 'network.direction': 'ingress', 'network.protocol': 'mqtt' } as const;
const egress = { 'network.direction': 'egress', 'network.protocol': 'mqtt' } as const;

/** Kinds of events of reports; their rules give the values behind the common ones in the order of the slots. */
export const EVENT = {
  connected: reported('client-connected', CONNECTION),
  accepted: reported('packet-sent', CONNECTION, packet('connack', 'sent'), 'success'),
  refused: reported('packet-sent', CONNECTION, packet('connack', 'sent'), 'failure'),
  loginRefused: reported('client-authentication-failed', CONNECTION),
  connectionRefused: reported('client-connection-rejected', CONNECTION),
  connectReceived: reported('packet-received', CONNECTION, packet('connect', 'received')),
  ping: reported('packet-received', CONNECTION, packet('pingreq', 'received')),
  disconnectedNormally: reported('client-disconnected', ENDED, {}, 'success'),
  disconnected: reported('client-disconnected', ENDED, {}, 'failure'),
  sessionCreated: reported('session-created'),
  sessionExpired: reported('session-expired'),
  authenticated: reported('client-authenticated', ['mqtt.reason_code']),
  authenticationFailed: reported('client-authentication-failed', ['mqtt.reason_code']),
  publishAuthorized: reported('publish-authorized', [...TOPIC, 'mqtt.acl.source'], {
    'mqtt.acl.operation': 'publish',
  }),
  publishDenied: reported('publish-denied', [...TOPIC, 'mqtt.acl.source'], {
    'mqtt.acl.operation': 'publish',
  }),
  subscribeAuthorized: reported('subscribe-authorized', [...FILTER, 'mqtt.acl.source'], {
    'mqtt.acl.operation': 'subscribe',
  }),
  subscribeDenied: reported('subscribe-denied', [...FILTER, 'mqtt.acl.source'], {
    'mqtt.acl.operation': 'subscribe',
  }),
  subscriptionAdded: reported('subscription-added', [...SUBSCRIPTION, 'mqtt.subscription.granted_qos']),
  subscriptionRemoved: reported('subscription-removed', SUBSCRIPTION),
  subscriptionRequested: reported('subscription-requested', [...SUBSCRIPTION, 'mqtt.subscription.qos']),
  unsubscriptionRequested: reported('unsubscription-requested', SUBSCRIPTION),
  published: reported('message-published', MESSAGE, ingress),
  delivered: reported('message-delivered', MESSAGE, egress),
  acknowledged: reported('message-acknowledged', MESSAGE, ingress),
  publishDropped: reported('message-dropped', MESSAGE, { ...ingress, 'mqtt.drop.stage': 'publish' }),
  deliveryDropped: reported('message-dropped', MESSAGE, { ...egress, 'mqtt.drop.stage': 'delivery' }),
  alarmRaised: reported('alarm-raised', ALARM, { 'mqtt.alarm.state': 'active' }),
  alarmCleared: reported('alarm-cleared', ALARM, { 'mqtt.alarm.state': 'cleared' }),
  other: reported('broker-log'),
} as const satisfies Record<string, Reported>;
