import { hash } from 'node:crypto';

/** Messages that are remembered: more than any broker has in flight to one client by default. */
const REMEMBERED = 4096;

interface Admitted {
  readonly packetId: number;
  readonly digest: string;
}

/**
 * Recognises messages that the broker sends again because it has not seen our PUBACK: same packet identifier, DUP set, and
 * the same content, in a session that went on. Brokers count identifiers up, so that the last ones have places of their own.
 */
export class Redelivery {
  private readonly places: (Admitted | undefined)[] = new Array(REMEMBERED).fill(undefined);

  /** A message was admitted; its PUBACK may get lost. */
  admitted(packetId: number, topic: string, payload: Buffer): void {
    this.places[packetId % REMEMBERED] = { packetId, digest: digest(topic, payload) };
  }

  /** True when a message with DUP set was admitted before. */
  isKnown(packetId: number, topic: string, payload: Buffer): boolean {
    const last = this.places[packetId % REMEMBERED];
    return last?.packetId === packetId && last.digest === digest(topic, payload);
  }

  /** The session is gone: packet identifiers mean nothing any more. */
  forget(): void {
    this.places.fill(undefined);
  }
}

function digest(topic: string, payload: Buffer): string {
  return `${topic.length}:${topic}:${hash('sha1', payload, 'base64')}`;
}
