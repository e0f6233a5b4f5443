import { bounded } from '../core/bounded.ts';
import type { MqttMessage } from '../core/dialect.ts';
import { type Emit, type JsonObject, Mark } from '../core/event.ts';
import { matchesFilter, topicDepth, topicRoot } from '../core/topic.ts';
import { defineKind } from '../ecs/kind.ts';
import { capturePayload, type PayloadPolicy } from './payload.ts';

const PUBLISH = defineKind({
  code: 'mirror.publish',
  action: 'message-mirrored',
  provider: 'mqtt-mirror',
  constants: { 'mqtt.packet.type': 'publish', 'network.protocol': 'mqtt' },
  slots: [
    'mqtt.topic',
    'mqtt.topic_root',
    'mqtt.topic_depth',
    'mqtt.qos',
    'mqtt.retained',
    'mqtt.duplicate',
    'mqtt.payload.size',
    'mqtt.payload.encoding',
    'mqtt.payload.text',
    'mqtt.payload.base64',
    'mqtt.payload.hash.sha256',
    'mqtt.payload.json',
    'mqtt.payload.truncated',
    'mqtt.payload.redacted',
    'mqtt.properties.content_type',
    'mqtt.properties.response_topic',
    'mqtt.properties.correlation_data',
    'mqtt.properties.message_expiry_interval',
    'mqtt.properties.payload_format',
    'mqtt.user_properties',
    'mqtt.subscription.id',
    'labels',
  ],
});

/** Characters of a topic that the sentence of an event repeats. */
const MESSAGE_TOPIC_CHARS = 200;

/** A subscribed filter whose named levels become labels. */
export interface NamedLevels {
  readonly filter: string;
  /** Levels count from 0. */
  readonly labels: readonly { readonly level: number; readonly name: string }[];
}

/** Makes one event of each mirrored message. */
export class MirrorReader {
  private readonly payload: PayloadPolicy;
  private readonly topicRoot: number;
  private readonly levels: readonly NamedLevels[];
  private readonly labels: Readonly<Record<string, string>>;
  private readonly emit: Emit;

  /** @param options `labels`: those of the configuration, which named levels are added to */
  constructor(
    options: {
      payload: PayloadPolicy;
      topicRoot: number;
      levels: readonly NamedLevels[];
      labels: Readonly<Record<string, string>>;
    },
    emit: Emit,
  ) {
    this.payload = options.payload;
    this.topicRoot = options.topicRoot;
    this.levels = options.levels;
    this.labels = options.labels;
    this.emit = emit;
  }

  message({ topic, payload, qos, retain, dup, seen, properties }: MqttMessage): void {
    const captured = capturePayload(payload, this.payload);
    const user = properties?.userProperties;
    this.emit(
      PUBLISH,
      seen,
      sentence(topic, payload.length, qos, retain),
      [
        topic,
        topicRoot(topic, this.topicRoot),
        topicDepth(topic),
        qos,
        retain,
        dup,
        payload.length,
        captured.encoding,
        captured.text,
        captured.base64,
        captured.sha256,
        captured.json,
        captured.truncated,
        captured.redacted,
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
      ],
      Mark.none,
    );
  }

  private labelsOf(topic: string): JsonObject | undefined {
    const named: Record<string, string> = {};
    for (const { filter, labels } of this.levels) {
      if (!matchesFilter(filter, topic)) continue;
      const parts = topic.split('/');
      for (const { level, name } of labels) named[name] = parts[level] ?? '';
    }
    return Object.keys(named).length === 0 ? undefined : { ...this.labels, ...named };
  }
}

function flattened(user: Readonly<Record<string, string | readonly string[]>>): JsonObject {
  const value = bounded(user);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function sentence(topic: string, bytes: number, qos: number, retain: boolean): string {
  const shown = topic.length > MESSAGE_TOPIC_CHARS ? `${topic.slice(0, MESSAGE_TOPIC_CHARS)}…` : topic;
  return `PUBLISH ${shown} (${bytes} bytes, QoS ${qos}${retain ? ', retained' : ''})`;
}
