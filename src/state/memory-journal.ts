import { randomBytes } from 'node:crypto';
import type { End, Framing, Journal, JournalRecord, Position, Source } from '../core/source.ts';
import { encodeRecord, type Reserve } from '../framing/journal-record/encode.ts';
import { RecordIds } from '../framing/journal-record/ids.ts';
import { Sleepers } from './sleepers.ts';

const SEGMENT_BYTES = 256 * 1024;

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
  private readonly readers = new Sleepers();
  private readonly writers = new Sleepers();
  private readonly ids = new RecordIds();
  private sequence = 0;
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
    encodeRecord(record, this.sequence++, this.ids, this.reserve);
    this.wakeReaders();
    return ADMITTED;
  }

  appendAll(records: readonly JournalRecord[]): Promise<void> | undefined {
    if (this.heldBytes >= this.capacityBytes) return undefined;
    for (const record of records) encodeRecord(record, this.sequence++, this.ids, this.reserve);
    this.wakeReaders();
    return ADMITTED;
  }

  relief(): undefined {
    return undefined;
  }

  async room(signal: AbortSignal): Promise<void> {
    while (this.heldBytes > this.capacityBytes / 2) await this.writers.sleep(signal);
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
      await this.readers.sleep(signal);
    }
  }

  settled(output: string, _offset: number, needed: number): void {
    this.cursors.set(output, needed);
    this.start = Math.min(...this.cursors.values());
    for (let first = this.segments[0]; first !== undefined; first = this.segments[0]) {
      if (first.offset + first.length > this.start || first === this.segments.at(-1)) break;
      this.segments.shift();
    }
    if (this.heldBytes <= this.capacityBytes / 2) this.writers.wake();
  }

  async recent(): Promise<void> {
    // Nothing is left of earlier runs.
  }

  /** Nothing more will be appended. */
  close(): void {
    this.closed = true;
    this.readers.wake();
  }

  /** What arrives in one turn of the event loop is read at once: a reader costs as much for one record as for hundreds. */
  private wakeReaders(): void {
    if (this.waking || this.readers.size === 0) return;
    this.waking = true;
    setImmediate(() => {
      this.waking = false;
      this.readers.wake();
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
