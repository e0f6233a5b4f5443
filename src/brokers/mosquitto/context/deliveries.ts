import type { Delivery, Publisher } from '../../../core/dialect.ts';
import { type LiveSessions, own } from './live-sessions.ts';

/** QoS 2 messages between PUBLISH and PUBREL that are remembered. */
const MAX_UNRELEASED = 1024;
/** Different topics and sizes that one receiver's queue is followed for; beyond, nothing is said of its queue. */
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

/** A message that the broker is handing out: the lines about its receivers follow the line that brought it. */
interface HandedOut extends PublishLine {
  /** Number of the last line that was about it. */
  line: number;
}

/**
 * Finds out who published what the broker sends to the probe. The broker has one thread: `Received PUBLISH` (with QoS 2 the
 * PUBREL) is followed at once by a `Sending PUBLISH` for each receiver that may have the message now. What had to wait is
 * sent after a PUBACK of the receiver, or after its CONNACK; then the publisher is certain only if all messages of that
 * topic and size that can be in the queue are of one publisher. Read from Mosquitto 2.0 (`db__message_insert`,
 * `db__message_write_queued_out`); a message in the queue means that the receiver's quota is used up, so that one that is
 * sent at once shows an empty queue.
 */
export class DeliveryTracker {
  private readonly live: LiveSessions;
  private readonly tell: (delivery: Delivery) => void;
  private readonly receivers: ReadonlyMap<string, Receiver>;
  private readonly unreleased = new Map<string, PublishLine>();
  private current: HandedOut | undefined;

  /** @param clients the probe's own client ids */
  constructor(clients: Iterable<string>, live: LiveSessions, tell: (delivery: Delivery) => void) {
    this.live = live;
    this.tell = tell;
    this.receivers = new Map([...clients].map((client) => [client, new Receiver()]));
  }

  /** `Received PUBLISH from CLIENT`. @param line number of the line */
  received(line: number, message: PublishLine): void {
    this.queueCurrent();
    const { client, messageId } = message;
    if (message.qos < 2) {
      this.current = { ...message, line };
      return;
    }
    if (client === undefined) return;
    const kept = { ...message, client: own(client), topic: message.topic && own(message.topic) };
    this.unreleased.set(`${messageId} ${kept.client}`, kept);
    if (this.unreleased.size > MAX_UNRELEASED) dropFirst(this.unreleased);
  }

  /** `Received PUBREL from CLIENT`. */
  released(line: number, client: string, messageId: number): void {
    this.queueCurrent();
    const key = `${messageId} ${client}`;
    const message = this.unreleased.get(key);
    this.unreleased.delete(key);
    if (message !== undefined) this.current = { ...message, line };
  }

  /** `Sending PUBLISH to CLIENT`. */
  sent(line: number, message: PublishLine): void {
    const { current } = this;
    const handedOut =
      current?.line === line - 1 && current.topic === message.topic && current.size === message.size
        ? current
        : undefined;
    if (handedOut !== undefined) handedOut.line = line;
    const receiver = message.client === undefined ? undefined : this.receivers.get(message.client);
    if (receiver === undefined || message.client === undefined) return;
    const { topic, size, messageId } = message;
    const publisher = receiver.publisherOf(line, message, handedOut, (client) => this.publisher(client));
    this.tell({
      client: message.client,
      packetId: messageId === 0 ? undefined : messageId,
      topic: topic === undefined ? undefined : own(topic),
      size,
      publisher: topic === undefined ? undefined : publisher,
    });
  }

  /** A PUBACK or PUBCOMP of a client: what waits in its queue may follow. */
  acknowledged(line: number, client: string, messageId: number): void {
    const receiver = this.receivers.get(client);
    if (receiver === undefined) return;
    this.queueCurrent();
    receiver.acknowledged(line, messageId);
  }

  /** `Sending CONNACK to CLIENT` with success. @param present the broker had a session of it */
  connected(line: number, client: string, present: boolean): void {
    const receiver = this.receivers.get(client);
    if (receiver === undefined) return;
    this.queueCurrent();
    receiver.connected(line, present);
  }

  /** `Outgoing messages are being dropped for client CLIENT`: what its queue holds cannot be told. */
  dropped(client: string): void {
    this.receivers.get(client)?.forgetQueue();
  }

  /** The broker has started anew. */
  restarted(): void {
    this.current = undefined;
    this.unreleased.clear();
    for (const receiver of this.receivers.values()) receiver.restarted();
  }

  /** The message in hand was handed out; receivers that did not get it may have it in their queue. */
  private queueCurrent(): void {
    const { current } = this;
    this.current = undefined;
    if (current === undefined || current.qos === 0) return;
    for (const receiver of this.receivers.values()) {
      receiver.queue(current, () =>
        current.client === undefined ? undefined : this.publisher(current.client),
      );
    }
  }

  private publisher(client: string): Publisher {
    const session = this.live.get(client);
    const ip = session?.ip;
    return {
      client: own(client),
      user: session?.user,
      ip,
      port: ip === undefined ? undefined : session?.port,
    };
  }
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

/** What is known of one of the probe's own clients. */
class Receiver {
  /** Everything that its queue can hold is in `queued`. */
  private isKnown = false;
  /** By digest of topic and size. */
  private readonly queued = new Map<number, Queued>();
  /** By packet identifier: the broker sends these again after a reconnect. */
  private readonly inFlight = new Map<number, InFlight>();
  /** The last line after which its queue is sent. */
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
      // Sent again after a reconnect, or tried again on a connection that is going: then another message may be in hand.
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

  /** A message of QoS 1 or 2 that was not sent to this receiver: it is in its queue, or does not concern it. */
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

/** FNV-1a. Two topics with one digest make a publisher uncertain, never wrong. */
function digestOf(topic: string, size: number): number {
  let digest = 0x811c9dc5 ^ size;
  for (let i = 0; i < topic.length; i++) digest = Math.imul(digest ^ topic.charCodeAt(i), 0x01000193);
  return digest;
}

function dropFirst<K>(map: Map<K, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
