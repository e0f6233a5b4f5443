import { type EventKind, Mark } from '../../../core/event.ts';
import { defineKind } from '../../../ecs/kind.ts';
import { VERSION_1_6 } from '../context/version-range.ts';
import type { LineReader, Rule } from '../line.ts';
import { digits } from '../text/digits.ts';
import { withoutCutCharacter } from '../text/line-length.ts';
import { deniedClient } from './denied-client.ts';
import {
  DENIED,
  GRANTED,
  groupOf,
  NOT_GRANTED,
  REMOVED,
  REQUESTED,
  UNSUBSCRIPTION,
} from './subscription-kinds.ts';
import { readWillTopic } from './will.ts';

const packet = (type: string, direction: 'received' | 'sent'): EventKind =>
  defineKind({
    code: `mosquitto.${type}_${direction}`,
    action: direction === 'received' ? 'packet-received' : 'packet-sent',
    level: 'debug',
    constants: { 'mqtt.packet.type': type, 'mqtt.packet.direction': direction, 'network.protocol': 'mqtt' },
    slots: ['mqtt.client.id'],
  });

const SUBSCRIBE = packet('subscribe', 'received');
const SUBACK = packet('suback', 'sent');
const UNSUBSCRIBE = packet('unsubscribe', 'received');
const UNSUBACK = packet('unsuback', 'sent');

/** A TAB line without the line that it belongs to. */
const LONE_TAB = defineKind({ code: 'mosquitto.tab_line', action: 'broker-log', level: 'debug' });

const TAB = '\t';

const QOS = ' (QoS ';

const DENIED_TAIL = ' (denied)';

/** Lengths of the formats `\t%s (QoS %d)` and `\t%s`. */
const SUBSCRIBE_LENGTH = 12;
const UNSUBSCRIBE_LENGTH = 3;

/**
 * The lines of a SUBSCRIBE follow each other: the request, then for each filter a TAB line and, if granted, a line
 * `ID QOS FILTER` (`grant.ts`), then the SUBACK. In 2.0 a denied filter shows only in that its line is missing.
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
    const filter = line.cutAt(UNSUBSCRIBE_LENGTH) ? undefined : text.substring(1);
    line.next = { ...context, filter, asked: true };
    line.emit(UNSUBSCRIPTION, [context.client, filter, groupOf(filter)], cutMark(filter));
    return true;
  }
  if (context.type !== 'subscribe') return false;
  missedGrant(line);
  if (line.cutAt(SUBSCRIBE_LENGTH)) {
    line.next = { ...context, filter: undefined, asked: true };
    line.emit(REQUESTED, [context.client], Mark.truncated);
    return true;
  }
  if (text.endsWith(DENIED_TAIL)) {
    const filter = text.slice(1, -DENIED_TAIL.length);
    line.next = { ...context, filter: undefined, asked: false };
    line.emit(DENIED, [context.client, filter, groupOf(filter), ...deniedClient(context.client, line)]);
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

/** The last requested filter has no line that grants it: it was denied, if this log has such lines at all. */
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
    ...deniedClient(client, line),
  ]);
}

function cutMark(filter: string | undefined): number {
  return filter === undefined ? Mark.truncated : Mark.none;
}
