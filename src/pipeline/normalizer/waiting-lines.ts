import { hash } from 'node:crypto';
import type { Delivery, MqttMessage, Publisher } from '../../core/dialect.ts';

/** Lines that wait for their message, of one client and kind. The oldest is forgotten first. */
const MAX_WAITING = 16_384;
/** A line whose message has not come after this time will not get it: packet identifiers are used again. */
const STALE_MS = 30_000;
/** Of a longer topic the digest is kept: a client may choose 65,535 bytes. */
const TOPIC_CHARS = 128;

interface Line {
  /** The topic, or its digest. */
  readonly topic: string | undefined;
  readonly size: number;
  readonly publisher: Publisher | undefined;
  readonly number: number;
  readonly at: number;
}

/** The lines about one client of the probe whose messages have not come yet. */
export class WaitingLines {
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
    const kept = topic === undefined ? undefined : shortened(topic);
    const line = { topic: kept, size, publisher, number: this.count++, at };
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
    const kept = shortened(topic);
    const line =
      packetId === undefined
        ? this.takeAnonymous(kept, length, now)
        : this.takeById(packetId, kept, length, now);
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

function shortened(topic: string): string {
  return topic.length <= TOPIC_CHARS ? topic : hash('sha256', topic, 'base64');
}
