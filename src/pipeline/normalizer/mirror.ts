import type { MqttMessage, Publisher } from '../../core/dialect.ts';
import { type Emit, type EventKind, type JsonObject, Mark, type Slot } from '../../core/event.ts';
import { bounded } from '../../core/json/bounded.ts';
import { isObject } from '../../core/json/object.ts';
import { capturePayload, type PayloadPolicy } from '../../core/mqtt/payload.ts';
import { matchesFilter, topicDepth, topicRoot } from '../../core/mqtt/topic.ts';
import { amount } from '../../core/text/amount.ts';
import { defineKind } from '../../ecs/kind.ts';
import { PAYLOAD_SLOTS, payloadValues } from '../../ecs/payload.ts';
import type { MessageReader } from './reading.ts';

const SLOTS = [
  'mqtt.topic',
  'mqtt.topic_root',
  'mqtt.topic_depth',
  'mqtt.qos',
  'mqtt.retained',
  'mqtt.duplicate',
  'mqtt.message_id',
  'mqtt.payload.size',
  ...PAYLOAD_SLOTS,
  'mqtt.properties.content_type',
  'mqtt.properties.response_topic',
  'mqtt.properties.correlation_data',
  'mqtt.properties.message_expiry_interval',
  'mqtt.properties.payload_format',
  'mqtt.user_properties',
  'mqtt.subscription.id',
  'labels',
] as const;

const mirrored = (correlation: 'joined' | 'mirror-only' | undefined): EventKind =>
  defineKind({
    code: 'mirror.publish',
    action: 'message-mirrored',
    provider: 'mqtt-mirror',
    constants: {
      'mqtt.packet.type': 'publish',
      'network.protocol': 'mqtt',
      ...(correlation && { 'mqtt.correlation': correlation }),
    },
    slots: correlation === 'joined' ? [...SLOTS, ...PUBLISHER_SLOTS] : SLOTS,
  });

const PUBLISHER_SLOTS = [
  'mqtt.publisher.client.id',
  'mqtt.publisher.user.name',
  'user.name',
  'source.ip',
  'source.port',
  'related.ip',
  'related.user',
] as const;
/** Where no log is read beside the mirror. */
const PUBLISH = mirrored(undefined);
const MIRROR_ONLY = mirrored('mirror-only');
const JOINED = mirrored('joined');

/** Characters of a topic that the sentence of an event repeats. */
const MESSAGE_TOPIC_CHARS = 200;

/** A subscribed filter whose named levels become labels. */
interface NamedLevels {
  readonly filter: string;
  /** Levels count from 0. */
  readonly labels: readonly { readonly level: number; readonly name: string }[];
}

/**
 * Tells who published a message.
 * @param asked when this message was first asked for, milliseconds since 1970
 * @returns `unknown`: it cannot be told; a promise: to be asked again when it has resolved
 */
type PublisherOf = (message: MqttMessage, asked: number) => Publisher | 'unknown' | Promise<void>;

/** Makes one event of each mirrored message. */
export class MirrorReader implements MessageReader {
  private readonly payload: PayloadPolicy;
  private readonly topicRoot: number;
  private readonly levels: readonly NamedLevels[];
  private readonly labels: Readonly<Record<string, string>>;
  private readonly emit: Emit;
  private readonly publisherOf: PublisherOf | undefined;
  /** When the message in hand was first looked at; undefined: it is a new one. */
  private asked: number | undefined;

  /**
   * @param options `labels`: those of the configuration, which named levels are added to
   * @param publisherOf undefined: no log is read beside the mirror
   */
  constructor(
    options: {
      payload: PayloadPolicy;
      topicRoot: number;
      levels: readonly NamedLevels[];
      labels: Readonly<Record<string, string>>;
    },
    emit: Emit,
    publisherOf?: PublisherOf,
  ) {
    this.publisherOf = publisherOf;
    this.payload = options.payload;
    this.topicRoot = options.topicRoot;
    this.levels = options.levels;
    this.labels = options.labels;
    this.emit = emit;
  }

  message(message: MqttMessage, canWait: boolean): Promise<void> | undefined {
    if (this.publisherOf === undefined || !canWait) {
      this.tell(this.publisherOf === undefined ? PUBLISH : MIRROR_ONLY, message);
      return undefined;
    }
    this.asked ??= Date.now();
    const publisher = this.publisherOf(message, this.asked);
    if (publisher instanceof Promise) return publisher;
    this.asked = undefined;
    if (publisher === 'unknown') this.tell(MIRROR_ONLY, message);
    else this.tell(JOINED, message, publisher);
    return undefined;
  }

  private tell(kind: EventKind, message: MqttMessage, publisher?: Publisher): void {
    const {
      topic,
      payload,
      size = payload.length,
      cutBytes = 0,
      qos,
      retain,
      dup,
      seen,
      properties,
    } = message;
    const captured = message.captured ?? capturePayload(payload, this.payload, cutBytes > 0);
    const sizeBytes = size + cutBytes;
    const user = properties?.userProperties;
    const values: Slot[] = [
      topic,
      topicRoot(topic, this.topicRoot),
      topicDepth(topic),
      qos,
      retain,
      dup,
      message.packetId,
      sizeBytes,
      ...payloadValues(captured),
      properties?.contentType,
      properties?.responseTopic,
      properties?.correlationData,
      properties?.messageExpiryInterval,
      properties?.payloadFormatIndicator === undefined
        ? undefined
        : Number(properties.payloadFormatIndicator),
      user === undefined ? undefined : flattened(user),
      properties?.subscriptionIdentifiers,
      this.levels.length === 0 ? undefined : this.labelsOf(topic),
    ];
    if (publisher !== undefined) values.push(...publisherValues(publisher));
    this.emit(kind, seen, sentence(topic, sizeBytes, qos, retain), values, Mark.none);
  }

  private labelsOf(topic: string): JsonObject | undefined {
    const named: Record<string, string> = {};
    for (const { filter, labels } of this.levels) {
      if (!matchesFilter(filter, topic)) continue;
      const parts = topic.split('/');
      for (const { level, name } of labels) {
        const value = parts[level] ?? '';
        if (value !== '') named[name] = value;
      }
    }
    return Object.keys(named).length === 0 ? undefined : { ...this.labels, ...named };
  }
}

/** Values of `PUBLISHER_SLOTS`. */
function publisherValues({ client, user, ip, port }: Publisher): Slot[] {
  return [
    client,
    user,
    user,
    ip,
    port,
    ip === undefined ? undefined : [ip],
    user === undefined ? undefined : [user],
  ];
}

function flattened(user: Readonly<Record<string, string | readonly string[]>>): JsonObject {
  const value = bounded(user);
  return isObject(value) ? value : {};
}

function sentence(topic: string, bytes: number, qos: number, retain: boolean): string {
  const shown = topic.length > MESSAGE_TOPIC_CHARS ? `${topic.slice(0, MESSAGE_TOPIC_CHARS)}…` : topic;
  return `PUBLISH ${shown} (${amount(bytes, 'byte')}, QoS ${qos}${retain ? ', retained' : ''})`;
}
