import type { Publisher } from '../../../core/dialect.ts';

/** Different topics and sizes in one receiver's queue that are remembered; beyond, the queue counts as unknown. */
const MAX_QUEUED = 16_384;

/** Messages in flight to one receiver: as many as there are packet identifiers. */
const MAX_IN_FLIGHT = 65_535;

/** The facts of a PUBLISH line. */
export interface PublishLine {
  /** Undefined: the line can be read in more than one way. */
  readonly client: string | undefined;
  /** Undefined: the broker cut the line. */
  readonly topic: string | undefined;
  readonly size: number;
  readonly qos: number;
  readonly retained: boolean;
  readonly duplicate: boolean;
  /** 0: none. */
  readonly messageId: number;
}

interface Queued {
  count: number;
  /** Undefined: not certain. */
  publisher: Publisher | undefined;
}

interface InFlight {
  /** Of topic and size. */
  readonly digest: number;
  readonly publisher: Publisher | undefined;
}

/** What is known of the messages to one of the probe's own clients. */
export class Receiver {
  /** `queued` has everything that the client's queue can hold. */
  private isKnown = false;
  /** By digest of topic and size. */
  private readonly queued = new Map<number, Queued>();
  /** By packet identifier: the broker sends these again after a reconnect. */
  private readonly inFlight = new Map<number, InFlight>();
  /** Number of the last line after which the broker may send from the queue. */
  private freedAt = Number.NaN;
  private got: PublishLine | undefined;
  private takesQos1 = false;

  publisherOf(
    line: number,
    { topic = '', size, qos, retained, duplicate, messageId }: PublishLine,
    handedOut: PublishLine | undefined,
    publisher: (client: string) => Publisher,
  ): Publisher | undefined {
    const isFreed = this.freedAt === line - 1;
    if (isFreed) this.freedAt = line;
    if (qos > 0) this.takesQos1 = true;
    const digest = digestOf(topic, size);
    let found: Publisher | undefined;
    const before = this.inFlight.get(messageId);
    if (before !== undefined || duplicate) {
      // Sent again after a reconnect, or on a connection that is about to end: the message in hand may be another one.
      if (before?.digest === digest) found = before.publisher;
    } else if (handedOut !== undefined && this.fits(qos, handedOut.qos)) {
      this.got = handedOut;
      if (qos > 0) {
        this.queued.clear();
        this.isKnown = true;
      }
      if (handedOut.client !== undefined) found = publisher(handedOut.client);
    } else if (isFreed && qos > 0 && !retained) {
      found = this.unqueue(digest);
    }
    if (messageId > 0) this.send(messageId, { digest, publisher: found });
    return found;
  }

  acknowledged(line: number, messageId: number): void {
    this.freedAt = line;
    this.inFlight.delete(messageId);
  }

  connected(line: number, present: boolean): void {
    this.freedAt = line;
    if (present) return;
    this.inFlight.clear();
    this.queued.clear();
    this.isKnown = true;
  }

  /** A message of QoS 1 or 2 that was not sent to this client: it waits in the queue, or no subscription matches it. */
  queue(message: PublishLine, publisher: () => Publisher | undefined): void {
    if (!this.isKnown || this.got === message) return;
    if (message.topic === undefined) {
      this.forgetQueue();
      return;
    }
    const digest = digestOf(message.topic, message.size);
    const before = this.queued.get(digest);
    if (before === undefined) {
      this.queued.set(digest, { count: 1, publisher: publisher() });
      if (this.queued.size > MAX_QUEUED) this.forgetQueue();
      return;
    }
    before.count++;
    if (before.publisher?.client !== message.client) before.publisher = undefined;
  }

  forgetQueue(): void {
    this.isKnown = false;
    this.queued.clear();
  }

  restarted(): void {
    this.forgetQueue();
    this.inFlight.clear();
    this.freedAt = Number.NaN;
  }

  /** With a subscription of QoS 1 a message of QoS 1 or 2 is sent with QoS 1, never with 0. */
  private fits(qos: number, publishedQos: number): boolean {
    if (publishedQos === 0) return qos === 0;
    return qos > 0 || !this.takesQos1;
  }

  private unqueue(digest: number): Publisher | undefined {
    const queued = this.queued.get(digest);
    if (queued === undefined) return undefined;
    if (--queued.count === 0) this.queued.delete(digest);
    return queued.publisher;
  }

  private send(messageId: number, sent: InFlight): void {
    this.inFlight.delete(messageId);
    this.inFlight.set(messageId, sent);
    if (this.inFlight.size > MAX_IN_FLIGHT) dropFirst(this.inFlight);
  }
}

/** FNV-1a. Two topics with the same digest can make a publisher uncertain, never wrong. */
function digestOf(topic: string, size: number): number {
  let digest = 0x811c9dc5 ^ size;
  for (let i = 0; i < topic.length; i++) digest = Math.imul(digest ^ topic.charCodeAt(i), 0x01000193);
  return digest;
}

export function dropFirst<K>(map: Map<K, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
