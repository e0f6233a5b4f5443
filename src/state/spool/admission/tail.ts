import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, reasonOf } from '../../../core/errors.ts';
import type { Disk, DiskFile } from '../segments/disk.ts';
import { encodeHeader, SEGMENT_HEADER_BYTES, segmentName } from '../segments/format.ts';
import type { Segment } from '../segments/segment.ts';

/** Pause after a write that has failed. */
const RETRY_MS = 500;

/** What a tail does for its stream. */
export interface TailEvents {
  /** A segment was begun. */
  begun(segment: Segment): void;
  /** A group is safe. @param bytes its size */
  committed(bytes: number): void;
  /** The disk is full. @returns true when something was removed */
  makeRoom(): Promise<boolean>;
  /** It stopped working, or works again. */
  troubled(problem: string | undefined): void;
}

/** Where a stream ends. */
export interface End {
  readonly offset: number;
  /** Number of the next record. */
  readonly next: number;
  /** The segment that goes on; undefined: a new one begins. */
  readonly segment: Segment | undefined;
}

/**
 * The end of a stream, where groups are written and synced, one after the other. What cannot be written is tried again, at the
 * same place, until it works: nothing that was taken is given up but by a stop.
 */
export class Tail {
  private readonly disk: Disk;
  private readonly directory: string;
  private readonly stream: string;
  private readonly salt: number;
  private readonly key: string;
  private readonly segmentBytes: number;
  private readonly events: TailEvents;
  private readonly stopping = new AbortController();
  private offset: number;
  private sequence: number;
  private segment: Segment | undefined;
  private file: DiskFile | undefined;
  private trouble: string | undefined;
  /** What is being written; the next thing waits for it. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(options: {
    disk: Disk;
    directory: string;
    stream: string;
    salt: number;
    /** Name of the key of new segments; empty: none. */
    key: string;
    /** Size from which on a new segment begins. */
    segmentBytes: number;
    end: End;
    events: TailEvents;
  }) {
    this.disk = options.disk;
    this.directory = options.directory;
    this.stream = options.stream;
    this.salt = options.salt;
    this.key = options.key;
    this.segmentBytes = options.segmentBytes;
    this.events = options.events;
    this.offset = options.end.offset;
    this.sequence = options.end.next;
    this.segment = options.end.segment;
  }

  /** Offset behind the last record that is safe. */
  get end(): number {
    return this.offset;
  }

  /** Number of the record that will be there. */
  get next(): number {
    return this.sequence;
  }

  /** Why nothing can be written now. */
  get problem(): string | undefined {
    return this.trouble;
  }

  /**
   * Makes a group safe, however long it takes.
   * @returns false when the probe stops first
   */
  async commit(bytes: Buffer, records: number): Promise<boolean> {
    const { signal } = this.stopping;
    for (;;) {
      try {
        await this.inTurn(() => this.write(bytes, records));
        break;
      } catch (error) {
        if (signal.aborted) return false;
        if (hasCode(error, 'ENOSPC', 'EDQUOT') && (await this.events.makeRoom())) continue;
        this.report(problemOf(this.directory, error));
        await delay(RETRY_MS, undefined, { signal }).catch(() => {});
        if (signal.aborted) return false;
      }
    }
    this.report(undefined);
    this.events.committed(bytes.length);
    return true;
  }

  /**
   * Begins a new segment, unless the last one is empty, so that this one can be removed.
   * @returns why it could not; no input is held for that
   */
  renew(): Promise<string | undefined> {
    return this.inTurn(async () => {
      if (this.segment !== undefined && this.segment.length > 0) await this.begin();
      return undefined;
    }).catch((error: unknown) => problemOf(this.directory, error));
  }

  /** Gives up a write that does not work, and closes. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.file?.close().catch(() => {});
    this.file = undefined;
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.turn.then(act);
    this.turn = done.catch(() => {});
    return done;
  }

  private async write(bytes: Buffer, records: number): Promise<void> {
    const full = this.segment === undefined || this.segment.length >= this.segmentBytes;
    const segment = full ? await this.begin() : this.segment;
    if (segment === undefined) throw new RangeError('no segment');
    this.file ??= await this.disk.open(segment.file, 'write');
    await this.file.write(bytes, SEGMENT_HEADER_BYTES + segment.length);
    await this.file.sync();
    segment.length += bytes.length;
    this.offset += bytes.length;
    this.sequence += records;
  }

  private async begin(): Promise<Segment> {
    await this.disk.makeDirectory(this.directory);
    const file = path.join(this.directory, segmentName(this.offset));
    const header = {
      stream: this.stream,
      salt: this.salt,
      key: this.key,
      base: this.offset,
      baseSequence: this.sequence,
      createdMs: Date.now(),
    };
    const handle = await this.disk.open(file, 'create');
    try {
      await handle.write(encodeHeader(header), 0);
      await handle.sync();
      await this.disk.syncDirectory(this.directory);
      await this.disk.syncDirectory(path.dirname(this.directory));
    } catch (error) {
      await handle.close();
      throw error;
    }
    await this.file?.close();
    this.file = handle;
    this.segment = { ...header, file, length: 0 };
    this.events.begun(this.segment);
    return this.segment;
  }

  private report(problem: string | undefined): void {
    if (problem === this.trouble) return;
    this.trouble = problem;
    this.events.troubled(problem);
  }
}

function problemOf(directory: string, error: unknown): string {
  return `the spool ${directory} cannot be written (${reasonOf(error)}): ${remedy(error)}`;
}

function remedy(error: unknown): string {
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return 'make room, or set a smaller "spool.size"; inputs are held';
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return 'give brokertap the right to write; inputs are held';
  return 'look at the disk; inputs are held';
}
