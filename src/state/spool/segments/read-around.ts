import { hasCode } from '../../../core/errors.ts';
import type { DiskFile } from './disk.ts';

/** The smallest stretch that a disk gives or does not give. */
const SECTOR_BYTES = 4096;

/** The side of a file that is only read. */
export type Readable = Pick<DiskFile, 'read'>;

/** Attempts to read a place before the sectors that cannot be read are given up. */
export const ATTEMPTS = 5;

/**
 * Reads a file of which some sectors cannot be read: they are zeros, which no checksum takes for a record.
 * @param found told when there are any
 */
export function readAround(file: Readable, found: () => void = () => {}): Readable {
  return {
    async read(into, position) {
      try {
        return await file.read(into, position);
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        found();
        return readSectors(file, into, position);
      }
    },
  };
}

/** The disk has the place and does not give it. */
export function isUnreadable(error: unknown): boolean {
  return hasCode(error, 'EIO', 'EBADMSG', 'EUCLEAN');
}

async function readSectors(file: Readable, into: Buffer, position: number): Promise<number> {
  let at = 0;
  while (at < into.length) {
    const end = Math.min(into.length, at + SECTOR_BYTES - ((position + at) % SECTOR_BYTES));
    const part = into.subarray(at, end);
    try {
      const length = await file.read(part, position + at);
      if (length < part.length) return at + length;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      part.fill(0);
    }
    at = end;
  }
  return at;
}
