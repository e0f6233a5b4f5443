import type { Delivery, Publisher } from '../../../core/dialect.ts';
import { own } from '../text/own.ts';
import type { LiveSessions } from './live-sessions.ts';
import { dropFirst, type PublishLine, Receiver } from './receiver.ts';

/** QoS 2 messages between PUBLISH and PUBREL that are remembered. */
const MAX_UNRELEASED = 1024;

/** A message that the broker is sending to its receivers: a line for each follows the line that brought the message. */
interface HandedOut extends PublishLine {
  /** Number of the last line about it. */
  line: number;
}

/**
 * Finds out who published what the broker sends to the probe. The broker has one thread: after `Received PUBLISH` (with QoS 2
 * after the PUBREL) it writes at once a `Sending PUBLISH` for each receiver that can take the message now. For the others it
 * waits in their queue, and is sent after a PUBACK or the CONNACK of the receiver; its publisher is then certain only if all
 * messages of that topic and size that may be in the queue have the same publisher. A message waits only while the receiver's
 * quota is used up: one that is sent at once shows that the queue is empty. (Mosquitto 2.0: `db__message_insert`,
 * `db__message_write_queued_out`.)
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

  /**
   * `Received PUBLISH from CLIENT`.
   * @param line number of the line
   */
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

  /** A PUBACK or PUBCOMP of a client: messages of its queue may follow. */
  acknowledged(line: number, client: string, messageId: number): void {
    const receiver = this.receivers.get(client);
    if (receiver === undefined) return;
    this.queueCurrent();
    receiver.acknowledged(line, messageId);
  }

  /**
   * `Sending CONNACK to CLIENT` with success.
   * @param present the broker had a session of it
   */
  connected(line: number, client: string, present: boolean): void {
    const receiver = this.receivers.get(client);
    if (receiver === undefined) return;
    this.queueCurrent();
    receiver.connected(line, present);
  }

  /** `Outgoing messages are being dropped for client CLIENT`: what its queue holds is not known any more. */
  dropped(client: string): void {
    this.receivers.get(client)?.forgetQueue();
  }

  /** The broker has started anew. */
  restarted(): void {
    this.current = undefined;
    this.unreleased.clear();
    for (const receiver of this.receivers.values()) receiver.restarted();
  }

  /** The message in hand was sent to all receivers that could take it; the others may have it in their queue. */
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
