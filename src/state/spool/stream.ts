import { reasonOf } from '../../core/errors.ts';
import type { Logger } from '../../core/input.ts';
import type {
  End,
  Framing,
  Journal,
  JournalRecord,
  Lost,
  Note,
  Position,
  Source,
} from '../../core/source.ts';
import { decodeRecords, Seal } from '../../framing/journal-record.ts';
import { Sleepers } from '../sleepers.ts';
import { Ages } from './ages.ts';
import type { Budget } from './budget.ts';
import type { Disk } from './disk.ts';
import { SEGMENT_HEADER_BYTES } from './format.ts';
import { Groups } from './groups.ts';
import type { Segment } from './segment.ts';
import { type Missing, Segments } from './segments.ts';
import { Tail, type TailEvents } from './tail.ts';

/** A group of this size is committed whether somebody waits for it or not. */
const GROUP_BYTES = 1024 * 1024;
/** Bytes that wait for the disk at most; an input is held when it does not keep up. */
const PENDING_BYTES = 4 * 1024 * 1024;
/** Bytes before the end that are kept though all outputs have them: what a sender may repeat is recognised by them. */
const RECENT_BYTES = 16 * 1024 * 1024;
const REPEAT_MS = 60_000;

/** What to do with a record when there is no room: hold the input, or remove the oldest segment of its stream. */
export type WhenFull = 'block' | 'drop_oldest';

/** What `status` shows of a stream. */
export interface StreamStatus {
  readonly input: string;
  readonly segments: number;
  readonly bytes: number;
  /** Age of the oldest record that an output has not settled; 0: all are. */
  readonly oldestSeconds: number;
  /** Why its input is held, or why nothing can be written. */
  readonly problem: string | undefined;
}

export interface StreamOptions {
  readonly input: string;
  readonly directory: string;
  readonly disk: Disk;
  readonly budget: Budget;
  readonly log: Logger;
  readonly id: string;
  readonly salt: number;
  /** Oldest first. */
  readonly segments: readonly Segment[];
  readonly end: { readonly offset: number; readonly next: number; readonly segment: Segment | undefined };
  readonly segmentBytes: number;
  readonly syncMs: number;
  readonly whenFull: WhenFull;
}

/** The journal of one input on disk. Written at its end, read by each output on its own, removed at its beginning. */
export class SpoolStream implements Journal, Source, TailEvents {
  readonly id: string;
  readonly input: string;
  readonly durable = true;
  private readonly budget: Budget;
  private readonly log: Logger;
  private readonly whenFull: WhenFull;
  private readonly recentBytes: number;
  private readonly segments: Segments;
  private readonly tail: Tail;
  private readonly groups: Groups;
  private readonly ages = new Ages();
  private readonly readers = new Sleepers();
  private readonly cursors = new Map<string, { offset: number; needed: number }>();
  private nextSequence: number;
  private closed = false;
  private held = false;
  private waking = false;
  private lastDrop = 0;

  constructor(options: StreamOptions) {
    this.id = options.id;
    this.input = options.input;
    this.budget = options.budget;
    this.log = options.log;
    this.whenFull = options.whenFull;
    this.recentBytes = Math.min(RECENT_BYTES, options.segmentBytes);
    this.nextSequence = options.end.next;
    const seal = new Seal(options.salt);
    this.segments = new Segments({
      disk: options.disk,
      seal,
      segments: options.segments,
      end: () => this.endPosition,
      damaged: (file, offset, bytes) =>
        this.log.error({ input: this.input, file, offset, bytes }, 'the spool is damaged'),
    });
    const { disk, directory, id, salt, segmentBytes, end } = options;
    this.tail = new Tail({ disk, directory, stream: id, salt, segmentBytes, end, events: this });
    this.groups = new Groups({
      seal,
      syncMs: options.syncMs,
      groupBytes: Math.min(GROUP_BYTES, segmentBytes),
      commit: (bytes, records) => this.tail.commit(bytes, records),
    });
    for (const segment of options.segments) this.ages.add(segment.base, segment.createdMs);
  }

  framing(): Framing {
    return 'journal';
  }

  /** Only what is synced: an output never sees a record that a crash could take back. */
  size(): number {
    return this.tail.end;
  }

  /** The oldest record that is kept. */
  get beginning(): Position {
    const first = this.segments.at(0);
    return first === undefined
      ? this.endPosition
      : { offset: first.base, before: String(first.baseSequence) };
  }

  append(record: JournalRecord): Promise<void> | undefined {
    if (this.closed) return undefined;
    if (!this.admits(record)) {
      this.held = true;
      return undefined;
    }
    return this.groups.append(record, this.nextSequence++, isAwaited(record));
  }

  relief(): Promise<void> | undefined {
    return this.groups.relief();
  }

  async room(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom()) await this.budget.change(signal);
    this.held = false;
  }

  recent(visit: (record: JournalRecord) => void): Promise<void> {
    return this.segments.walkLast(this.recentBytes, (finding) => {
      if (finding.type !== 'records') return;
      const { bytes, offset } = finding;
      decodeRecords(bytes, bytes.length, offset, (record) => {
        visit(record);
        return 'more';
      });
    });
  }

  read(offset: number, into: Buffer): Promise<number> {
    return this.segments.read(offset, into);
  }

  async wait({ offset }: Position, held: number, signal: AbortSignal): Promise<'more' | Lost | End> {
    for (;;) {
      const missing = this.segments.missing(offset);
      if (missing !== undefined) return { to: missing.to, tell: (records) => this.gap(records, missing.why) };
      if (this.tail.end > offset + held) return 'more';
      if (this.closed && this.groups.pendingBytes === 0) return {};
      await this.readers.sleep(signal);
    }
  }

  settled(output: string, offset: number, needed: number): void {
    this.cursors.set(output, { offset, needed });
  }

  close(): void {
    this.closed = true;
    this.readers.wake();
  }

  /** Writes what was admitted, within `timeoutMs`; what then is not safe was not acknowledged. */
  async end(timeoutMs: number): Promise<void> {
    this.close();
    const late = setTimeout(() => void this.tail.close(), timeoutMs);
    await this.groups.flush();
    clearTimeout(late);
    await this.tail.close();
    await this.segments.close();
  }

  /** Says that nothing of an earlier stream can be read. */
  tellLoss(): void {
    const message = `the spool of input ${this.input} was damaged: what it held cannot be read`;
    const fields = { 'mqtt.probe.input.name': this.input };
    const note: Note = { action: 'input-gap', seen: Date.now(), reason: 'spool_damaged', message, fields };
    void this.append({ type: 'note', note });
  }

  /** Offset before which no output will read again. */
  get needed(): number {
    return Math.min(...[...this.cursors.values()].map(({ needed }) => needed));
  }

  /** Removes segments before an offset that `needed` gave; the cursors have been saved since. */
  async trim(needed: number): Promise<void> {
    const isTight = !this.budget.hasRoom(0);
    // A last segment that nobody needs must not be what fills the spool.
    if (isTight && this.tail.end <= needed) await this.tail.renew();
    for (let next = this.segments.at(1); next !== undefined; next = this.segments.at(1)) {
      if (next.base > needed || (!isTight && this.tail.end - next.base < this.recentBytes)) return;
      await this.removeFirst();
    }
  }

  status(): StreamStatus {
    const { segments, input } = this;
    const slowest = Math.min(...[...this.cursors.values()].map(({ offset }) => offset));
    const since = slowest >= this.tail.end ? undefined : this.ages.at(slowest);
    const full = `the spool is full (spool.size ${this.budget.sizeBytes} bytes): the outputs do not keep up; input ${input} is held`;
    return {
      input,
      segments: segments.count,
      bytes: segments.bytes,
      oldestSeconds: since === undefined ? 0 : Math.max(0, (Date.now() - since) / 1000),
      problem: this.tail.problem ?? (this.held ? full : undefined),
    };
  }

  begun(segment: Segment): void {
    this.segments.add(segment);
    this.budget.add(SEGMENT_HEADER_BYTES);
  }

  committed(bytes: number): void {
    this.budget.add(bytes);
    this.ages.add(this.tail.end - bytes, Date.now());
    this.budget.wake();
    // What arrives in one turn of the event loop is read at once: a reader costs as much for one record as for hundreds.
    if (this.waking || this.readers.size === 0) return;
    this.waking = true;
    setImmediate(() => {
      this.waking = false;
      this.readers.wake();
    });
  }

  async makeRoom(): Promise<boolean> {
    if (this.whenFull !== 'drop_oldest' || this.segments.count < 2) return false;
    await this.dropOldest();
    return true;
  }

  troubled(problem: string | undefined): void {
    if (problem === undefined) this.log.info({ input: this.input }, 'the spool can be written again');
    else this.log.error({ input: this.input }, problem);
    this.budget.wake();
  }

  private hasRoom(): boolean {
    const { pendingBytes } = this.groups;
    if (this.tail.problem !== undefined || pendingBytes > PENDING_BYTES / 2) return false;
    return this.budget.hasRoom(pendingBytes) || (this.whenFull === 'drop_oldest' && this.segments.count > 1);
  }

  private admits(record: JournalRecord): boolean {
    const { pendingBytes } = this.groups;
    if (pendingBytes >= PENDING_BYTES) return false;
    // Notes are small and tell of what is missing: they are taken beyond the limit.
    if (record.type === 'note') return true;
    if (this.tail.problem !== undefined) return false;
    while (this.budget.isFull(pendingBytes)) {
      if (this.whenFull !== 'drop_oldest' || this.segments.count < 2) return false;
      void this.dropOldest();
    }
    return true;
  }

  private dropOldest(): Promise<void> {
    const now = Date.now();
    if (now - this.lastDrop > REPEAT_MS) {
      this.log.warn(
        { input: this.input },
        'the spool is full: the oldest records are dropped (spool.when_full)',
      );
    }
    this.lastDrop = now;
    return this.removeFirst();
  }

  private async removeFirst(): Promise<void> {
    const { bytes, removed } = this.segments.removeFirst();
    this.budget.add(-bytes);
    await removed.catch((error: unknown) => {
      this.log.warn({ input: this.input }, `a segment of the spool cannot be removed: ${reasonOf(error)}`);
    });
  }

  private get endPosition(): Position {
    return { offset: this.tail.end, before: String(this.tail.next) };
  }

  private gap(records: number, why: Missing['why']): Note {
    const reason = why === 'hole' && this.whenFull === 'drop_oldest' ? 'queue_full' : 'spool_damaged';
    const cause =
      reason === 'queue_full' ? 'were dropped from the full spool' : 'in the spool cannot be read';
    return {
      action: 'input-gap',
      seen: Date.now(),
      reason,
      message: `${records} records of input ${this.input} ${cause}`,
      fields: { 'mqtt.probe.input.name': this.input, 'mqtt.drop.count': records },
    };
  }
}

/** Nobody waits for a message of QoS 0 or for a note. */
function isAwaited(record: JournalRecord): boolean {
  return record.type === 'line' || (record.type === 'message' && record.message.qos > 0);
}
