import { hash } from 'node:crypto';

/** Messages that are remembered: more than any broker has in flight to one client by default. */
const MAX_REMEMBERED = 4096;

/**
 * Recognises messages that the broker sends again because it has not seen our PUBACK: same packet identifier, DUP set, and
 * the same content, in a session that went on.
 */
export class Redelivery {
  private readonly seen = new Map<number, string>();

  /** A message was admitted; its PUBACK may get lost. */
  admitted(packetId: number, topic: string, payload: Buffer): void {
    this.seen.delete(packetId);
    this.seen.set(packetId, digest(topic, payload));
    if (this.seen.size <= MAX_REMEMBERED) return;
    for (const oldest of this.seen.keys()) {
      this.seen.delete(oldest);
      break;
    }
  }

  /** True when a message with DUP set was admitted before. */
  isKnown(packetId: number, topic: string, payload: Buffer): boolean {
    return this.seen.get(packetId) === digest(topic, payload);
  }

  /** The session is gone: packet identifiers mean nothing any more. */
  forget(): void {
    this.seen.clear();
  }
}

function digest(topic: string, payload: Buffer): string {
  return `${topic.length}:${topic}:${hash('sha1', payload, 'base64')}`;
}
