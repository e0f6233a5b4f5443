import { RetryableError, reasonOf } from '../../../core/errors.ts';
import type { JournalRecord, Position } from '../../../core/source.ts';
import type { RecordCipher } from '../../../framing/journal-record/cipher.ts';
import { decodeRecords } from '../../../framing/journal-record/decode.ts';
import { recordSequence, viewOf } from '../../../framing/journal-record/layout.ts';
import type { Seal } from '../../../framing/journal-record/seal.ts';
import type { Disk } from './disk.ts';
import { checkRecords, SEGMENT_HEADER_BYTES } from './format.ts';
import { ATTEMPTS, isUnreadable, type Readable, readAround } from './read-around.ts';
import { endOf, type Finding, Handles, resume, type Segment, sizeOf, walk } from './segment.ts';

/** Files that stay open for readers. */
const OPEN_FILES = 4;

/** Gives what reads records that are encrypted with the key of that name. */
export type CipherOf = (key: string) => RecordCipher | undefined;

/** A stretch that cannot be read. */
interface Missing {
  /** Where reading goes on. */
  readonly to: Position;
  /** `hole`: there is no segment; `damage`: what is there is not what was written. */
  readonly why: 'hole' | 'damage';
}

/** The segments of a stream as readers see them: checked bytes at offsets, and what is missing between them. */
export class Segments {
  private readonly disk: Disk;
  private readonly seal: Seal;
  private readonly cipherOf: CipherOf;
  private readonly end: () => Position;
  private readonly damaged: (file: string, offset: number, bytes: number) => void;
  private readonly unreadable: (problem: string | undefined) => void;
  /** Attempts that have failed, by offset. */
  private readonly failures = new Map<number, number>();
  /** Offsets at which the last attempt has failed. */
  private readonly failing = new Set<number>();
  private readonly list: Segment[];
  private readonly handles: Handles;
  /** Damage that was found, by the offset at which it begins. */
  private readonly damages = new Map<number, Missing>();

  constructor(options: {
    disk: Disk;
    seal: Seal;
    cipherOf: CipherOf;
    /** Oldest first. */
    segments: readonly Segment[];
    /** The present end of the stream. */
    end: () => Position;
    /** Told of damage when it is found. */
    damaged: (file: string, offset: number, bytes: number) => void;
    /** Told when something cannot be read, and when reading works again. */
    unreadable: (problem: string | undefined) => void;
  }) {
    this.disk = options.disk;
    this.seal = options.seal;
    this.cipherOf = options.cipherOf;
    this.list = [...options.segments];
    this.end = options.end;
    this.damaged = options.damaged;
    this.unreadable = options.unreadable;
    this.handles = new Handles(options.disk, OPEN_FILES);
  }

  get count(): number {
    return this.list.length;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.list.reduce((sum, segment) => sum + sizeOf(segment), 0);
  }

  /** The segment at a place in the list; the oldest is at 0. */
  at(index: number): Segment | undefined {
    return this.list[index];
  }

  add(segment: Segment): void {
    this.list.push(segment);
  }

  /**
   * Takes the oldest segment out; its file is removed soon after.
   * @param before looks into it first
   * @returns its bytes, and what settles when the file is gone
   */
  removeFirst(before?: (segment: Segment) => Promise<void>): { bytes: number; removed: Promise<void> } {
    const segment = this.list.shift();
    if (segment === undefined) return { bytes: 0, removed: Promise.resolve() };
    for (const places of [this.damages, this.failures, this.failing])
      for (const offset of places.keys()) if (offset < endOf(segment)) places.delete(offset);
    const remove = async (): Promise<void> => {
      await before?.(segment);
      await this.handles.forget(segment.file);
      await this.disk.remove(segment.file);
    };
    return { bytes: sizeOf(segment), removed: remove() };
  }

  /** What is missing at an offset; undefined when there is a segment that was not found damaged there, or the end. */
  missing(offset: number): Missing | undefined {
    const damage = this.damages.get(offset);
    if (damage !== undefined || offset >= this.end().offset || this.holding(offset) !== undefined)
      return damage;
    return { to: this.following(offset), why: 'hole' };
  }

  /** Reads as `Source.read` does. What the disk does not give after some attempts is damage like any other. */
  async read(offset: number, into: Buffer): Promise<number> {
    const segment = this.holding(offset);
    if (segment === undefined) return 0;
    const failures = this.failures.get(offset) ?? 0;
    try {
      const length = await this.handles.use(segment.file, (file) =>
        this.readFrom(failures < ATTEMPTS ? file : readAround(file), segment, offset, into),
      );
      if (this.failing.delete(offset) && this.failing.size === 0) this.unreadable(undefined);
      return length;
    } catch (error) {
      // It was removed meanwhile: there is a hole now.
      if (!this.list.includes(segment)) return 0;
      const problem = `${segment.file} cannot be read: ${reasonOf(error)}`;
      if (isUnreadable(error)) this.failures.set(offset, failures + 1);
      this.failing.add(offset);
      this.unreadable(problem);
      throw new RetryableError(problem, { cause: error });
    }
  }

  /** Visits the records of the last segments, of at least so many bytes together. */
  async lastRecords(bytes: number, visit: (record: JournalRecord, id: string) => void): Promise<void> {
    const first = this.list.findLastIndex(({ base }) => this.end().offset - base >= bytes);
    for (const segment of this.list.slice(Math.max(0, first))) await this.records(segment, visit);
  }

  /** Visits the records of a segment, with their numbers. */
  async records(
    segment: Segment,
    visit: (record: JournalRecord, id: string, sequence: number) => void,
  ): Promise<void> {
    const cipher = this.cipherOf(segment.key);
    // Every output has it, and its key is not known any more.
    if (segment.key !== '' && cipher === undefined) return;
    const visitAll = (finding: Finding): void => {
      if (finding.type !== 'records') return;
      const { bytes, offset } = finding;
      const view = viewOf(bytes);
      const end = cipher?.decrypt(bytes, bytes.length) ?? bytes.length;
      decodeRecords(bytes, end, offset, (record, id, at) => {
        visit(record, id, recordSequence(view, at - offset));
        return 'more';
      });
    };
    await this.handles.use(segment.file, (file) => walk(readAround(file), segment, segment.base, visitAll));
  }

  close(): Promise<void> {
    return this.handles.closeAll();
  }

  private async readFrom(file: Readable, segment: Segment, offset: number, into: Buffer): Promise<number> {
    const room = endOf(segment) - offset;
    const part = into.length <= room ? into : into.subarray(0, room);
    const length = await file.read(part, SEGMENT_HEADER_BYTES + offset - segment.base);
    const short = length < part.length;
    const { end, next, damaged } = checkRecords(part, length, short ? length : room, this.seal);
    const clear = this.cipherOf(segment.key)?.decrypt(part, end) ?? end;
    if (clear < end || damaged || (short && end === length)) {
      await this.findDamage(file, segment, offset + clear, clear < end ? undefined : next);
      return clear;
    }
    return end > 0 ? end : length;
  }

  private async findDamage(
    file: Readable,
    segment: Segment,
    offset: number,
    sequence: number | undefined,
  ): Promise<void> {
    const good = await resume(file, segment, offset, sequence);
    const to = good && { offset: good.to, before: String(good.sequence) };
    const damage: Missing = { to: to ?? this.following(offset), why: 'damage' };
    if (!this.damages.has(offset)) this.damaged(segment.file, offset, damage.to.offset - offset);
    this.damages.set(offset, damage);
  }

  /** The first place behind an offset at which a segment begins; else the end. */
  private following(offset: number): Position {
    const segment = this.list.find(({ base }) => base > offset);
    return segment === undefined
      ? this.end()
      : { offset: segment.base, before: String(segment.baseSequence) };
  }

  private holding(offset: number): Segment | undefined {
    const segment = this.list.findLast(({ base }) => base <= offset);
    return segment !== undefined && offset < endOf(segment) ? segment : undefined;
  }
}
