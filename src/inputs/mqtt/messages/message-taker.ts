import type { IPublishPacket } from 'mqtt';
import { crc32 } from '../../../core/checksums/crc32.ts';
import type { MqttMessage } from '../../../core/dialect.ts';
import type { InputHost } from '../../../core/input.ts';
import { capturePayload, keepsAll, type PayloadPolicy } from '../../../core/mqtt/payload.ts';
import type { Journal } from '../../../core/source.ts';
import type { PulseWatch } from '../pulse-watch.ts';
import type { Acknowledger } from './acknowledger.ts';
import { propertiesOf } from './properties.ts';
import type { Redelivery } from './redelivery.ts';
import type { Room } from './room.ts';

const NO_BYTES = Buffer.alloc(0);

/** A message that is still being put together. */
type Draft = { -readonly [K in keyof MqttMessage]: MqttMessage[K] };

interface Parts {
  readonly policy: PayloadPolicy;
  readonly host: InputHost;
  readonly journal: Journal;
  readonly redelivery: Redelivery;
  readonly pulse: PulseWatch | undefined;
  readonly room: Room;
}

/** Takes messages into the journal, and has those of QoS 1 acknowledged when they are kept there. */
export class MessageTaker {
  private readonly policy: PayloadPolicy;
  private readonly host: InputHost;
  private readonly journal: Journal;
  private readonly redelivery: Redelivery;
  private readonly pulse: PulseWatch | undefined;
  private readonly room: Room;

  constructor(parts: Parts) {
    this.policy = parts.policy;
    this.host = parts.host;
    this.journal = parts.journal;
    this.redelivery = parts.redelivery;
    this.pulse = parts.pulse;
    this.room = parts.room;
  }

  /** Remembers what earlier runs have admitted: the broker may send it again. */
  async recall(): Promise<void> {
    const kept = Promise.resolve();
    await this.journal.recent((record) => {
      if (record.type !== 'message' || record.message.packetId === undefined) return;
      const {
        packetId,
        topic,
        payload,
        size = payload.length,
        checksum = crc32(payload, 0, payload.length),
      } = record.message;
      this.redelivery.admitted(packetId, topic, size, checksum, kept);
      this.redelivery.acknowledged(packetId);
    });
  }

  /**
   * Admits a message. Returns false for those that are acknowledged by us.
   * @param cutBytes bytes of the packet that were left out
   * @param acknowledger of the connection that it came on
   */
  take(packet: IPublishPacket, cutBytes: number, acknowledger: Acknowledger): boolean {
    const topic = packet.topic.toString();
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const { qos, messageId } = packet;
    this.pulse?.message(topic, payload);
    const wantsAck = qos > 0 && messageId !== undefined;
    const checksum = crc32(payload, 0, payload.length);
    if (wantsAck && !packet.dup) this.redelivery.used(messageId);
    const known =
      wantsAck && packet.dup ? this.redelivery.known(messageId, topic, payload.length, checksum) : undefined;
    if (wantsAck && known !== undefined) {
      acknowledger.acknowledge(messageId, known);
      return false;
    }
    if (this.room.isStarved && wantsAck) return false;
    const message: Draft = { topic, payload, qos, retain: packet.retain, dup: packet.dup, seen: Date.now() };
    if (wantsAck) message.packetId = messageId;
    if (cutBytes > 0) message.cutBytes = cutBytes;
    const properties = packet.properties === undefined ? undefined : propertiesOf(packet.properties);
    if (properties !== undefined) message.properties = properties;
    this.reduce(message, checksum);
    const admitted = this.journal.append({ type: 'message', message });
    if (admitted === undefined) {
      this.room.full(wantsAck);
      return !wantsAck;
    }
    if (!wantsAck) return true;
    this.redelivery.admitted(messageId, topic, payload.length, checksum, admitted);
    acknowledger.acknowledge(messageId, admitted);
    return false;
  }

  /** Takes the payload's place in the journal: what events will not tell of it never reaches the disk. */
  private reduce(message: Draft, checksum: number): void {
    const { policy, host } = this;
    const { payload, topic, cutBytes = 0 } = message;
    if (keepsAll(payload, policy)) return;
    if (host.owns(topic)) {
      message.payload = host.admit?.(payload, cutBytes > 0) ?? payload;
      if (message.payload === payload) return;
    } else {
      message.payload = NO_BYTES;
      message.captured = capturePayload(payload, policy, cutBytes > 0);
    }
    message.size = payload.length;
    message.checksum = checksum;
  }
}
