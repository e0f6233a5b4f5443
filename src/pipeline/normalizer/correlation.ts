import type { Delivery, MqttMessage, Publisher } from '../../core/dialect.ts';
import { WaitingLines } from './waiting-lines.ts';

/** Messages that the broker itself publishes: most of them make no event of their own, and would wait here for it. */
const BROKERS_OWN = '$SYS/';

/**
 * Joins the log of one broker with its mirrored traffic, for one output: the log names the publisher of what the broker
 * sent to the probe, the mirror has the message. Both come in the order in which the broker sent them; a message finds its
 * line by packet identifier, topic and size. Either may be ahead: lines are kept, messages wait for at most `waitMs`.
 */
export class Correlation {
  private readonly waitMs: number;
  private readonly now: () => number;
  private readonly clients = new Map<string, WaitingLines>();
  /** Every line that was written before this time has been read. */
  private readTo = Number.NEGATIVE_INFINITY;
  private sleepers: (() => void)[] = [];

  /** @param now milliseconds since 1970 */
  constructor(waitMs: number, now: () => number = Date.now) {
    this.waitMs = waitMs;
    this.now = now;
  }

  /** Takes one line about a message to the probe. */
  readonly delivered = (delivery: Delivery): void => {
    if (delivery.topic?.startsWith(BROKERS_OWN) === true) return;
    this.linesOf(delivery.client).add(delivery, this.now());
    this.wakeSoon();
  };

  /** The log was read to its end as it was at that time. */
  logRead(at: number): void {
    if (at <= this.readTo) return;
    this.readTo = at;
    this.wakeSoon();
  }

  /**
   * Looks for the publisher of a message.
   * @param client the client of the probe that received it
   * @param asked when this message was first asked for
   * @returns the publisher; `unknown`: it cannot be told; a promise: to be asked again when it has resolved
   */
  find(client: string, message: MqttMessage, asked: number): Publisher | 'unknown' | Promise<void> {
    if (message.topic.startsWith(BROKERS_OWN)) return 'unknown';
    const now = this.now();
    const lines = this.linesOf(client);
    // Without packet identifier any line of this topic could be meant: all of them must be known.
    if (message.packetId !== undefined || this.readTo >= message.seen) {
      const line = lines.take(message, now);
      if (line !== undefined) return line.publisher ?? 'unknown';
    }
    const waitsMs = lines.areMissing ? 0 : this.deadline(message.seen, asked) - now;
    // More than there is to wait: the clock was set back, and says nothing of when this message came.
    if (waitsMs > 0 && waitsMs <= 2 * this.waitMs) return this.news(waitsMs);
    lines.missed();
    return 'unknown';
  }

  /**
   * A message of just now may be ahead of its line. One that had to wait elsewhere has its line behind it, unless the
   * reading of the log had to wait as well.
   */
  private deadline(seen: number, asked: number): number {
    return (this.readTo >= seen ? seen : Math.max(seen, asked)) + this.waitMs;
  }

  private news(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.sleepers.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** After the lines in hand: those who wait would otherwise be woken by each of them. */
  private wakeSoon(): void {
    if (this.sleepers.length === 0) return;
    const { sleepers } = this;
    this.sleepers = [];
    queueMicrotask(() => {
      for (const wake of sleepers) wake();
    });
  }

  private linesOf(client: string): WaitingLines {
    let lines = this.clients.get(client);
    if (lines === undefined) {
      lines = new WaitingLines();
      this.clients.set(client, lines);
    }
    return lines;
  }
}
