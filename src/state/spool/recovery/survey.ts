import path from 'node:path';
import type { Position } from '../../../core/source.ts';
import { recordBytes, recordSeen, viewOf } from '../../../framing/journal-record/layout.ts';
import type { Disk } from '../segments/disk.ts';
import { SEGMENT_HEADER_BYTES } from '../segments/format.ts';
import { readAround } from '../segments/read-around.ts';
import { endOf, type Segment, sizeOf, walk } from '../segments/segment.ts';
import { load } from './load.ts';

/** What a stream holds. */
export interface Survey {
  readonly input: string;
  /** Source id of the stream. */
  readonly id: string;
  readonly segments: number;
  readonly bytes: number;
  readonly records: number;
  /** When the oldest and the newest record were seen, in milliseconds since 1970; undefined without records. */
  readonly oldestMs: number | undefined;
  readonly newestMs: number | undefined;
  /** Where it ends: offset, and number of the next record. */
  readonly end: Position;
}

/** Something that cannot be read. */
interface Defect {
  readonly file: string;
  /** One sentence. */
  readonly problem: string;
  /** Records that are lost by it, where that is known. */
  readonly records: number | undefined;
}

/** Inputs that have a stream. */
export function listStreams(disk: Disk, directory: string): Promise<string[]> {
  return disk.list(directory).then((names) => names.sort());
}

/**
 * Looks at a stream without changing anything; the probe may be running.
 * @returns undefined when there are no segments
 * @throws StateError when another version has written it
 */
export async function survey(disk: Disk, directory: string, input: string): Promise<Survey | undefined> {
  const found = await load(disk, path.join(directory, input), true);
  const first = found?.segments[0];
  const last = found?.segments.at(-1);
  if (found === undefined || first === undefined || last === undefined) return undefined;
  let records = 0;
  for (const [i, segment] of found.segments.entries()) {
    const follows = found.segments[i + 1];
    if (follows === undefined) records += found.next - segment.baseSequence;
    else if (follows.base === endOf(segment)) records += follows.baseSequence - segment.baseSequence;
    else records += (await scan(disk, segment)).records;
  }
  const { oldestMs } = await scan(disk, first);
  const { newestMs } = await scan(disk, last);
  return {
    input,
    id: first.stream,
    segments: found.segments.length,
    bytes: found.segments.reduce((sum, segment) => sum + sizeOf(segment), 0),
    records,
    oldestMs,
    newestMs: newestMs ?? oldestMs,
    end: { offset: found.end, before: String(found.next) },
  };
}

/** Reads all records of a stream. @returns everything that cannot be read; an unfinished end is no defect */
export async function verify(disk: Disk, directory: string, input: string): Promise<Defect[]> {
  const found = await load(disk, path.join(directory, input), true);
  const defects: Defect[] = [];
  for (const file of found?.unreadable ?? []) {
    defects.push({ file, problem: 'nothing in it can be read', records: undefined });
  }
  let expected = found?.segments[0]?.base ?? 0;
  let next = found?.segments[0]?.baseSequence ?? 0;
  for (const segment of found?.segments ?? []) {
    if (segment.base !== expected) {
      const problem = `${segment.base - expected} bytes before it are missing`;
      defects.push({ file: segment.file, problem, records: segment.baseSequence - next });
    }
    next = await verifySegment(disk, segment, defects, found?.segments.at(-1) === segment);
    expected = endOf(segment);
  }
  return defects;
}

async function verifySegment(
  disk: Disk,
  segment: Segment,
  defects: Defect[],
  last: boolean,
): Promise<number> {
  const file = await disk.open(segment.file, 'read');
  let sequence = segment.baseSequence;
  try {
    await walk(readAround(file), segment, segment.base, (finding) => {
      if (finding.type === 'records') {
        sequence += finding.records;
        return;
      }
      const { offset, to } = finding;
      if (to === undefined && last) return;
      const bytes = (to?.to ?? endOf(segment)) - offset;
      const problem = `${bytes} bytes at ${SEGMENT_HEADER_BYTES + offset - segment.base} are damaged`;
      defects.push({ file: segment.file, problem, records: to && to.sequence - sequence });
      sequence = to?.sequence ?? sequence;
    });
  } finally {
    await file.close();
  }
  return sequence;
}

/** Counts the good records of a segment. */
async function scan(
  disk: Disk,
  segment: Segment,
): Promise<{ records: number; oldestMs: number | undefined; newestMs: number | undefined }> {
  const file = await disk.open(segment.file, 'read');
  let records = 0;
  let oldestMs: number | undefined;
  let newestMs: number | undefined;
  try {
    await walk(readAround(file), segment, segment.base, (finding) => {
      if (finding.type !== 'records') return;
      const { bytes } = finding;
      records += finding.records;
      const view = viewOf(bytes);
      oldestMs ??= recordSeen(view, 0);
      for (let at = 0; at < bytes.length; at += recordBytes(view, at)) newestMs = recordSeen(view, at);
    });
  } finally {
    await file.close();
  }
  return { records, oldestMs, newestMs };
}
