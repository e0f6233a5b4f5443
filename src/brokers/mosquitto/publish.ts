import { type EventKind, Mark } from '../../core/event.ts';
import { topicDepth, topicRoot } from '../../core/topic.ts';
import { defineKind, type KindDefinition } from '../../ecs/kind.ts';
import { digits, type LineReader, type Rule } from './line.ts';

const publish = (
  code: string,
  action: KindDefinition['action'],
  more: Partial<KindDefinition> = {},
): EventKind =>
  defineKind({
    code: `mosquitto.${code}`,
    action,
    level: 'debug',
    slots: [
      'mqtt.client.id',
      'mqtt.topic',
      'mqtt.topic_root',
      'mqtt.topic_depth',
      'mqtt.qos',
      'mqtt.retained',
      'mqtt.payload.size',
      'mqtt.message_id',
      'mqtt.duplicate',
    ],
    verbatim: true,
    ...more,
    constants: { 'mqtt.packet.type': 'publish', 'network.protocol': 'mqtt', ...more.constants },
  });

const ingress = {
  constants: { 'network.direction': 'ingress', 'mqtt.packet.direction': 'received' },
} as const;
const egress = { constants: { 'network.direction': 'egress', 'mqtt.packet.direction': 'sent' } } as const;

const RECEIVED = publish('publish_received', 'message-published', ingress);
const SENT = publish('publish_sent', 'message-delivered', egress);

/** `PUBLISH` lines end in `CLIENT (d0, q1, r0, m17, 'TOPIC', ... (64 bytes))`; the `...` is literal. */
const RULES: readonly (readonly [string, EventKind])[] = [
  ['Received PUBLISH from ', RECEIVED],
  ['Sending PUBLISH to ', SENT],
  [
    'Denied PUBLISH from ',
    publish('publish_denied', 'publish-denied', {
      constants: { ...ingress.constants, 'mqtt.acl.operation': 'publish' },
    }),
  ],
  [
    'Denied PUBLISH to ',
    publish('delivery_denied', 'deliver-denied', {
      constants: { ...egress.constants, 'mqtt.acl.operation': 'read' },
    }),
  ],
  [
    'Dropped too large PUBLISH from ',
    publish('publish_too_large', 'message-dropped', {
      constants: { ...ingress.constants, 'event.reason': 'packet_too_large', 'mqtt.drop.stage': 'publish' },
    }),
  ],
  [
    'Rejected PUBLISH from ',
    publish('publish_over_quota', 'message-dropped', {
      constants: { ...ingress.constants, 'event.reason': 'quota_exceeded', 'mqtt.drop.stage': 'publish' },
    }),
  ],
  [
    'Rejected PUBLISH to ',
    publish('delivery_over_quota', 'message-dropped', {
      constants: { ...egress.constants, 'event.reason': 'quota_exceeded', 'mqtt.drop.stage': 'delivery' },
    }),
  ],
];

const TAIL = ' bytes))';
const PAYLOAD = "', ... (";

export const publishRules: readonly Rule[] = RULES.map(([prefix, kind]) => ({
  prefix,
  read: (text, line) => readPublish(text, prefix.length, kind, line),
}));

/** The flags of one possible reading: where they begin, where the topic begins, and what they say. */
interface Flags {
  readonly at: number;
  readonly topic: number;
  readonly dup: boolean;
  readonly qos: number;
  readonly retained: boolean;
  readonly id: number;
}

function readPublish(text: string, start: number, kind: EventKind, line: LineReader): boolean {
  const flags = chooseFlags(text, start, line);
  if (flags === undefined) return false;
  const { choice, marks } = flags;
  const client = text.substring(start, choice.at);
  const messageId = choice.id === 0 ? undefined : choice.id;
  const end = text.endsWith(TAIL) ? text.lastIndexOf(PAYLOAD) : -1;
  const size = end < choice.topic ? -1 : digits(text, end + PAYLOAD.length, text.length - TAIL.length);
  const topic = size === -1 ? undefined : text.substring(choice.topic, end);
  if (line.deliveries !== undefined && (kind === RECEIVED || kind === SENT)) {
    const said = {
      client: (marks & Mark.ambiguous) === 0 ? client : undefined,
      topic,
      size,
      qos: choice.qos,
      retained: choice.retained,
      duplicate: choice.dup,
      messageId: choice.id,
    };
    if (kind === RECEIVED) line.deliveries.received(line.number, said);
    else line.deliveries.sent(line.number, said);
  }
  if (topic === undefined) {
    const values = [
      client,
      undefined,
      undefined,
      undefined,
      choice.qos,
      choice.retained,
      undefined,
      messageId,
      choice.dup,
    ];
    line.emit(kind, values, marks | Mark.truncated);
    return true;
  }
  line.emit(
    kind,
    [
      client,
      topic,
      topicRoot(topic, line.topicRoot),
      topicDepth(topic),
      choice.qos,
      choice.retained,
      size,
      messageId,
      choice.dup,
    ],
    marks,
  );
  return true;
}

/**
 * Client ids and topics may hold text that looks like the flags. The reading whose client is connected wins; else the
 * first one, and the event says that it is ambiguous.
 */
function chooseFlags(
  text: string,
  start: number,
  line: LineReader,
): { choice: Flags; marks: number } | undefined {
  let first: Flags | undefined;
  let live: Flags | undefined;
  let count = 0;
  for (let at = text.indexOf(' (', start); at !== -1; at = text.indexOf(' (', at + 1)) {
    const flags = flagsAt(text, at);
    if (flags === undefined) continue;
    count++;
    first ??= flags;
    if (count === 1 && text.indexOf(", '", flags.topic) === -1) break;
    if (live === undefined && line.live.has(text.substring(start, at))) live = flags;
  }
  if (first === undefined) return undefined;
  if (count === 1 || live !== undefined) return { choice: live ?? first, marks: Mark.none };
  return { choice: first, marks: Mark.ambiguous };
}

/** Reads `(d0, q1, r0, m17, '`, or `(q1, r0, '` of a read that was denied (2.1). */
function flagsAt(text: string, at: number): Flags | undefined {
  let i = at + 2;
  let dup = 0;
  if (text.charCodeAt(i) === 0x64) {
    dup = text.charCodeAt(i + 1) - 48;
    if (dup < 0 || dup > 1 || !text.startsWith(', ', i + 2)) return undefined;
    i += 4;
  }
  const qos = text.charCodeAt(i + 1) - 48;
  const retained = text.charCodeAt(i + 5) - 48;
  if (text.charCodeAt(i) !== 0x71 || !text.startsWith(', r', i + 2)) return undefined;
  if (!(qos >= 0 && qos <= 2) || !(retained >= 0 && retained <= 1)) return undefined;
  i += 6;
  let id = 0;
  if (text.startsWith(', m', i)) {
    const end = text.indexOf(',', i + 3);
    id = end === -1 ? -1 : digits(text, i + 3, end);
    if (id < 0 || id > 65_535) return undefined;
    i = end;
  }
  if (!text.startsWith(", '", i)) return undefined;
  return { at, topic: i + 3, dup: dup === 1, qos, retained: retained === 1, id };
}
