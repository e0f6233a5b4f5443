import { randomBytes } from 'node:crypto';
import type { End, Framing, Journal, NewRecord, Position, Source } from '../core/source.ts';
import { Sleepers } from '../core/waiting/sleepers.ts';
import { encodeRecord } from '../framing/journal-record/encode.ts';
import { RecordIds } from '../framing/journal-record/ids.ts';
import { viewOf } from '../framing/journal-record/layout.ts';
import type { RecordRun } from '../framing/journal-record/run.ts';

const SEGMENT_BYTES = 256 * 1024;

const ADMITTED = Promise.resolve();

interface Segment {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly offset: number;
  length: number;
}

/** Where records lie: a record that finds no room in the last segment begins another one. */
class Segments implements RecordRun {
  readonly list: [Segment, ...Segment[]] = [newSegment(SEGMENT_BYTES, 0)];

  get bytes(): Buffer {
    return this.last.bytes;
  }

  get view(): DataView {
    return this.last.view;
  }

  get length(): number {
    return this.last.length;
  }

  set length(bytes: number) {
    this.last.length = bytes;
  }

  /** Offset behind all records. */
  get end(): number {
    const { offset, length } = this.last;
    return offset + length;
  }

  reserve(sizeBytes: number): void {
    if (this.length + sizeBytes <= this.bytes.length) return;
    this.list.push(newSegment(Math.max(SEGMENT_BYTES, sizeBytes), this.end));
  }

  /** Drops the segments that lie before an offset, but never the last. */
  dropBefore(offset: number): void {
    for (let next = this.list[1]; next !== undefined && next.offset <= offset; next = this.list[1])
      this.list.shift();
  }

  private get last(): Segment {
    return this.list.at(-1) ?? this.list[0];
  }
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
  private readonly segments = new Segments();
  private readonly cursors: Map<string, number>;
  private readonly readers = new Sleepers();
  private readonly writers = new Sleepers();
  private readonly ids = new RecordIds();
  private sequence = 0;
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
    return this.segments.end;
  }

  /** Bytes held now. */
  get heldBytes(): number {
    return this.segments.end - this.start;
  }

  append(record: NewRecord): Promise<void> | undefined {
    if (this.heldBytes >= this.capacityBytes) return undefined;
    encodeRecord(record, this.sequence++, this.ids, this.segments);
    this.wakeReaders();
    return ADMITTED;
  }

  appendAll(records: readonly NewRecord[]): Promise<void> | undefined {
    if (this.heldBytes >= this.capacityBytes) return undefined;
    for (const record of records) encodeRecord(record, this.sequence++, this.ids, this.segments);
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
    for (const segment of this.segments.list) {
      const from = offset + done - segment.offset;
      if (from < 0 || from >= segment.length) continue;
      done += segment.bytes.copy(into, done, from, segment.length);
      if (done === into.length) break;
    }
    return done;
  }

  async wait(position: Position, held: number, signal: AbortSignal): Promise<'more' | End> {
    for (;;) {
      if (this.segments.end > position.offset + held) return 'more';
      if (this.closed) return {};
      await this.readers.sleep(signal);
    }
  }

  settled(output: string, _offset: number, needed: number): void {
    this.cursors.set(output, needed);
    this.start = Math.min(...this.cursors.values());
    this.segments.dropBefore(this.start);
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
}

function newSegment(sizeBytes: number, offset: number): Segment {
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  return { bytes, view: viewOf(bytes), offset, length: 0 };
}
