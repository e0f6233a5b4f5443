import type { Logger } from '../../src/core/log.ts';
import type { JournalRecord, Position } from '../../src/core/source.ts';
import { decodeRecords } from '../../src/framing/journal-record/decode.ts';
import { sequenceBehind } from '../../src/framing/journal-record/layout.ts';
import type { Disk } from '../../src/state/spool/segments/disk.ts';
import { Spool, type SpoolOptions } from '../../src/state/spool/spool.ts';
import type { SpoolStream } from '../../src/state/spool/stream.ts';
import { silentLog } from './in-process.ts';

export const SPOOL_OPTIONS: SpoolOptions = {
  sizeBytes: 1024 * 1024,
  syncMs: 5,
  whenFull: 'block',
  vault: undefined,
};
/** Segments of a spool of that size. */
export const SEGMENT_BYTES = 64 * 1024;

/** Opens a stream named `in`. */
export async function openStream(
  disk: Disk,
  options: Partial<SpoolOptions> = {},
  cursors: readonly Position[] = [],
  log: Logger = silentLog,
): Promise<{ spool: Spool; stream: SpoolStream }> {
  const spool = new Spool('/spool', disk, { ...SPOOL_OPTIONS, ...options }, log);
  const stream = await spool.open('in', () => cursors);
  return { spool, stream };
}

/** A message of QoS 1 whose payload begins with a number. */
export function numbered(n: number, sizeBytes = 100): JournalRecord {
  const payload = Buffer.alloc(sizeBytes, '.');
  payload.write(`${n} `);
  return {
    type: 'message',
    message: {
      topic: 'a/b',
      payload,
      qos: 1,
      retain: false,
      dup: false,
      seen: n,
      packetId: (n % 65_535) + 1,
    },
  };
}

/** What a reader finds. */
export interface Found {
  readonly numbers: number[];
  readonly ids: string[];
  readonly notes: string[];
  /** Records that it was told are lost. */
  lost: number;
  position: Position;
}

/** Reads as an output does, from a position to the present end. */
export async function readAll(
  stream: SpoolStream,
  from: Position = stream.beginning,
  readBytes = 64 * 1024,
): Promise<Found> {
  const found: Found = { numbers: [], ids: [], notes: [], lost: 0, position: from };
  const never = new AbortController().signal;
  let buffer = Buffer.alloc(readBytes);
  while (found.position.offset < stream.size()) {
    const { offset, before } = found.position;
    const news = await stream.wait(found.position, 0, never);
    if (news !== 'more') {
      if (news.to === undefined) break;
      found.lost += Number(news.to.before) - Number(before);
      found.position = news.to;
      continue;
    }
    const length = await stream.read(offset, buffer);
    const used = decodeRecords(buffer, length, offset, (record, id) => {
      found.ids.push(id);
      if (record.type === 'message')
        found.numbers.push(Number.parseInt(record.message.payload.toString(), 10));
      else if (record.type === 'line') found.numbers.push(Number(record.text.toString()));
      else found.notes.push(record.note.message);
      return 'more';
    });
    if (used > 0) {
      const next = String(sequenceBehind(buffer.subarray(0, used)));
      found.position = { offset: offset + used, before: next };
    } else if (length === buffer.length) buffer = Buffer.alloc(buffer.length * 4);
  }
  return found;
}
