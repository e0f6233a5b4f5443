import { type EventKind, Mark, type Slot } from '../../../core/event.ts';
import { topicDepth, topicRoot } from '../../../core/mqtt/topic.ts';
import type { FieldName } from '../../../ecs/catalogue.ts';
import { defineKind, type KindDefinition } from '../../../ecs/kind.ts';
import { VERSION_1_6 } from '../context/version-range.ts';
import type { LineReader, Rule } from '../line.ts';
import { digits } from '../text/digits.ts';
import { DENIED_SLOTS, deniedClient } from './denied-client.ts';
import { choose, type Flags, flagsAt, type ReadFlags, readFlagsAt } from './publish-flags.ts';

const SLOTS: readonly FieldName[] = [
  'mqtt.client.id',
  'mqtt.topic',
  'mqtt.topic_root',
  'mqtt.topic_depth',
  'mqtt.qos',
  'mqtt.retained',
  'mqtt.payload.size',
  'mqtt.message_id',
  'mqtt.duplicate',
];

const publish = (
  code: string,
  action: KindDefinition['action'],
  more: Partial<KindDefinition> = {},
): EventKind =>
  defineKind({
    code: `mosquitto.${code}`,
    action,
    level: 'debug',
    slots: SLOTS,
    ...more,
    constants: { 'mqtt.packet.type': 'publish', 'network.protocol': 'mqtt', ...more.constants },
  });

const ingress = {
  verbatim: true,
  constants: { 'network.direction': 'ingress', 'mqtt.packet.direction': 'received' },
} as const;

const egress = {
  verbatim: true,
  constants: { 'network.direction': 'egress', 'mqtt.packet.direction': 'sent' },
} as const;
const FLAGS = "(d{dup}, q{qos}, r{retain}, m{id}, '{topic}', ... ({bytes} bytes))";
const READ_FLAGS = "(q{qos}, r{retain}, '{topic}', ... ({bytes} bytes))";
const RECEIVED = publish('publish_received', 'message-published', ingress);
const SENT = publish('publish_sent', 'message-delivered', egress);
/** Denials tell what the connect line told: that is no text of their own lines. */
const PUBLISH_DENIED = publish('publish_denied', 'publish-denied', {
  slots: [...SLOTS, ...DENIED_SLOTS],
  constants: { ...ingress.constants, 'mqtt.acl.operation': 'publish' },
});
const DELIVERY_DENIED = publish('delivery_denied', 'deliver-denied', {
  slots: [...SLOTS, ...DENIED_SLOTS],
  constants: { ...egress.constants, 'mqtt.acl.operation': 'read' },
});

/** `PUBLISH` lines end in `CLIENT (d0, q1, r0, m17, 'TOPIC', ... (64 bytes))`; the `...` is literal. */
export const publishRules: readonly Rule[] = [
  rule('Received PUBLISH from ', RECEIVED),
  rule('Sending PUBLISH to ', SENT),
  rule('Denied PUBLISH from ', PUBLISH_DENIED),
  rule('Denied PUBLISH to ', DELIVERY_DENIED, readFlagsAt),
  rule(
    'Dropped too large PUBLISH from ',
    publish('publish_too_large', 'message-dropped', {
      verbatim: true,
      constants: { ...ingress.constants, 'event.reason': 'packet_too_large', 'mqtt.drop.stage': 'publish' },
    }),
  ),
];

const TAIL = ' bytes))';
const PAYLOAD = "', ... (";

/** Length of the format behind its first words. */
const FORMAT_LENGTH = "%s (d%d, q%d, r%d, m%d, '%s', ... (%ld bytes))".length;

function rule(prefix: string, kind: EventKind, flags: ReadFlags = flagsAt): Rule {
  const isRead = flags === readFlagsAt;
  return {
    prefix,
    describes: [
      {
        text: `${prefix}{client} ${isRead ? READ_FLAGS : FLAGS}`,
        versions: isRead ? '2.1.0-' : '1.5-',
        kinds: [kind],
      },
    ],
    read: (text, line) => readPublish(text, prefix.length, kind, flags, line),
  };
}

function readPublish(
  text: string,
  start: number,
  kind: EventKind,
  flags: ReadFlags,
  line: LineReader,
): boolean {
  // Retained messages stand between the lines of a SUBSCRIBE.
  if (line.context.type === 'subscribe') line.next = line.context;
  const cut = line.cutAt(start + FORMAT_LENGTH);
  const end = !cut && text.endsWith(TAIL) ? text.lastIndexOf(PAYLOAD) : -1;
  const size = end === -1 ? -1 : digits(text, end + PAYLOAD.length, text.length - TAIL.length);
  if (size === -1) return readUnfinished(text, start, kind, flags, cut, line);
  const first = flags(text, text.indexOf(' (', start));
  const next = text.indexOf(' (', first === undefined ? start : first.topic);
  // Flags behind the first may be the true ones where a client's id holds text that looks like them.
  const chosen =
    first === undefined || (next !== -1 && next < end) ? choose(text, start, end, flags, line) : first;
  if (chosen === undefined) return false;
  if (chosen === 'several') {
    follow(kind, line, undefined, undefined, UNKNOWN_FLAGS, size);
    line.emit(kind, [undefined, undefined, undefined, undefined, undefined, undefined, size], Mark.ambiguous);
    return true;
  }
  if (chosen.topic > end || chosen.at === start) return false;
  const topic = text.substring(chosen.topic, end);
  const client = text.substring(start, chosen.at);
  if (line.deliveries !== undefined) follow(kind, line, client, topic, chosen, size);
  const values: Slot[] = [
    client,
    topic,
    topicRoot(topic, line.topicRoot),
    topicDepth(topic),
    chosen.qos,
    chosen.retained,
    size,
    chosen.id === 0 ? undefined : chosen.id,
    chosen.dup,
  ];
  if (isDenial(kind)) values.push(...deniedClient(client, line));
  line.emit(kind, values);
  return true;
}

/**
 * The end of the line is missing. Where the broker has cut it, the flags are believed if they follow a connected client's id;
 * else a name holds a line break.
 */
function readUnfinished(
  text: string,
  start: number,
  kind: EventKind,
  flags: ReadFlags,
  cut: boolean,
  line: LineReader,
): boolean {
  const chosen = choose(text, start, text.length, flags, line);
  if (!cut && chosen === undefined) return false;
  const isOne = chosen !== undefined && chosen !== 'several';
  follow(kind, line, undefined, undefined, isOne ? chosen : UNKNOWN_FLAGS, -1);
  if (!cut) {
    if (!line.versions.isSince(VERSION_1_6)) line.broken(kind, TAIL);
    line.emit(kind, [], Mark.ambiguous);
    return true;
  }
  if (chosen === undefined) {
    line.emit(kind, [], Mark.truncated);
    return true;
  }
  const client = chosen === 'several' ? '' : text.substring(start, chosen.at);
  if (chosen === 'several' || !line.live.has(client) || line.live.isCut(text, start)) {
    line.emit(kind, [], Mark.truncated | Mark.ambiguous);
    return true;
  }
  const { qos, retained, id, dup } = chosen;
  const values: Slot[] = [
    client,
    undefined,
    undefined,
    undefined,
    qos,
    retained,
    undefined,
    id === 0 ? undefined : id,
    dup,
  ];
  if (isDenial(kind)) values.push(...deniedClient(client, line));
  line.emit(kind, values, Mark.truncated);
  return true;
}

function isDenial(kind: EventKind): boolean {
  return kind === PUBLISH_DENIED || kind === DELIVERY_DENIED;
}

/** A message whose flags are not known may wait in a receiver's queue, as one of QoS 1 or 2 may. */
const UNKNOWN_FLAGS = { qos: 1, retained: false, id: 0, dup: false };

/** Tells the delivery tracker of the message. */
function follow(
  kind: EventKind,
  line: LineReader,
  client: string | undefined,
  topic: string | undefined,
  { qos, retained, id, dup }: Pick<Flags, 'qos' | 'retained' | 'id' | 'dup'>,
  size: number,
): void {
  if (line.deliveries === undefined) return;
  const message = { client, topic, size, qos, retained, duplicate: dup === true, messageId: id };
  if (kind === RECEIVED) line.deliveries.received(line.number, message);
  else if (kind === SENT) line.deliveries.sent(line.number, message);
}
