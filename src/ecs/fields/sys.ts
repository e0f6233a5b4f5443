import type { Field } from './field.ts';

/*
 * Numbers of `$SYS` that one broker has and the other has not, under the names of EMQX's topics where they are EMQX's
 * (`emqx_metrics.erl`, `emqx_stats.erl`), of Mosquitto's `sys_tree.c` where they are Mosquitto's. What both have is among
 * `BROKER_FIELDS`.
 */

type NumberType = 'long' | 'float';
type Numbers<N extends string> = {
  readonly [K in N as `mqtt.broker.${K}`]: Field & { readonly type: NumberType };
};

/** @param about the meaning of each, by its name below `mqtt.broker` */
function numbers<const N extends string>(
  common: Pick<Field, 'metric' | 'unit'> & { readonly type?: NumberType },
  about: Readonly<Record<N, string>>,
): Numbers<N> {
  const field = (description: string): Field => ({
    type: 'long',
    ...common,
    datasets: ['mqtt.sys'],
    description,
  });
  const entries = Object.entries<string>(about).map(([name, text]) => [`mqtt.broker.${name}`, field(text)]);
  return Object.fromEntries(entries) as Numbers<N>;
}

/** The same meaning for each of several names. */
function each<const N extends string>(
  names: readonly N[],
  about: (name: string) => string,
): Readonly<Record<N, string>> {
  return Object.fromEntries(names.map((name) => [name, about(name)])) as Record<N, string>;
}

const packetsReceived = [
  'connect',
  'puback',
  'pubrec',
  'pubrel',
  'pubcomp',
  'subscribe',
  'unsubscribe',
  'pingreq',
  'disconnect',
  'auth',
] as const;
const packetsSent = [
  'connack',
  'puback',
  'pubrec',
  'pubrel',
  'pubcomp',
  'suback',
  'unsuback',
  'pingresp',
  'disconnect',
  'auth',
] as const;
const rates = [
  'connections',
  'sockets',
  'messages.received',
  'messages.sent',
  'publish.received',
  'publish.sent',
  'publish.dropped',
  'bytes.received',
  'bytes.sent',
] as const;
const windows = ['1min', '5min', '15min'] as const;
const loads = rates.flatMap((rate) => windows.map((window) => `load.${rate}.${window}` as const));

const upper = (name: string): string => (name.split('.')[1] ?? '').toUpperCase();

/** Numbers of `$SYS`, one document for each interval and node of a broker. */
export const SYS_FIELDS = {
  ...numbers(
    { metric: 'gauge' },
    {
      connections: 'Connections, with those of sessions that are kept without one (EMQX 5)',
      channels: 'Channels: connections and sessions without one',
      sessions: 'Sessions',
      cluster_sessions: 'Sessions of the whole cluster',
      persistent_sessions: 'Sessions that outlive their connection (EMQX 3)',
      topics: 'Topics with a subscription',
      routes: 'Routes of the cluster',
      subscribers: 'Subscribers',
      suboptions: 'Sets of options of subscriptions',
      shared_subscriptions: 'Shared subscriptions',
      durable_subscriptions: 'Subscriptions of durable sessions',
      delayed: 'Messages that wait for their time',
      'packet_out.count': 'Packets queued for clients',
      'maximum.connections': 'Most connections so far',
      'maximum.channels': 'Most channels so far',
      'maximum.sessions': 'Most sessions so far',
      'maximum.cluster_sessions': 'Most sessions of the cluster so far',
      'maximum.persistent_sessions': 'Most persistent sessions so far',
      'maximum.topics': 'Most topics so far',
      'maximum.routes': 'Most routes so far',
      'maximum.subscribers': 'Most subscribers so far',
      'maximum.suboptions': 'Most sets of options so far',
      'maximum.subscriptions': 'Most subscriptions so far',
      'maximum.shared_subscriptions': 'Most shared subscriptions so far',
      'maximum.durable_subscriptions': 'Most subscriptions of durable sessions so far',
      'maximum.delayed': 'Most waiting messages so far',
      'maximum.retained': 'Most retained messages so far',
    },
  ),
  ...numbers(
    { metric: 'gauge', unit: 'bytes' },
    {
      'messages.stored_bytes': 'Payloads in the store',
      'packet_out.bytes': 'Bytes of the packets queued for clients',
    },
  ),
  ...numbers(
    { metric: 'gauge', type: 'float' },
    each(loads, () => 'Load average of Mosquitto: how many a minute, averaged over that time'),
  ),
  ...numbers(
    { metric: 'counter', unit: 'bytes' },
    {
      'publish.bytes.received': 'Payload bytes received',
      'publish.bytes.sent': 'Payload bytes sent',
    },
  ),
  ...numbers(
    { metric: 'counter' },
    {
      socket_connections: 'Connections of sockets',
      'packets.received': 'Control packets received (EMQX; Mosquitto: messages.received)',
      'packets.sent': 'Control packets sent (EMQX; Mosquitto: messages.sent)',
      ...each(
        packetsReceived.map((name) => `packets.${name}.received` as const),
        (name) => `${upper(name)} packets received`,
      ),
      ...each(
        packetsSent.map((name) => `packets.${name}.sent` as const),
        (name) => `${upper(name)} packets sent`,
      ),
      ...each(
        ['packets.puback.missed', 'packets.pubrec.missed', 'packets.pubrel.missed', 'packets.pubcomp.missed'],
        (name) => `${upper(name)} packets without a message that they belong to`,
      ),
      ...each(
        ['packets.publish.inuse', 'packets.puback.inuse', 'packets.pubrec.inuse', 'packets.pubcomp.inuse'],
        (name) => `${upper(name)} packets whose identifier was in use`,
      ),
      ...each(
        [
          'packets.publish.error',
          'packets.subscribe.error',
          'packets.unsubscribe.error',
          'packets.connack.error',
        ],
        (name) => `${upper(name)} packets with an error`,
      ),
      ...each(
        ['packets.publish.auth_error', 'packets.subscribe.auth_error', 'packets.connack.auth_error'],
        (name) => `${upper(name)} packets without permission`,
      ),
      'packets.publish.quota_exceeded': 'PUBLISH packets beyond a quota',
      ...each(
        [
          'messages.qos0.received',
          'messages.qos0.sent',
          'messages.qos1.received',
          'messages.qos1.sent',
          'messages.qos2.received',
          'messages.qos2.sent',
        ],
        (name) => `Messages of QoS ${name.charAt(12)} ${name.slice(14)}`,
      ),
      'messages.qos2.dropped': 'Messages of QoS 2 dropped',
      'messages.qos2.expired': 'Messages of QoS 2 whose PUBREL did not come',
      'messages.expired': 'Messages expired',
      'messages.publish': 'Messages published',
      'messages.dropped_no_subscribers': 'Messages that nobody had subscribed',
      'messages.dropped_await_pubrel_timeout': 'Messages whose PUBREL did not come',
      'messages.dropped_quota_exceeded': 'Messages dropped beyond a quota',
      'messages.dropped_receive_maximum': 'Messages dropped beyond Receive Maximum',
      'messages.dropped_expired': 'Messages dropped after their expiry',
      'messages.forward': 'Messages forwarded to other nodes',
      'messages.delayed': 'Messages delayed',
      'messages.delivered': 'Messages delivered',
      'messages.acked': 'Messages acknowledged',
      'messages.persisted': 'Messages made durable',
      'messages.validation_failed': 'Messages that failed a validation',
      'messages.validation_succeeded': 'Messages that passed a validation',
      'messages.transformation_failed': 'Messages whose transformation failed',
      'messages.transformation_succeeded': 'Messages transformed',
      'delivery.dropped': 'Deliveries dropped',
      'delivery.dropped_expired': 'Deliveries dropped: the message had expired',
      'delivery.dropped_no_local': "Deliveries dropped: the receiver's own message",
      'delivery.dropped_too_large': 'Deliveries dropped: too large for the receiver',
      'delivery.dropped_qos0_msg': 'Deliveries dropped: QoS 0 is not queued',
      'delivery.dropped_queue_full': 'Deliveries dropped: the queue was full',
      'delivery.dropped_filter': 'Deliveries dropped by a subscription filter',
      'client.connect': 'Connects begun',
      'client.connack': 'Connects answered',
      'client.connected': 'Connects that succeeded',
      'client.disconnected': 'Disconnects',
      'client.authenticate': 'Authentications',
      'client.auth_anonymous': 'Logins without credentials',
      'client.authorize': 'Authorizations',
      'client.ping': 'Pings',
      'client.subscribe': 'Subscriptions',
      'client.unsubscribe': 'Subscriptions given back',
      'session.created': 'Sessions created',
      'session.resumed': 'Sessions resumed',
      'session.takenover': 'Sessions taken over',
      'session.discarded': 'Sessions discarded',
      'session.terminated': 'Sessions ended',
      'session.disconnected': 'Sessions that lost their connection',
      'authentication.success': 'Logins that succeeded',
      'authentication.success_anonymous': 'Logins that succeeded without credentials',
      'authentication.failure': 'Logins that failed',
      'authorization.allow': 'Actions allowed',
      'authorization.deny': 'Actions denied',
      'authorization.cache_hit': 'Decisions from the cache',
      'authorization.cache_miss': 'Decisions that the cache did not have',
      'overload_protection.delay_ok': 'Overload protection: delays that ended in time',
      'overload_protection.delay_timeout': 'Overload protection: delays that did not',
      'overload_protection.hibernation': 'Overload protection: hibernations left out',
      'overload_protection.gc': 'Overload protection: garbage collections left out',
      'overload_protection.new_conn': 'Overload protection: connections refused',
      'rules.matched': 'Rules matched',
      'actions.executed': 'Actions of rules executed',
    },
  ),
  ...numbers(
    { metric: 'gauge' },
    { 'messages.retained_stored': 'Retained messages as the metrics of emqttd and EMQX count them' },
  ),
};
