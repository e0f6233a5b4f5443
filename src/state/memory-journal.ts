import { randomBytes } from 'node:crypto';
import type { End, Framing, Journal, JournalRecord, Position, Source } from '../core/source.ts';
import { encodeRecord } from '../framing/journal-record.ts';

const SEGMENT_BYTES = 256 * 1024;
/** Random part of the id of a record: 36 of the 40 digits of `event.id`. */
const ID_BYTES = 18;

interface Segment {
  readonly bytes: Buffer;
  readonly offset: number;
  length: number;
}

/**
 * A journal in memory, bounded: what it holds is gone with the process. Records lie in segments; a segment is dropped when
 * every output has settled all of it.
 */
export class MemoryJournal implements Journal, Source {
  readonly id: string = randomBytes(12).toString('hex');
  readonly durable = false;
  readonly input: string;
  private readonly capacityBytes: number;
  private readonly segments: Segment[] = [];
  private readonly cursors: Map<string, number>;
  private readonly readers = new Set<() => void>();
  private readonly writers = new Set<() => void>();
  private ids = Buffer.alloc(0);
  private end = 0;
  private start = 0;
  private closed = false;

  /** @param outputs names of all that will read it; nothing is dropped before each of them has settled it */
  constructor(input: string, outputs: readonly string[], capacityBytes: number) {
    this.input = input;
    this.cursors = new Map(outputs.map((name) => [name, 0]));
    this.capacityBytes = capacityBytes;
  }

  framing(): Framing {
    return 'journal';
  }

  size(): number {
    return this.end;
  }

  /** Bytes held now. */
  get heldBytes(): number {
    return this.end - this.start;
  }

  append(record: JournalRecord): Promise<void> | undefined {
    if (this.heldBytes >= this.capacityBytes) return undefined;
    const bytes = encodeRecord(record, this.nextId());
    let segment = this.segments.at(-1);
    if (segment === undefined || segment.length + bytes.length > segment.bytes.length) {
      segment = {
        bytes: Buffer.allocUnsafeSlow(Math.max(SEGMENT_BYTES, bytes.length)),
        offset: this.end,
        length: 0,
      };
      this.segments.push(segment);
    }
    bytes.copy(segment.bytes, segment.length);
    segment.length += bytes.length;
    this.end += bytes.length;
    wake(this.readers);
    return Promise.resolve();
  }

  async room(signal: AbortSignal): Promise<void> {
    while (this.heldBytes > this.capacityBytes / 2) await sleep(this.writers, signal);
  }

  async read(offset: number, into: Buffer): Promise<number> {
    let done = 0;
    for (const segment of this.segments) {
      const from = offset + done - segment.offset;
      if (from < 0 || from >= segment.length) continue;
      done += segment.bytes.copy(into, done, from, segment.length);
      if (done === into.length) break;
    }
    return done;
  }

  async wait(position: Position, held: number, signal: AbortSignal): Promise<'more' | End> {
    for (;;) {
      if (this.end > position.offset + held) return 'more';
      if (this.closed) return {};
      await sleep(this.readers, signal);
    }
  }

  settled(output: string, offset: number): void {
    this.cursors.set(output, offset);
    this.start = Math.min(...this.cursors.values());
    for (let first = this.segments[0]; first !== undefined; first = this.segments[0]) {
      if (first.offset + first.length > this.start || first === this.segments.at(-1)) break;
      this.segments.shift();
    }
    if (this.heldBytes <= this.capacityBytes / 2) wake(this.writers);
  }

  /** Nothing more will be appended. */
  close(): void {
    this.closed = true;
    wake(this.readers);
  }

  /** Random bytes are drawn many at a time: one call per record would cost as much as all the rest. */
  private nextId(): Buffer {
    if (this.ids.length < ID_BYTES) this.ids = randomBytes(ID_BYTES * 256);
    const id = this.ids.subarray(0, ID_BYTES);
    this.ids = this.ids.subarray(ID_BYTES);
    return id;
  }
}

function wake(sleepers: Set<() => void>): void {
  for (const wakeUp of sleepers) wakeUp();
  sleepers.clear();
}

function sleep(sleepers: Set<() => void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      sleepers.delete(wakeUp);
      reject(signal.reason);
    };
    const wakeUp = (): void => {
      signal.removeEventListener('abort', abort);
      resolve();
    };
    signal.addEventListener('abort', abort, { once: true });
    sleepers.add(wakeUp);
  });
}
