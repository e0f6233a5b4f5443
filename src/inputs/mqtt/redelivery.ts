import { hash } from 'node:crypto';

/** Messages that are remembered: more than any broker has in flight to one client by default. */
const REMEMBERED = 4096;

interface Admitted {
  readonly packetId: number;
  readonly digest: string;
  readonly kept: Promise<void>;
}

/**
 * Recognises messages that the broker sends again because it has not seen our PUBACK: same packet identifier, DUP set, and
 * the same content, in a session that went on. Brokers count identifiers up, so that the last ones have places of their own.
 */
export class Redelivery {
  private readonly places: (Admitted | undefined)[] = new Array(REMEMBERED).fill(undefined);

  /**
   * A message was admitted; its PUBACK may get lost.
   * @param kept resolves when it may be acknowledged
   */
  admitted(packetId: number, topic: string, payload: Buffer, kept: Promise<void>): void {
    this.places[packetId % REMEMBERED] = { packetId, digest: digest(topic, payload), kept };
  }

  /** For a message with DUP set that was admitted before: resolves when it may be acknowledged. Else undefined. */
  known(packetId: number, topic: string, payload: Buffer): Promise<void> | undefined {
    const last = this.places[packetId % REMEMBERED];
    return last?.packetId === packetId && last.digest === digest(topic, payload) ? last.kept : undefined;
  }

  /** The session is gone: packet identifiers mean nothing any more. */
  forget(): void {
    this.places.fill(undefined);
  }
}

function digest(topic: string, payload: Buffer): string {
  return `${topic.length}:${topic}:${hash('sha1', payload, 'base64')}`;
}
