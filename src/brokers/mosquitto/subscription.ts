import { type EventKind, Mark } from '../../core/event.ts';
import { parseShare } from '../../core/topic.ts';
import { defineKind, type KindDefinition } from '../../ecs/kind.ts';
import { digits, type LineReader, NO_CONTEXT, type Rule } from './line.ts';

const packet = (type: string, direction: 'received' | 'sent'): EventKind =>
  defineKind({
    code: `mosquitto.${type}_${direction}`,
    action: direction === 'received' ? 'packet-received' : 'packet-sent',
    level: 'debug',
    constants: { 'mqtt.packet.type': type, 'mqtt.packet.direction': direction, 'network.protocol': 'mqtt' },
    slots: ['mqtt.client.id'],
  });

const filterSlots = ['mqtt.client.id', 'mqtt.subscription.filter', 'mqtt.subscription.share_group'] as const;
const subscription = (
  code: string,
  action: KindDefinition['action'],
  level: 'debug' | 'notice',
  qos?: 'qos' | 'granted_qos',
): EventKind =>
  defineKind({
    code: `mosquitto.${code}`,
    action,
    level,
    constants: action === 'subscribe-denied' ? { 'mqtt.acl.operation': 'subscribe' } : {},
    slots: qos === undefined ? filterSlots : [...filterSlots, `mqtt.subscription.${qos}`],
  });

const SUBSCRIBE = packet('subscribe', 'received');
const SUBACK = packet('suback', 'sent');
const UNSUBSCRIBE = packet('unsubscribe', 'received');
const UNSUBACK = packet('unsuback', 'sent');
const REQUESTED = subscription('subscription_requested', 'subscription-requested', 'debug', 'qos');
const GRANTED = subscription('subscription_granted', 'subscription-added', 'notice', 'granted_qos');
const DENIED = subscription('subscription_denied', 'subscribe-denied', 'debug', 'qos');
const UNSUBSCRIPTION = subscription('unsubscription_requested', 'unsubscription-requested', 'debug');
const REMOVED = subscription('subscription_removed', 'subscription-removed', 'notice');

/** No broker writes longer lines about subscriptions. */
const MAX_LINE = 4096;
const TAB = '\t';
const QOS = ' (QoS ';
const DENIED_TAIL = ' (denied)';

/**
 * The lines of a SUBSCRIBE follow each other: the request, then for each filter a TAB line and, if granted, a line
 * `ID QOS FILTER`, then the SUBACK. That a filter was denied shows only in the missing line (2.0).
 */
export const subscriptionRules: readonly Rule[] = [
  begin('Received SUBSCRIBE from ', SUBSCRIBE, (client) => ({
    type: 'subscribe',
    client,
    filter: undefined,
    qos: 0,
  })),
  begin('Received UNSUBSCRIBE from ', UNSUBSCRIBE, (client) => ({
    type: 'unsubscribe',
    client,
    filter: undefined,
  })),
  end('Sending SUBACK to ', SUBACK),
  end('Sending UNSUBACK to ', UNSUBACK),
  { prefix: TAB, read: readFilter },
];

function begin(prefix: string, kind: EventKind, context: (client: string) => LineReader['context']): Rule {
  return {
    prefix,
    read(text, line) {
      const client = text.substring(prefix.length);
      line.context = context(client);
      line.emit(kind, [client]);
      return true;
    },
  };
}

function end(prefix: string, kind: EventKind): Rule {
  return {
    prefix,
    read(text, line) {
      line.emit(kind, [text.substring(prefix.length)]);
      missedGrant(line);
      line.context = NO_CONTEXT;
      return true;
    },
  };
}

function readFilter(text: string, line: LineReader): boolean {
  const { context } = line;
  if (context.type === 'unsubscribe') {
    const filter = text.substring(1);
    line.context = { ...context, filter };
    line.emit(UNSUBSCRIPTION, [context.client, filter, parseShare(filter).group]);
    return true;
  }
  if (context.type !== 'subscribe') return false;
  if (text.endsWith(DENIED_TAIL)) {
    const filter = text.slice(1, -DENIED_TAIL.length);
    line.emit(DENIED, [context.client, filter, parseShare(filter).group]);
    missedGrant(line);
    line.context = { ...context, filter: undefined };
    return true;
  }
  const at = text.lastIndexOf(QOS);
  const qos = at === -1 || !text.endsWith(')') ? -1 : digits(text, at + QOS.length, text.length - 1);
  if (qos === -1) return false;
  const filter = text.substring(1, at);
  line.emit(REQUESTED, [context.client, filter, parseShare(filter).group, qos]);
  missedGrant(line);
  line.context = { ...context, filter, qos };
  return true;
}

/** The filter before had no line of its own: it was denied, if this log has such lines at all. */
function missedGrant(line: LineReader): void {
  const { context } = line;
  if (context.type !== 'subscribe' || context.filter === undefined || !line.seesGrants) return;
  const { client, filter, qos } = context;
  line.emit(DENIED, [client, filter, parseShare(filter).group, qos], Mark.derived);
}

/**
 * Reads `ID QOS FILTER` and `ID FILTER`. These lines have hardly any fixed text and a client id can imitate any other line
 * with them, so they are looked at before all rules, and believed when they say what the request in hand asked for.
 */
export function readGrant(text: string, line: LineReader): boolean {
  const { context } = line;
  if (context.type === 'subscribe' && context.filter !== undefined) {
    const { client, filter } = context;
    const at = client.length + 3;
    if (text.length !== at + filter.length || !text.startsWith(client) || !text.endsWith(filter))
      return false;
    const qos = digits(text, client.length + 1, client.length + 2);
    if (qos < 0 || qos > 2 || text.charCodeAt(client.length) !== 0x20 || text.charCodeAt(at - 1) !== 0x20)
      return false;
    line.seesGrants = true;
    line.context = { ...context, filter: undefined };
    line.emit(GRANTED, [client, filter, parseShare(filter).group, qos]);
    return true;
  }
  if (context.type === 'unsubscribe' && context.filter !== undefined) {
    const { client, filter } = context;
    if (text.length !== client.length + 1 + filter.length || text !== `${client} ${filter}`) return false;
    line.context = { ...context, filter: undefined };
    line.emit(REMOVED, [client, filter, parseShare(filter).group]);
    return true;
  }
  return false;
}

/**
 * The same lines in a log without debug lines, where nothing goes before them: only after no rule knew the text, and only
 * when exactly one reading names a connected client.
 */
export function readGrantAlone(text: string, line: LineReader): boolean {
  if (text.length > MAX_LINE) return false;
  for (let at = text.indexOf(' '); at !== -1; at = text.indexOf(' ', at + 1)) {
    const client = text.substring(0, at);
    if (!line.live.has(client)) continue;
    const qos = digits(text, at + 1, at + 2);
    const withQos = qos >= 0 && qos <= 2 && text.charCodeAt(at + 2) === 0x20;
    const filter = text.substring(withQos ? at + 3 : at + 1);
    const ambiguous = /^[0-2] /.test(filter) || filter.includes(' ') ? Mark.ambiguous : Mark.none;
    if (withQos) line.emit(GRANTED, [client, filter, parseShare(filter).group, qos], ambiguous);
    else line.emit(REMOVED, [client, filter, parseShare(filter).group], ambiguous);
    return true;
  }
  return false;
}
