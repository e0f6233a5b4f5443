import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import type { Position } from '../../../core/source.ts';
import type { End } from '../admission/tail.ts';
import type { Disk } from '../segments/disk.ts';
import { ATTEMPTS, isUnreadable } from '../segments/read-around.ts';
import { endOf, sizeOf } from '../segments/segment.ts';
import { type Loaded, load } from './load.ts';

/** Pause between two attempts to read what is there. */
const RETRY_MS = 1000;

/** What an earlier run has left of a stream, read as patiently as it is later; undefined: nothing. */
export async function loadPatiently(
  disk: Disk,
  directory: string,
  input: string,
  log: Logger,
): Promise<Loaded | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await load(disk, directory, attempt > ATTEMPTS);
    } catch (error) {
      if (!isUnreadable(error) || attempt > ATTEMPTS) throw error;
      if (attempt === 1)
        log.error({ input }, `the spool cannot be read (${reasonOf(error)}): trying it again`);
      await delay(RETRY_MS);
    }
  }
}

/** Cuts what a crash has left unfinished, and sets aside what cannot be read. */
export async function repair(disk: Disk, input: string, found: Loaded, log: Logger): Promise<void> {
  const last = found.segments.at(-1);
  if (found.tornBytes > 0 && last !== undefined) {
    log.warn({ input, bytes: found.tornBytes }, 'the spool ends in an unfinished write: it was cut');
    const file = await disk.open(last.file, 'write');
    await file.truncate(sizeOf(last));
    await file.close();
  }
  if (found.unfinished !== undefined) await disk.remove(found.unfinished);
  for (const file of found.unreadable) {
    log.error({ input, file: `${file}.damaged` }, 'nothing in this segment can be read: it was set aside');
    await disk.rename(file, `${file}.damaged`);
  }
}

/** Where a stream goes on: never before a saved cursor, or records would be taken for settled ones. */
export function endFor(found: Loaded | undefined, key: string, cursors: readonly Position[]): End {
  const offset = Math.max(found?.end ?? 0, ...cursors.map((cursor) => cursor.offset));
  const next = Math.max(found?.next ?? 0, ...cursors.map((cursor) => Number(cursor.before)));
  const last = found?.segments.at(-1);
  const goesOn =
    found?.goesOn === true && last?.key === key && endOf(last) === offset && found?.next === next;
  return { offset, next, segment: goesOn ? last : undefined };
}
