import path from 'node:path';
import { StateError } from '../../../core/errors.ts';
import { recordSequence, viewOf } from '../../../framing/journal-record/layout.ts';
import { Seal } from '../../../framing/journal-record/seal.ts';
import type { Disk, DiskFile } from '../segments/disk.ts';
import {
  baseOf,
  checkRecords,
  decodeHeader,
  findRecord,
  isSegmentName,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from '../segments/format.ts';
import { type Readable, readAround } from '../segments/read-around.ts';
import { endOf, type Segment, walk } from '../segments/segment.ts';

/** What a directory holds of a stream. */
export interface Loaded {
  /** Oldest first. */
  readonly segments: readonly Segment[];
  /** Offset at which the stream goes on: behind the last good record, and behind segments that cannot be read. */
  readonly end: number;
  /** Number of the next record. */
  readonly next: number;
  /** More may be written into the last segment: all of it could be read. */
  readonly goesOn: boolean;
  /** Bytes behind the last good record: the remainder of an unfinished group. */
  readonly tornBytes: number;
  /** A last segment that was never finished: it holds nothing. */
  readonly unfinished: string | undefined;
  /** Segments of which nothing can be read. */
  readonly unreadable: readonly string[];
}

/** A segment whose header is damaged. */
interface Headless {
  readonly file: string;
  readonly base: number;
  readonly length: number;
}

/**
 * Reads the headers of all segments and checks the records of the last one. Changes nothing.
 * @param around sectors that cannot be read count as damage
 * @returns undefined when there is no stream
 * @throws StateError when a segment was written by another version or belongs to another stream
 */
export async function load(disk: Disk, directory: string, around = false): Promise<Loaded | undefined> {
  const unread = around ? new Set<string>() : undefined;
  const names = (await disk.list(directory)).filter(isSegmentName).sort();
  const { segments, headless, unfinished } = await readHeaders(disk, directory, names, unread);
  const unreadable: Headless[] = [];
  for (const lost of headless) {
    const rebuilt = await rebuild(disk, lost, segments, unread);
    if (rebuilt === undefined) unreadable.push(lost);
    else segments.push(rebuilt);
  }
  segments.sort((a, b) => a.base - b.base);
  for (const [i, segment] of segments.entries()) {
    const next = segments[i + 1];
    if (next !== undefined) segment.length = Math.min(segment.length, next.base - segment.base);
  }
  const last = segments.at(-1);
  if (last === undefined && unreadable.length === 0 && unfinished === undefined) return undefined;
  const torn = last === undefined ? NOTHING : await cutTorn(disk, last, unread);
  return {
    segments,
    ...endBehind(torn, unreadable),
    goesOn: last === undefined || unread?.has(last.file) !== true,
    tornBytes: torn.tornBytes,
    unfinished,
    unreadable: unreadable.map(({ file }) => file),
  };
}

/** @throws StateError when a segment was written by another version or belongs to another stream */
async function readHeaders(
  disk: Disk,
  directory: string,
  names: readonly string[],
  unread: Set<string> | undefined,
): Promise<{ segments: Segment[]; headless: Headless[]; unfinished: string | undefined }> {
  const segments: Segment[] = [];
  const headless: Headless[] = [];
  let unfinished: string | undefined;
  for (const name of names) {
    const file = path.join(directory, name);
    const base = baseOf(name);
    const { header, length } = await readHeader(disk, file, unread);
    if (header === undefined && length <= 0 && name === names.at(-1)) unfinished = file;
    else if (header === undefined) headless.push({ file, base, length });
    else if (header.base !== base || header.stream !== (segments[0] ?? header).stream) {
      throw new StateError(
        `${file} is not where it belongs: it holds another stretch or stream; move it back, or away`,
      );
    } else segments.push({ ...header, file, length });
  }
  return { segments, headless, unfinished };
}

/** Where a stream ends: offset, and number of the record that comes next. */
type StreamEnd = Pick<Loaded, 'end' | 'next'>;

const NOTHING = { end: 0, next: 0, tornBytes: 0 };

/** Leaves out of the last segment what a crash has left behind its whole records. */
async function cutTorn(
  disk: Disk,
  last: Segment,
  unread: Set<string> | undefined,
): Promise<StreamEnd & { tornBytes: number }> {
  let { end, next } = await checkAll(disk, last, unread);
  if (unread?.has(last.file) === true && end < endOf(last)) {
    // What lies there was acknowledged. How many records nobody knows; one at least.
    end = endOf(last);
    next++;
  }
  const tornBytes = endOf(last) - end;
  last.length = end - last.base;
  return { end, next, tornBytes };
}

function endBehind({ end, next }: StreamEnd, unreadable: readonly Headless[]): StreamEnd {
  const behind = { end, next };
  for (const { base, length } of unreadable) {
    if (base < behind.end) continue;
    // How many records were there nobody knows; one at least.
    behind.end = base + Math.max(0, length);
    behind.next++;
  }
  return behind;
}

/** @param unread takes the names of files of which some sectors cannot be read; undefined: that is an error */
function readable(handle: DiskFile, file: string, unread: Set<string> | undefined): Readable {
  return unread === undefined ? handle : readAround(handle, () => unread.add(file));
}

async function readHeader(
  disk: Disk,
  file: string,
  unread: Set<string> | undefined,
): Promise<{ header: SegmentHeader | undefined; length: number }> {
  const handle = await disk.open(file, 'read');
  try {
    const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
    const length = await readable(handle, file, unread).read(bytes, 0);
    const header = decodeHeader(bytes.subarray(0, length), file);
    return { header, length: (await handle.size()) - SEGMENT_HEADER_BYTES };
  } finally {
    await handle.close();
  }
}

async function checkAll(
  disk: Disk,
  segment: Segment,
  unread: Set<string> | undefined,
): Promise<{ end: number; next: number }> {
  const handle = await disk.open(segment.file, 'read');
  try {
    return await walk(readable(handle, segment.file, unread), segment, segment.base, () => {});
  } finally {
    await handle.close();
  }
}

/** The header of a segment told by its neighbour, its name and the first record that is whole. */
async function rebuild(
  disk: Disk,
  { file, base, length }: Headless,
  segments: readonly Segment[],
  unread: Set<string> | undefined,
): Promise<Segment | undefined> {
  const before = segments.findLast((segment) => segment.base < base);
  const neighbour = before ?? segments[0];
  if (neighbour === undefined || length <= 0) return undefined;
  const { stream, salt, createdMs, key } = neighbour;
  const handle = await disk.open(file, 'read');
  try {
    const bytes = Buffer.allocUnsafe(length);
    await readable(handle, file, unread).read(bytes, SEGMENT_HEADER_BYTES);
    const first = checkRecords(bytes, length, length, new Seal(salt));
    const known = { sequence: before?.baseSequence ?? 0, bytesBefore: base - (before?.base ?? 0) };
    if (first.end > 0) {
      return {
        stream,
        salt,
        createdMs,
        key,
        base,
        baseSequence: recordSequence(viewOf(bytes), 0),
        file,
        length,
      };
    }
    const good = findRecord(bytes, new Seal(salt), known);
    return good && { stream, salt, createdMs, key, base, baseSequence: good.sequence - 1, file, length };
  } finally {
    await handle.close();
  }
}
