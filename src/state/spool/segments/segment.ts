import { recordSequence, viewOf } from '../../../framing/journal-record/layout.ts';
import { Seal } from '../../../framing/journal-record/seal.ts';
import type { Disk, DiskFile } from './disk.ts';
import { checkRecords, findRecord, SEGMENT_HEADER_BYTES, type SegmentHeader } from './format.ts';
import type { Readable } from './read-around.ts';

/** Bytes that are checked at once. */
const WINDOW_BYTES = 1024 * 1024;

/** One file of a stream. */
export interface Segment extends SegmentHeader {
  readonly file: string;
  /** Bytes of records. */
  length: number;
}

/** Offset behind the last record of a segment. */
export function endOf(segment: Segment): number {
  return segment.base + segment.length;
}

/** Bytes on disk. */
export function sizeOf(segment: Segment): number {
  return SEGMENT_HEADER_BYTES + segment.length;
}

/** Where reading can go on behind damage; `sequence`: number of the record there. */
interface Resumption {
  readonly to: number;
  readonly sequence: number;
}

/**
 * Finds where reading can go on behind a damaged record.
 * @param offset of the damaged record
 * @param sequence its number, where it is known
 * @returns undefined when there is no good record behind it in the segment
 */
export async function resume(
  file: Readable,
  segment: Segment,
  offset: number,
  sequence: number | undefined,
): Promise<Resumption | undefined> {
  const rest = Buffer.allocUnsafe(endOf(segment) - offset);
  const length = await file.read(rest, SEGMENT_HEADER_BYTES + offset - segment.base);
  const known =
    sequence === undefined
      ? { sequence: segment.baseSequence, bytesBefore: offset - segment.base }
      : { sequence, bytesBefore: 0 };
  const found = findRecord(rest.subarray(0, length), new Seal(segment.salt), known);
  return found && { to: offset + found.at, sequence: found.sequence };
}

/** What a walk through a segment finds, in order. */
export type Finding =
  | { readonly type: 'records'; readonly bytes: Buffer; readonly offset: number; readonly records: number }
  /** `to` undefined: nothing good follows. */
  | { readonly type: 'damage'; readonly offset: number; readonly to: Resumption | undefined };

/**
 * Checks all records of a segment.
 * @param from a record begins there
 * @returns offset behind the last good record, and the number of the one that has to follow
 */
export async function walk(
  file: Readable,
  segment: Segment,
  from: number,
  visit: (finding: Finding) => void,
): Promise<{ end: number; next: number }> {
  let window: Buffer = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, Math.max(1, endOf(segment) - from)));
  let offset = from;
  let next = from === segment.base ? segment.baseSequence : undefined;
  const seal = new Seal(segment.salt);
  for (;;) {
    const room = endOf(segment) - offset;
    const into = window.subarray(0, Math.min(window.length, room));
    const length = await file.read(into, SEGMENT_HEADER_BYTES + offset - segment.base);
    // What the file is too short for is damaged too.
    const checked = checkRecords(into, length, length < into.length ? length : room, seal, next);
    if (checked.end > 0) {
      const records = (checked.next ?? 0) - (next ?? recordSequence(viewOf(into), 0));
      visit({ type: 'records', bytes: into.subarray(0, checked.end), offset, records });
      offset += checked.end;
      next = checked.next;
    }
    if (checked.damaged) {
      const to = await resume(file, segment, offset, next);
      visit({ type: 'damage', offset, to });
      if (to === undefined) return { end: offset, next: next ?? segment.baseSequence };
      offset = to.to;
      next = to.sequence;
    } else if (length < into.length || offset >= endOf(segment)) {
      return { end: offset, next: next ?? segment.baseSequence };
    } else if (checked.end === 0) {
      window = Buffer.allocUnsafe(Math.min(window.length * 4, room));
    }
  }
}

/** Files of a stream that are open; the ones that were not used for longest are closed. */
export class Handles {
  private readonly disk: Disk;
  private readonly most: number;
  private readonly open = new Map<string, { file: Promise<DiskFile>; users: number; gone: boolean }>();

  /** @param most files that stay open while nobody uses them */
  constructor(disk: Disk, most: number) {
    this.disk = disk;
    this.most = most;
  }

  /** Opens a file for as long as `act` takes, or longer. */
  async use<T>(file: string, act: (handle: DiskFile) => Promise<T>): Promise<T> {
    const entry = this.open.get(file) ?? { file: this.disk.open(file, 'read'), users: 0, gone: false };
    this.open.delete(file);
    this.open.set(file, entry);
    entry.users++;
    try {
      const handle = await entry.file.catch((error: unknown) => {
        this.open.delete(file);
        throw error;
      });
      return await act(handle);
    } finally {
      entry.users--;
      if (entry.gone && entry.users === 0) await shut(entry.file);
      await this.closeOldest();
    }
  }

  /** The file was removed. */
  async forget(file: string): Promise<void> {
    const entry = this.open.get(file);
    if (entry === undefined) return;
    this.open.delete(file);
    entry.gone = true;
    if (entry.users === 0) await shut(entry.file);
  }

  async closeAll(): Promise<void> {
    for (const file of [...this.open.keys()]) await this.forget(file);
  }

  private async closeOldest(): Promise<void> {
    for (const [file, { users }] of this.open) {
      if (this.open.size <= this.most) return;
      if (users === 0) await this.forget(file);
    }
  }
}

async function shut(file: Promise<DiskFile>): Promise<void> {
  await file.then((handle) => handle.close()).catch(() => {});
}
