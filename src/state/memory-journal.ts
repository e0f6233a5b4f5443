import { randomBytes, randomFillSync } from 'node:crypto';
import type { End, Framing, Journal, JournalRecord, Position, Source } from '../core/source.ts';
import { encodeRecord, type Reserve } from '../framing/journal-record.ts';

const SEGMENT_BYTES = 256 * 1024;
/** Random part of the id of a record: 36 of the 40 digits of `event.id`. */
const ID_BYTES = 18;

const ADMITTED = Promise.resolve();

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
  /** Drawn many at a time: one call per record would cost as much as all the rest. */
  private readonly ids = Buffer.alloc(ID_BYTES * 256);
  private nextId = this.ids.length;
  private end = 0;
  private start = 0;
  private closed = false;
  private waking = false;

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
    if (this.nextId === this.ids.length) {
      randomFillSync(this.ids);
      this.nextId = 0;
    }
    encodeRecord(record, this.ids, this.nextId, this.reserve);
    this.nextId += ID_BYTES;
    this.wakeReaders();
    return ADMITTED;
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

  /** What arrives in one turn of the event loop is read at once: a reader costs as much for one record as for hundreds. */
  private wakeReaders(): void {
    if (this.waking || this.readers.size === 0) return;
    this.waking = true;
    setImmediate(() => {
      this.waking = false;
      wake(this.readers);
    });
  }

  private readonly reserve: Reserve = (sizeBytes) => {
    let segment = this.segments.at(-1);
    if (segment === undefined || segment.length + sizeBytes > segment.bytes.length) {
      const bytes = Buffer.allocUnsafeSlow(Math.max(SEGMENT_BYTES, sizeBytes));
      segment = { bytes, offset: this.end, length: 0 };
      this.segments.push(segment);
    }
    const at = segment.length;
    segment.length += sizeBytes;
    this.end += sizeBytes;
    return { bytes: segment.bytes, at };
  };
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
