import {
  type Batch,
  EVENT_ID_COLUMN,
  EVENT_ID_LENGTH,
  type Receipt,
  type Rejected,
} from '../../core/output.ts';

/** More ids than this are not kept: then some events are sent twice. */
const MAX_IDS = 1 << 16;

/**
 * Ids of events that were acknowledged while others of their batch were lost with the connection. The batch is read again
 * from the cursor, and what is in here is not sent a second time. A restart forgets them.
 */
export class Acknowledged {
  private readonly ids = new Set<string>();

  get size(): number {
    return this.ids.size;
  }

  add(id: string): void {
    if (this.ids.size < MAX_IDS) this.ids.add(id);
  }

  /** True once for each id that was added. */
  take(id: string): boolean {
    return this.ids.delete(id);
  }
}

/** Offset of an event in its batch. */
export function startOf(batch: Batch, index: number): number {
  return index === 0 ? 0 : (batch.ends[index - 1] ?? 0);
}

/** Data stream of an event. */
export function streamOf(batch: Batch, index: number): string {
  return batch.names[batch.streams[index] ?? 0] ?? '';
}

/** A stretch of a shipment that travels as one window or one request: numbers of its first event and behind its last. */
export interface Part {
  readonly shipment: Shipment;
  readonly from: number;
  readonly to: number;
  /** Bytes of the events. */
  readonly bytes: number;
}

/**
 * One batch on its way in parts that are acknowledged one by one. It keeps the ids of the events, not the events: the
 * batch is released long before the last acknowledgement.
 */
export class Shipment {
  /** Settles with the fate of the whole batch. */
  readonly receipt: Promise<Receipt>;
  /** As in `Batch`. */
  readonly waiting: Batch['waiting'];
  /** Events to be sent; they have the numbers from 0. */
  readonly count: number;
  private readonly known: Acknowledged;
  /** Index in the batch of each event to be sent; undefined: all are. */
  private readonly remaining: readonly number[] | undefined;
  /** Ids of those that were acknowledged before. */
  private readonly before: readonly string[];
  private readonly ids: Buffer;
  private readonly done: (readonly [from: number, to: number])[] = [];
  private readonly rejected: Rejected[] = [];
  /** Numbers of the events that were set apart. */
  private readonly apart = new Set<number>();
  private outstanding: number;
  private readonly resolve: (receipt: Receipt) => void;
  private readonly reject: (error: Error) => void;

  constructor(batch: Batch, known: Acknowledged) {
    this.known = known;
    this.waiting = batch.waiting;
    const { remaining, before } = sortOut(batch, known);
    this.remaining = remaining;
    this.before = before;
    this.count = remaining?.length ?? batch.ends.length;
    this.outstanding = this.count;
    this.ids = Buffer.allocUnsafe(this.count * EVENT_ID_LENGTH);
    for (let number = 0; number < this.count; number++) {
      const at = startOf(batch, this.index(number)) + EVENT_ID_COLUMN;
      batch.bytes.copy(this.ids, number * EVENT_ID_LENGTH, at, at + EVENT_ID_LENGTH);
    }
    const { promise, resolve, reject } = Promise.withResolvers<Receipt>();
    this.receipt = promise;
    this.resolve = resolve;
    this.reject = reject;
    this.settleWhenDone();
  }

  /** Index in the batch of an event to be sent. */
  index(number: number): number {
    return this.remaining === undefined ? number : (this.remaining[number] ?? 0);
  }

  /** Events for which this holds travel alone, after the others. @returns their numbers */
  setApart(isApart: (id: string) => boolean): ReadonlySet<number> {
    for (let number = 0; number < this.count; number++) if (isApart(this.id(number))) this.apart.add(number);
    return this.apart;
  }

  /** Number of the first event from one on that was not set apart. */
  next(number: number): number {
    let next = number;
    while (this.apart.has(next)) next++;
    return next;
  }

  /** The next part from event `from` on: at least one event, none that was set apart, and no more than the limits allow. */
  part(batch: Batch, from: number, maxEvents: number, maxBytes: number): Part {
    let bytes = 0;
    let to = from;
    for (; to < this.count && to - from < maxEvents; to++) {
      if (to > from && this.apart.has(to)) break;
      const index = this.index(to);
      const length = (batch.ends[index] ?? 0) - startOf(batch, index);
      if (to > from && bytes + length > maxBytes) break;
      bytes += length;
    }
    return { shipment: this, from, to, bytes };
  }

  acknowledge(from: number, to: number): void {
    this.done.push([from, to]);
    this.outstanding -= to - from;
    this.settleWhenDone();
  }

  /** An event was refused for good. */
  refuse(rejected: Rejected): void {
    this.rejected.push(rejected);
    this.outstanding--;
    this.settleWhenDone();
  }

  /** The connection is lost: what is acknowledged is remembered until the batch comes again. */
  lose(error: Error): void {
    if (this.outstanding === 0) return;
    for (const id of this.before) this.known.add(id);
    for (const [from, to] of this.done) {
      for (let number = from; number < to; number++) this.known.add(this.id(number));
    }
    this.reject(error);
  }

  id(number: number): string {
    return this.ids.toString('latin1', number * EVENT_ID_LENGTH, (number + 1) * EVENT_ID_LENGTH);
  }

  private settleWhenDone(): void {
    if (this.outstanding > 0) return;
    const { count, before, rejected } = this;
    const delivered = count + before.length - rejected.length;
    this.resolve({ delivered, duplicates: 0, ...(rejected.length > 0 && { rejected }) });
  }
}

function sortOut(batch: Batch, known: Acknowledged): { remaining?: number[]; before: string[] } {
  const before: string[] = [];
  if (known.size === 0) return { before };
  const remaining: number[] = [];
  for (let i = 0; i < batch.ends.length; i++) {
    const at = startOf(batch, i) + EVENT_ID_COLUMN;
    const id = batch.bytes.toString('latin1', at, at + EVENT_ID_LENGTH);
    if (known.take(id)) before.push(id);
    else remaining.push(i);
  }
  return { remaining, before };
}
