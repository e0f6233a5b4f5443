import type { Delivery, MqttMessage, Publisher } from '../../core/dialect.ts';

/** Lines that wait for their message, of one client and kind. The oldest is forgotten first. */
const MAX_WAITING = 16_384;
/** A line whose message has not come after this time will not get it: packet identifiers are used again. */
const STALE_MS = 30_000;
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
  private readonly clients = new Map<string, Lines>();
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
    if (waitsMs > 0) return this.news(waitsMs);
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

  private linesOf(client: string): Lines {
    let lines = this.clients.get(client);
    if (lines === undefined) {
      lines = new Lines();
      this.clients.set(client, lines);
    }
    return lines;
  }
}

interface Line {
  readonly topic: string | undefined;
  readonly size: number;
  readonly publisher: Publisher | undefined;
  readonly number: number;
  readonly at: number;
}

/** The lines about one client of the probe whose messages have not come yet. */
class Lines {
  private readonly byId = new Map<number, Line>();
  /** Of QoS 0, by size and topic. */
  private readonly anonymous = new Map<string, Alike>();
  private anonymousCount = 0;
  private count = 0;
  private countAtMiss = -1;
  private missing = false;
  /** Lines before this one belong to messages that have come or are lost: the broker keeps the order. */
  private floor = 0;

  /** No line came in all the time in which messages waited for one: this log does not have them now. */
  get areMissing(): boolean {
    return this.missing;
  }

  add({ packetId, topic, size, publisher }: Delivery, at: number): void {
    this.missing = false;
    const line = { topic, size, publisher, number: this.count++, at };
    if (packetId === undefined) {
      this.addAnonymous(line);
      return;
    }
    this.byId.delete(packetId);
    this.byId.set(packetId, line);
    if (this.byId.size <= MAX_WAITING) return;
    for (const oldest of this.byId.keys()) {
      this.byId.delete(oldest);
      break;
    }
  }

  /** The line of a message; undefined when it is not here. */
  take(
    { packetId, topic, payload, size = payload.length, cutBytes = 0 }: MqttMessage,
    now: number,
  ): Pick<Line, 'publisher'> | undefined {
    const length = size + cutBytes;
    const line =
      packetId === undefined
        ? this.takeAnonymous(topic, length, now)
        : this.takeById(packetId, topic, length, now);
    if (line !== undefined) this.floor = line.number + 1;
    return line;
  }

  /** A message went without its line. */
  missed(): void {
    this.missing = this.count === this.countAtMiss || this.count === 0;
    this.countAtMiss = this.count;
  }

  private takeById(packetId: number, topic: string, size: number, now: number): Line | undefined {
    const line = this.byId.get(packetId);
    if (line === undefined) return undefined;
    if (line.topic !== undefined && (line.topic !== topic || line.size !== size)) return undefined;
    this.byId.delete(packetId);
    return this.isOver(line, now) ? undefined : line;
  }

  private addAnonymous(line: Line): void {
    if (line.topic === undefined) return;
    const key = keyOf(line.topic, line.size);
    const alike = this.anonymous.get(key) ?? new Alike();
    this.anonymous.set(key, alike);
    alike.push(line);
    if (++this.anonymousCount <= MAX_WAITING) return;
    this.anonymous.clear();
    this.anonymousCount = 0;
  }

  private takeAnonymous(topic: string, size: number, now: number): Line | undefined {
    const key = keyOf(topic, size);
    const alike = this.anonymous.get(key);
    if (alike === undefined) return undefined;
    const before = alike.length;
    while (alike.first !== undefined && this.isOver(alike.first, now)) alike.shift();
    const certain = alike.publishers === 1;
    const line = alike.shift();
    this.anonymousCount -= before - alike.length;
    if (alike.length === 0) this.anonymous.delete(key);
    return line === undefined || certain ? line : { ...line, publisher: undefined };
  }

  private isOver({ number, at }: Line, now: number): boolean {
    return number < this.floor || now - at >= STALE_MS;
  }
}

/** Lines of one topic and size, in their order, and how many publishers they name. */
class Alike {
  private lines: Line[] = [];
  private head = 0;
  private readonly counts = new Map<string | undefined, number>();

  get length(): number {
    return this.lines.length - this.head;
  }

  get first(): Line | undefined {
    return this.lines[this.head];
  }

  get publishers(): number {
    return this.counts.size;
  }

  push(line: Line): void {
    this.lines.push(line);
    const client = line.publisher?.client;
    this.counts.set(client, (this.counts.get(client) ?? 0) + 1);
  }

  shift(): Line | undefined {
    const line = this.lines[this.head];
    if (line === undefined) return undefined;
    if (++this.head > 1024) {
      this.lines = this.lines.slice(this.head);
      this.head = 0;
    }
    const client = line.publisher?.client;
    const left = (this.counts.get(client) ?? 0) - 1;
    if (left === 0) this.counts.delete(client);
    else this.counts.set(client, left);
    return line;
  }
}

function keyOf(topic: string, size: number): string {
  return `${size} ${topic}`;
}
