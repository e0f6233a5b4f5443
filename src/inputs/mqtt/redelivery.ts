import { createHash, hash } from 'node:crypto';

/** Packet identifiers are 16 bits wide (MQTT 5 §2.2.1), and our Receive Maximum lets a broker use them all at once. */
const IDENTIFIERS = 0x10000;
const DIGEST_BYTES = 16;
/** Bytes of topic and payload that are digested in one call. */
const SCRATCH_BYTES = 4096;
/** The most bytes of UTF-8 for one UTF-16 code unit. */
const UTF8_BYTES = 3;

/**
 * Recognises messages that the broker sends again because it has not seen our PUBACK: same packet identifier, DUP set, and
 * the same content, in a session that went on. What is remembered lies in memory that is taken once: a message leaves
 * nothing that the garbage collector has to carry along.
 */
export class Redelivery {
  private readonly digests = Buffer.alloc(IDENTIFIERS * DIGEST_BYTES);
  private readonly kept: (Promise<void> | undefined)[] = new Array(IDENTIFIERS).fill(undefined);
  private readonly scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

  /**
   * A message was admitted; its PUBACK may get lost.
   * @param kept resolves when it may be acknowledged
   */
  admitted(packetId: number, topic: string, payload: Buffer, kept: Promise<void>): void {
    this.digests.write(this.digest(topic, payload), packetId * DIGEST_BYTES, DIGEST_BYTES, 'binary');
    this.kept[packetId] = kept;
  }

  /** For a message with DUP set that was admitted before: resolves when it may be acknowledged. Else undefined. */
  known(packetId: number, topic: string, payload: Buffer): Promise<void> | undefined {
    const kept = this.kept[packetId];
    if (kept === undefined) return undefined;
    const at = packetId * DIGEST_BYTES;
    const digest = this.digests.toString('latin1', at, at + DIGEST_BYTES);
    return this.digest(topic, payload).startsWith(digest) ? kept : undefined;
  }

  /** The session is gone: packet identifiers mean nothing any more. */
  forget(): void {
    void this.kept.fill(undefined);
  }

  /** Of topic, NUL, which no topic holds (MQTT 5 §1.5.4), and payload: a character a byte. */
  private digest(topic: string, payload: Buffer): string {
    const { scratch } = this;
    if (topic.length * UTF8_BYTES + 1 + payload.length > SCRATCH_BYTES)
      return createHash('sha1').update(topic).update('\0').update(payload).digest('binary');
    const end = scratch.write(topic);
    scratch[end] = 0;
    scratch.set(payload, end + 1);
    return hash('sha1', scratch.subarray(0, end + 1 + payload.length), 'binary');
  }
}
