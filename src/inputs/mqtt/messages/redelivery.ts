import { hash } from 'node:crypto';

/** Packet identifiers are 16 bits wide (MQTT 5 §2.2.1), and our Receive Maximum lets a broker use them all at once. */
const IDENTIFIERS = 0x10000;
/** What is kept of one message: size and checksum of its payload, length of its topic, the topic or its digest. */
const MARK_BYTES = 64;
const CHECKSUM_AT = 4;
const LENGTH_AT = 8;
const TOPIC_AT = 9;
const TOPIC_BYTES = MARK_BYTES - TOPIC_AT;
/** Stands for the length of a topic of which only the digest is kept. */
const DIGESTED = 255;
const NEVER = 0xffff_ffff;
/** In the place of a promise of each message that was acknowledged: 65,535 of them are 10 MB. */
const DONE = Promise.resolve();

/**
 * Recognises messages that the broker sends again because it has not seen our PUBACK: same packet identifier, DUP set, and
 * the same content, in a session that went on. Once it has seen it, a message like that is another one, of which it was the
 * PUBLISH that got lost: a broker that answers a ping has read what we sent before the ping. What is remembered lies in memory
 * that is taken once: a message leaves nothing that the garbage collector has to carry along.
 */
export class Redelivery {
  /** The last mark is that of the message in hand. */
  private readonly marks = Buffer.allocUnsafeSlow((IDENTIFIERS + 1) * MARK_BYTES);
  private readonly kept: (Promise<void> | undefined)[] = new Array(IDENTIFIERS).fill(undefined);
  /** How many pings were sent before the PUBACK; `NEVER`: it was not sent. */
  private readonly pings = new Uint32Array(IDENTIFIERS);
  private sent = 0;
  /** What was sent before this ping, the broker has read. */
  private answered = 0;

  /**
   * A message was admitted; its PUBACK may get lost.
   * @param size bytes of its payload
   * @param checksum CRC-32 of its payload: it may be nowhere any more
   * @param kept resolves when it may be acknowledged
   */
  admitted(packetId: number, topic: string, size: number, checksum: number, kept: Promise<void>): void {
    this.mark(packetId, topic, size, checksum);
    this.kept[packetId] = kept;
    this.pings[packetId] = NEVER;
  }

  /** A message has come for the first time: whatever had its identifier before does not come again. */
  used(packetId: number): void {
    this.kept[packetId] = undefined;
  }

  /** Its PUBACK is sent. */
  acknowledged(packetId: number): void {
    this.kept[packetId] = DONE;
    this.pings[packetId] = this.sent;
  }

  /** PINGREQ is sent. */
  pinged(): void {
    this.sent++;
  }

  /** PINGRESP has come. */
  ponged(): void {
    this.answered = this.sent;
  }

  /** For a message with DUP set that was admitted before: resolves when it may be acknowledged. Else undefined. */
  known(packetId: number, topic: string, size: number, checksum: number): Promise<void> | undefined {
    const kept = this.kept[packetId];
    if (kept === undefined || (this.pings[packetId] ?? NEVER) < this.answered) return undefined;
    const { marks } = this;
    const length = this.mark(IDENTIFIERS, topic, size, checksum);
    const at = packetId * MARK_BYTES;
    const inHand = IDENTIFIERS * MARK_BYTES;
    return marks.compare(marks, at, at + length, inHand, inHand + length) === 0 ? kept : undefined;
  }

  /** The session is gone: packet identifiers mean nothing any more. */
  forget(): void {
    void this.kept.fill(undefined);
  }

  /** @returns bytes of the mark; none begins with another one, because the length of the topic stands before the topic */
  private mark(place: number, topic: string, size: number, checksum: number): number {
    const { marks } = this;
    const at = place * MARK_BYTES;
    marks.writeUInt32BE(size, at);
    marks.writeUInt32BE(checksum, at + CHECKSUM_AT);
    if (topic.length <= TOPIC_BYTES && writeAscii(topic, marks, at + TOPIC_AT)) {
      marks[at + LENGTH_AT] = topic.length;
      return TOPIC_AT + topic.length;
    }
    marks[at + LENGTH_AT] = DIGESTED;
    return TOPIC_AT + marks.write(hash('sha1', topic, 'base64'), at + TOPIC_AT);
  }
}

/**
 * Writes a short text, as most topics are: to call what Node has for it costs more than the writing.
 * @returns false: it is not ASCII
 */
function writeAscii(text: string, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    bytes[at + i] = code;
  }
  return true;
}
