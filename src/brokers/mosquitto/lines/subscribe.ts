import { type EventKind, Mark } from '../../../core/event.ts';
import { parseShare } from '../../../core/topic.ts';
import { defineKind, type KindDefinition } from '../../../ecs/kind.ts';
import { VERSION_1_6 } from '../context/version-range.ts';
import { digits, type LineReader, type Rule, withoutCutCharacter } from '../line.ts';
import { readWillTopic } from './will.ts';

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
const NOT_GRANTED = subscription('subscription_not_granted', 'subscribe-denied', 'debug', 'qos');
const UNSUBSCRIPTION = subscription('unsubscription_requested', 'unsubscription-requested', 'debug');
const REMOVED = subscription('subscription_removed', 'subscription-removed', 'notice');

/** A TAB line that belongs to nothing that was seen. */
const LONE_TAB = defineKind({ code: 'mosquitto.tab_line', action: 'broker-log', level: 'debug' });

/** A lone line that is a subscription or the end of one. */
const UNCLEAR = defineKind({ code: 'mosquitto.subscription_unclear', action: 'broker-log', level: 'notice' });

const TAB = '\t';
const QOS = ' (QoS ';
const DENIED_TAIL = ' (denied)';
/** No broker writes longer lines about subscriptions. */
const MAX_LINE = 4096;
/** Lengths of the formats `\t%s (QoS %d)`, `%s %d %s` and `%s %s`. */
const FILTER_LENGTH = 12;
const GRANTED_LENGTH = 8;
const REMOVED_LENGTH = 5;

/**
 * The lines of a SUBSCRIBE follow each other: the request, then for each filter a TAB line and, if granted, a line
 * `ID QOS FILTER`, then the SUBACK. That a filter was denied shows only in the missing line (2.0).
 */
export const subscriptionRules: readonly Rule[] = [
  begin('Received SUBSCRIBE from ', SUBSCRIBE, (client, shown) => ({
    type: 'subscribe',
    client,
    shown,
    filter: undefined,
    qos: 0,
    asked: false,
  })),
  begin('Received UNSUBSCRIBE from ', UNSUBSCRIBE, (client, shown) => ({
    type: 'unsubscribe',
    client,
    shown,
    filter: undefined,
    asked: false,
  })),
  end('Sending SUBACK to ', SUBACK),
  end('Sending UNSUBACK to ', UNSUBACK),
  {
    prefix: TAB,
    describes: [
      { text: '\\t{filter} (QoS {qos})', versions: '1.5-', kinds: [REQUESTED] },
      { text: '\\t{filter} (denied)', versions: '2.1.0-', kinds: [DENIED] },
      { text: '\\t{filter}', versions: '1.5-', kinds: [UNSUBSCRIPTION] },
      { text: '{client} {qos} {filter}', versions: '1.5-', kinds: [GRANTED] },
      { text: '{client} {filter}', versions: '1.5-', kinds: [REMOVED] },
      { text: '(a requested filter without its granted line)', versions: '1.5-', kinds: [NOT_GRANTED] },
    ],
    read: readTab,
  },
];

function begin(
  prefix: string,
  kind: EventKind,
  context: (client: string | undefined, shown: string) => LineReader['context'],
): Rule {
  return {
    prefix,
    describes: [{ text: `${prefix}{client}`, versions: '1.5-', kinds: [kind] }],
    read(text, line) {
      const whole = text.substring(prefix.length);
      const client = line.cutAt(prefix.length + 2) ? undefined : whole;
      const shown = client ?? withoutCutCharacter(whole);
      line.next = context(client, shown);
      line.emit(kind, [client], client === undefined ? Mark.truncated : Mark.none);
      return true;
    },
  };
}

function end(prefix: string, kind: EventKind): Rule {
  return {
    prefix,
    describes: [{ text: `${prefix}{client}`, versions: '1.5-', kinds: [kind] }],
    read(text, line) {
      const client = line.cutAt(prefix.length + 2) ? undefined : text.substring(prefix.length);
      line.emit(kind, [client], client === undefined ? Mark.truncated : Mark.none);
      missedGrant(line);
      return true;
    },
  };
}

function readTab(text: string, line: LineReader): boolean {
  if (!readFilter(text, line) && !readWillTopic(text, line)) line.emit(LONE_TAB, []);
  return true;
}

function readFilter(text: string, line: LineReader): boolean {
  const { context } = line;
  if (context.type === 'unsubscribe') {
    const filter = line.cutAt(REMOVED_LENGTH - 2) ? undefined : text.substring(1);
    line.next = { ...context, filter, asked: true };
    line.emit(UNSUBSCRIPTION, [context.client, filter, groupOf(filter)], cutMark(filter));
    return true;
  }
  if (context.type !== 'subscribe') return false;
  missedGrant(line);
  if (line.cutAt(FILTER_LENGTH)) {
    line.next = { ...context, filter: undefined, asked: true };
    line.emit(REQUESTED, [context.client], Mark.truncated);
    return true;
  }
  if (text.endsWith(DENIED_TAIL)) {
    const filter = text.slice(1, -DENIED_TAIL.length);
    line.next = { ...context, filter: undefined, asked: false };
    line.emit(DENIED, [context.client, filter, groupOf(filter)]);
    return true;
  }
  const at = text.lastIndexOf(QOS);
  const qos = at === -1 || !text.endsWith(')') ? -1 : digits(text, at + QOS.length, text.length - 1);
  if (qos === -1) {
    if (!line.versions.isSince(VERSION_1_6)) line.broken(REQUESTED, ')');
    line.emit(REQUESTED, [context.client], Mark.ambiguous);
    return true;
  }
  const filter = text.substring(1, at);
  line.next = { ...context, filter, qos, asked: true };
  line.emit(REQUESTED, [context.client, filter, groupOf(filter), qos]);
  return true;
}

/** The filter before had no line of its own: it was denied, if this log has such lines at all. */
function missedGrant(line: LineReader): void {
  const { context } = line;
  if (context.type !== 'subscribe' || !context.asked || context.filter === undefined || !line.seesGrants)
    return;
  const { client, filter, qos } = context;
  line.derive(NOT_GRANTED, 'A subscription was asked for and not granted.', [
    client,
    filter,
    groupOf(filter),
    qos,
  ]);
}

/** True while a line `ID QOS FILTER` or `ID FILTER` may follow. */
export function expectsGrant({ context }: Pick<LineReader, 'context'>): boolean {
  return (context.type === 'subscribe' || context.type === 'unsubscribe') && context.asked;
}

/**
 * Reads `ID QOS FILTER` and `ID FILTER`. These lines have hardly any fixed text and a client id can imitate any other line
 * with them, so they are looked at before all rules, and believed when they say what the request in hand asked for.
 */
export function readGrant(text: string, line: LineReader): boolean {
  const { context } = line;
  if (context.type !== 'subscribe' && context.type !== 'unsubscribe') return false;
  const { filter, shown } = context;
  if (!context.asked || !text.startsWith(shown)) return false;
  const granted = context.type === 'subscribe';
  const cut = line.cutAt(granted ? GRANTED_LENGTH : REMOVED_LENGTH);
  // Where the line that named the client was cut, this one may tell the whole id.
  const client = context.client ?? clientOf(text, shown, filter, granted, cut);
  const at = client === undefined ? shown.length : client.length;
  const start = granted ? at + 3 : at + 1;
  const qos = granted && client !== undefined ? qosAt(text, at) : -1;
  const isSpaced = granted ? qos !== -1 : client !== undefined && text.charCodeAt(at) === 0x20;
  const isWhole =
    isSpaced && filter !== undefined && text.length === start + filter.length && text.endsWith(filter);
  if (!isWhole && !cut) return false;
  line.next = { ...context, filter: undefined, asked: false };
  if (granted) line.seesGrants = true;
  const told = isWhole || (isSpaced && filter?.startsWith(text.slice(start))) ? filter : undefined;
  const mark = isWhole ? Mark.none : Mark.truncated;
  if (granted) line.emit(GRANTED, [client, told, groupOf(told), qos === -1 ? undefined : qos], mark);
  else line.emit(REMOVED, [client, told, groupOf(told)], mark);
  return true;
}

function clientOf(
  text: string,
  shown: string,
  filter: string | undefined,
  granted: boolean,
  cut: boolean,
): string | undefined {
  if (cut || filter === undefined || !text.endsWith(` ${filter}`)) return undefined;
  const end = text.length - filter.length - (granted ? 3 : 1);
  return end < shown.length || (granted && qosAt(text, end) === -1) ? undefined : text.slice(0, end);
}

/** The QoS of ` QOS ` at a place of a text, or -1. */
function qosAt(text: string, at: number): number {
  const qos = digits(text, at + 1, at + 2);
  return text.charCodeAt(at) === 0x20 && text.charCodeAt(at + 2) === 0x20 && qos <= 2 ? qos : -1;
}

/** Which of the two lines it is, where the log says so: topics have one for each. */
export type GrantType = 'subscribe' | 'unsubscribe';

/**
 * The same lines in a log without debug lines, where nothing goes before them: only after no rule knew the text, and only
 * where a reading names a connected client. A filter that begins with a digit and a blank is not looked for.
 * @param type given: the line is of this type for certain, and its client need not be known
 */
export function readGrantAlone(text: string, line: LineReader, type?: GrantType): boolean {
  if (text.length > MAX_LINE || line.cut) return false;
  const found: { at: number; qos: number; isLive: boolean }[] = [];
  let isUnsure = false;
  for (let at = text.indexOf(' '); at !== -1; at = text.indexOf(' ', at + 1)) {
    const id = text.substring(0, at);
    const isLive = line.live.has(id) || line.ownClients.has(id);
    if (!isLive && line.live.mayBe(id)) isUnsure = true;
    if (type === undefined && !isLive) continue;
    const digit = text.charCodeAt(at + 2) === 0x20 ? digits(text, at + 1, at + 2) : -1;
    const qos = type !== 'unsubscribe' && digit <= 2 ? digit : -1;
    if (type !== 'subscribe' || qos !== -1) found.push({ at, qos, isLive });
  }
  const live = found.filter((reading) => reading.isLive);
  const [first, second] = live.length > 0 ? live : found;
  if (first === undefined) return false;
  const { at, qos } = first;
  const kind = qos === -1 ? REMOVED : GRANTED;
  if (isUnsure && first.isLive) {
    line.emit(UNCLEAR, [], Mark.ambiguous);
  } else if (second === undefined) {
    const filter = text.substring(qos === -1 ? at + 1 : at + 3);
    line.emit(kind, [text.substring(0, at), filter, groupOf(filter), qos === -1 ? undefined : qos]);
  } else {
    const isOneKind = found.every((reading) => (reading.qos === -1) === (qos === -1));
    line.emit(isOneKind ? kind : UNCLEAR, [], Mark.ambiguous);
  }
  return true;
}

/** The line is of this type; where in it the client's id begins is not known. */
export function emitUnreadGrant(type: GrantType, line: LineReader): void {
  line.emit(type === 'subscribe' ? GRANTED : REMOVED, [], Mark.ambiguous);
}

function groupOf(filter: string | undefined): string | undefined {
  return filter === undefined ? undefined : parseShare(filter).group;
}

function cutMark(filter: string | undefined): number {
  return filter === undefined ? Mark.truncated : Mark.none;
}
