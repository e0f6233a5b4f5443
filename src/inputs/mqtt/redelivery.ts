import { createHash } from 'node:crypto';

/** Messages that are remembered: more than any broker has in flight to one client by default. */
const REMEMBERED = 4096;
/** Bytes that are kept of one message. A longer one is known by its digest. */
const CONTENT_BYTES = 256;
/** Length of what is known by its digest. */
const DIGESTED = CONTENT_BYTES + 1;
const DIGEST_BYTES = 32;
/** The most bytes of UTF-8 for one UTF-16 code unit. */
const UTF8_BYTES = 3;

/**
 * Recognises messages that the broker sends again because it has not seen our PUBACK: same packet identifier, DUP set, and
 * the same content, in a session that went on. Brokers count identifiers up, so that the last ones have places of their own.
 * What is remembered lies in memory that is taken once: a message leaves nothing for the garbage collector.
 */
export class Redelivery {
  /** 0 is no packet identifier (MQTT 5 §2.2.1). */
  private readonly packetIds = new Uint16Array(REMEMBERED);
  private readonly lengths = new Uint16Array(REMEMBERED);
  /** The last place is for the message in hand. */
  private readonly contents = Buffer.allocUnsafeSlow((REMEMBERED + 1) * CONTENT_BYTES);
  private readonly kept: (Promise<void> | undefined)[] = new Array(REMEMBERED).fill(undefined);

  /**
   * A message was admitted; its PUBACK may get lost.
   * @param kept resolves when it may be acknowledged
   */
  admitted(packetId: number, topic: string, payload: Buffer, kept: Promise<void>): void {
    const place = packetId % REMEMBERED;
    this.packetIds[place] = packetId;
    this.lengths[place] = this.write(place, topic, payload);
    this.kept[place] = kept;
  }

  /** For a message with DUP set that was admitted before: resolves when it may be acknowledged. Else undefined. */
  known(packetId: number, topic: string, payload: Buffer): Promise<void> | undefined {
    const place = packetId % REMEMBERED;
    if (this.packetIds[place] !== packetId) return undefined;
    const length = this.write(REMEMBERED, topic, payload);
    const isSame =
      length === this.lengths[place] && this.at(place, length).equals(this.at(REMEMBERED, length));
    return isSame ? this.kept[place] : undefined;
  }

  /** The session is gone: packet identifiers mean nothing any more. */
  forget(): void {
    this.packetIds.fill(0);
    this.kept.fill(undefined);
  }

  /** Topic, NUL, which no topic holds (MQTT 5 §1.5.4), and payload; or their digest. */
  private write(place: number, topic: string, payload: Buffer): number {
    const { contents } = this;
    const start = place * CONTENT_BYTES;
    if (topic.length * UTF8_BYTES + 1 + payload.length > CONTENT_BYTES) {
      createHash('sha256').update(topic).update('\0').update(payload).digest().copy(contents, start);
      return DIGESTED;
    }
    let end = start + contents.write(topic, start);
    contents[end++] = 0;
    contents.set(payload, end);
    return end + payload.length - start;
  }

  private at(place: number, length: number): Buffer {
    const start = place * CONTENT_BYTES;
    return this.contents.subarray(start, start + (length === DIGESTED ? DIGEST_BYTES : length));
  }
}
