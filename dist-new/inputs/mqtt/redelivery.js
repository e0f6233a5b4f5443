import { createHash, hash } from 'node:crypto';
/** Packet identifiers are 16 bits wide (MQTT 5 §2.2.1), and our Receive Maximum lets a broker use them all at once. */
const IDENTIFIERS = 0x10000;
const DIGEST_BYTES = 16;
/** Of the payload its size and its checksum: it may be nowhere any more. */
const PAYLOAD_BYTES = 8;
/** Bytes that are digested in one call. */
const SCRATCH_BYTES = 4096;
/** The most bytes of UTF-8 for one UTF-16 code unit. */
const UTF8_BYTES = 3;
/**
 * Recognises messages that the broker sends again because it has not seen our PUBACK: same packet identifier, DUP set, and
 * the same content, in a session that went on. What is remembered lies in memory that is taken once: a message leaves
 * nothing that the garbage collector has to carry along.
 */
export class Redelivery {
    digests = Buffer.alloc(IDENTIFIERS * DIGEST_BYTES);
    kept = new Array(IDENTIFIERS).fill(undefined);
    scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    /**
     * A message was admitted; its PUBACK may get lost.
     * @param size bytes of its payload
     * @param checksum CRC-32 of its payload
     * @param kept resolves when it may be acknowledged
     */
    admitted(packetId, topic, size, checksum, kept) {
        this.digests.write(this.digest(topic, size, checksum), packetId * DIGEST_BYTES, DIGEST_BYTES, 'binary');
        this.kept[packetId] = kept;
    }
    /** For a message with DUP set that was admitted before: resolves when it may be acknowledged. Else undefined. */
    known(packetId, topic, size, checksum) {
        const kept = this.kept[packetId];
        if (kept === undefined)
            return undefined;
        const at = packetId * DIGEST_BYTES;
        const digest = this.digests.toString('latin1', at, at + DIGEST_BYTES);
        return this.digest(topic, size, checksum).startsWith(digest) ? kept : undefined;
    }
    /** The session is gone: packet identifiers mean nothing any more. */
    forget() {
        void this.kept.fill(undefined);
    }
    /** Of what is known of the payload, and the topic: a character a byte. */
    digest(topic, size, checksum) {
        const { scratch } = this;
        const topicAt = scratch.writeUInt32BE(checksum, scratch.writeUInt32BE(size, 0));
        if (topic.length * UTF8_BYTES + PAYLOAD_BYTES > SCRATCH_BYTES)
            return createHash('sha1').update(scratch.subarray(0, topicAt)).update(topic).digest('binary');
        const end = topicAt + scratch.write(topic, topicAt);
        return hash('sha1', scratch.subarray(0, end), 'binary');
    }
}
