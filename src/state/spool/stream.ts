import type { Logger } from '../../core/log.ts';
import type {
  End,
  Framing,
  Journal,
  JournalRecord,
  Lost,
  NewRecord,
  Position,
  Source,
} from '../../core/source.ts';
import { Seal } from '../../framing/journal-record/seal.ts';
import { Admission } from './admission/admission.ts';
import type { Budget } from './admission/budget.ts';
import { Groups } from './admission/groups.ts';
import { Room, type WhenFull } from './admission/room.ts';
import { Tail, type End as TailEnd, type TailEvents } from './admission/tail.ts';
import { Ages } from './ages.ts';
import { Losses } from './losses.ts';
import { ReadTrouble } from './read-trouble.ts';
import { Readers } from './readers.ts';
import type { Disk } from './segments/disk.ts';
import { SEGMENT_HEADER_BYTES } from './segments/format.ts';
import type { Segment } from './segments/segment.ts';
import { type CipherOf, Segments } from './segments/segments.ts';
import type { StreamStatus } from './status.ts';

/** A group of this size is committed whether somebody waits for it or not. */
const GROUP_BYTES = 1024 * 1024;
/**
 * Bytes before the end that are kept though all outputs have them: what a sender may repeat is recognised by them. Room for
 * as many small messages as a broker may have in flight, 65,535.
 */
const RECENT_BYTES = 16 * 1024 * 1024;

interface StreamOptions {
  readonly input: string;
  /** The file whose lines it holds; undefined: they come from elsewhere. */
  readonly path?: string | undefined;
  readonly directory: string;
  readonly disk: Disk;
  readonly budget: Budget;
  readonly log: Logger;
  readonly id: string;
  readonly salt: number;
  /** Name of the key that encrypts new records; empty: none does. */
  readonly key: string;
  readonly cipherOf: CipherOf;
  /** Oldest first. */
  readonly segments: readonly Segment[];
  readonly end: TailEnd;
  readonly segmentBytes: number;
  readonly syncMs: number;
  readonly whenFull: WhenFull;
}

/** The journal of one input on disk. Written at its end, read by each output on its own, removed at its beginning. */
export class SpoolStream implements Journal, Source, TailEvents {
  readonly id: string;
  readonly input: string;
  readonly path?: string;
  readonly durable = true;
  private readonly budget: Budget;
  private readonly log: Logger;
  private readonly recentBytes: number;
  private readonly segments: Segments;
  private readonly reading: ReadTrouble;
  private readonly space: Room;
  private readonly tail: Tail;
  private readonly groups: Groups;
  private readonly admission: Admission;
  private readonly ages = new Ages();
  private readonly losses: Losses;
  private readonly readers = new Readers();
  private nextSequence: number;
  private closed = false;
  /** Why a full spool could not be emptied of what nobody needs. */
  private stuck: string | undefined;

  constructor(options: StreamOptions) {
    const { input, directory, disk, budget, log, id, salt, segments, end, segmentBytes, syncMs, whenFull } =
      options;
    const { path, key, cipherOf } = options;
    this.id = id;
    this.input = input;
    if (path !== undefined) this.path = path;
    this.budget = budget;
    this.losses = new Losses(input);
    this.log = log;
    this.recentBytes = Math.min(RECENT_BYTES, segmentBytes);
    this.nextSequence = end.next;
    const seal = new Seal(salt);
    this.reading = new ReadTrouble(input, log);
    this.segments = new Segments({
      disk,
      seal,
      cipherOf,
      segments,
      end: () => this.endPosition,
      damaged: this.reading.damaged,
      unreadable: this.reading.tell,
    });
    // Notes of this run are in memory.
    const dropped = async (segment: Segment): Promise<void> => {
      if (segment.base < end.offset) await this.segments.records(segment, this.losses.found);
    };
    this.space = new Room({ input, budget, segments: this.segments, whenFull, log, dropped });
    this.tail = new Tail({ disk, directory, stream: id, salt, key, segmentBytes, end, events: this });
    this.groups = new Groups({
      seal,
      cipher: cipherOf(key),
      syncMs,
      groupBytes: Math.min(GROUP_BYTES, segmentBytes),
      commit: (bytes, records) => this.tail.commit(bytes, records),
      written: () => this.budget.wake(),
    });
    this.admission = new Admission(budget, this.space, this.tail, this.groups);
    for (const segment of segments) this.ages.add(segment.base, segment.createdMs);
  }

  framing(): Framing {
    return 'journal';
  }

  /** Only what is synced: an output never sees a record that a crash could take back. */
  size(): number {
    return this.tail.end;
  }

  recordsBehind({ before }: Position): number {
    return this.tail.next - Math.max(Number(before), Number(this.beginning.before));
  }

  /** The oldest record that is kept. */
  get beginning(): Position {
    const first = this.segments.at(0);
    return first === undefined
      ? this.endPosition
      : { offset: first.base, before: String(first.baseSequence) };
  }

  append(record: NewRecord): Promise<void> | undefined {
    if (this.closed || !this.admission.admits(record)) return undefined;
    if (record.type === 'note') this.losses.noted(this.nextSequence, record.note);
    return this.groups.append(record, this.nextSequence++);
  }

  /** They are committed together: the room that one finds is found by all. */
  appendAll(records: readonly NewRecord[]): Promise<void> | undefined {
    const [first, ...rest] = records;
    let kept = first && this.append(first);
    if (kept === undefined) return undefined;
    for (const record of rest) kept = this.groups.append(record, this.nextSequence++);
    return kept;
  }

  relief(): Promise<void> | undefined {
    return this.groups.relief();
  }

  room(signal: AbortSignal): Promise<void> {
    return this.admission.room(signal);
  }

  recent(visit: (record: JournalRecord, id: string) => void): Promise<void> {
    return this.segments.lastRecords(this.recentBytes, visit);
  }

  read(offset: number, into: Buffer): Promise<number> {
    return this.segments.read(offset, into);
  }

  async wait({ offset }: Position, held: number, signal: AbortSignal): Promise<'more' | Lost | End> {
    for (;;) {
      const missing = this.segments.missing(offset);
      if (missing !== undefined) {
        await this.space.looked;
        return this.losses.before(missing.to, missing.why === 'hole' && this.space.drops);
      }
      if (this.tail.end > offset + held) return 'more';
      if (this.closed && this.groups.pendingBytes === 0) return {};
      await this.readers.sleep(signal);
    }
  }

  settled(output: string, offset: number, needed: number): void {
    this.readers.settled(output, offset, needed);
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
    void this.append({ type: 'note', note: this.losses.all() });
  }

  /** Offset before which no output will read again. */
  get needed(): number {
    return this.readers.needed;
  }

  /** Removes segments before an offset that `needed` gave; the cursors have been saved since. */
  async trim(needed: number): Promise<void> {
    const isTight = !this.budget.hasRoom(0);
    // A last segment that nobody needs must not be what fills the spool.
    const stuck = isTight && this.tail.end <= needed ? await this.tail.renew() : undefined;
    if (stuck !== undefined && stuck !== this.stuck) this.log.error({ input: this.input }, stuck);
    this.stuck = stuck;
    for (let next = this.segments.at(1); next !== undefined; next = this.segments.at(1)) {
      if (next.base > needed || (!isTight && this.tail.end - next.base < this.recentBytes)) return;
      await this.space.removeOldest();
    }
  }

  status(): StreamStatus {
    const { segments, input } = this;
    const { slowest } = this.readers;
    return {
      input,
      segments: segments.count,
      bytes: segments.bytes,
      oldestSeconds: slowest >= this.tail.end ? 0 : this.ages.seconds(slowest),
      problem: this.tail.problem ?? this.stuck ?? this.reading.problem ?? this.admission.problem,
    };
  }

  begun(segment: Segment): void {
    this.segments.add(segment);
    this.budget.add(SEGMENT_HEADER_BYTES);
  }

  committed(bytes: number): void {
    this.budget.add(bytes);
    this.ages.add(this.tail.end - bytes, Date.now());
    this.readers.wakeSoon();
  }

  makeRoom(): Promise<boolean> {
    return this.space.makeOnDisk();
  }

  troubled(problem: string | undefined): void {
    if (problem === undefined) this.log.info({ input: this.input }, 'the spool can be written again');
    else this.log.error({ input: this.input }, problem);
    this.budget.wake();
  }

  private get endPosition(): Position {
    return { offset: this.tail.end, before: String(this.tail.next) };
  }
}
