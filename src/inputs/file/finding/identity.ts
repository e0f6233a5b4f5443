import type { FileHandle } from 'node:fs/promises';
import { FINGERPRINT_BYTES, fingerprint } from '../../../core/checksums/fingerprint.ts';

/** Bytes at the start of a file by which it is told from others. */
export const HEAD_BYTES = 1024;
/** Bytes of a hole that are read at once. */
const HOLE_READ_BYTES = 64 * 1024;

/** What is remembered of a generation, as far as recognising it goes. */
export interface Remembered {
  /** Base64. */
  readonly head: string;
  readonly device: number;
  readonly inode: number;
  readonly cursors: Readonly<Record<string, { readonly offset: number; readonly before: string }>>;
}

/** A file that was just opened. */
export interface Opened {
  readonly handle: FileHandle;
  /** Offset of its first byte that is not zero; the file's size where there is none. See `firstByte`. */
  readonly begins: number;
  /** What is there, up to `HEAD_BYTES`. */
  readonly head: Buffer;
  readonly sizeBytes: number;
  readonly device: number;
  readonly inode: number;
}

/**
 * Finds the generation that a file holds. A generation is recognised by its head and by the up to 1 KiB before the position
 * that was reached: heads alone are equal in many logs. Of several it is the one that was read furthest. Inode, then device, only
 * break ties, because inodes are used again and devices change when a file system is mounted anew.
 */
export async function recognise<T extends Remembered>(
  file: Opened,
  known: readonly (readonly [string, T])[],
): Promise<string | undefined> {
  const matches: { id: string; offset: number; rank: number }[] = [];
  for (const [id, generation] of known) {
    if (!(await holds(file, generation))) continue;
    const sameInode = generation.inode === file.inode;
    const sameDevice = generation.device === file.device;
    if (generation.head === '' && !sameInode) continue;
    const { offset } = furthestOf(generation);
    matches.push({ id, offset, rank: (sameInode ? 2 : 0) + (sameDevice ? 1 : 0) });
  }
  matches.sort((a, b) => b.offset - a.offset || b.rank - a.rank);
  return matches[0]?.id;
}

/** True when a file holds a generation as far as it was read. */
export async function holds(file: Opened, generation: Remembered): Promise<boolean> {
  const head = Buffer.from(generation.head, 'base64');
  if (!file.head.subarray(0, head.length).equals(head)) return false;
  const furthest = furthestOf(generation);
  if (file.sizeBytes < furthest.offset) return false;
  if (furthest.offset === 0) return true;
  return (await fingerprintAt(file.handle, furthest.offset)) === furthest.before;
}

/** Up to here the output that is ahead has read a generation. */
function furthestOf({ cursors }: Remembered): { readonly offset: number; readonly before: string } {
  return Object.values(cursors).reduce((a, b) => (b.offset > a.offset ? b : a), { offset: 0, before: '' });
}

/** True when a file begins like a known generation: it may be a copy of it that is just being made. */
export function mayBeCopy(file: Opened, known: readonly (readonly [string, Remembered])[]): boolean {
  return known.some(([, generation]) => {
    const head = Buffer.from(generation.head, 'base64');
    const length = Math.min(head.length, file.head.length);
    return length > 0 && file.head.subarray(0, length).equals(head.subarray(0, length));
  });
}

/** Fingerprint of the up to 1 KiB before an offset. */
export async function fingerprintAt(handle: FileHandle, offset: number): Promise<string> {
  const bytes = Buffer.alloc(Math.min(offset, FINGERPRINT_BYTES));
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset - bytes.length);
  return fingerprint(bytes.subarray(0, bytesRead));
}

/** Up to here every output has read a generation; 0 when none has. */
export function lowestOffset(cursors: Readonly<Record<string, { offset: number }>> | undefined): number {
  const offsets = Object.values(cursors ?? {}).map(({ offset }) => offset);
  return offsets.length === 0 ? 0 : Math.min(...offsets);
}

/** What a file has at an offset, up to `HEAD_BYTES`. */
export async function readHead(handle: FileHandle, begins: number): Promise<Buffer> {
  const bytes = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await handle.read(bytes, 0, HEAD_BYTES, begins);
  return bytes.subarray(0, bytesRead);
}

/**
 * Offset of the first byte of a file that is not zero, or its size. A writer that does not append goes on at its old offset
 * when its file is truncated: what lies before is a hole, which reads as zeros.
 */
export async function firstByte(handle: FileHandle): Promise<number> {
  const first = Buffer.alloc(1);
  await handle.read(first, 0, 1, 0);
  if (first[0] !== 0) return 0;
  const bytes = Buffer.allocUnsafe(HOLE_READ_BYTES);
  const hole = Buffer.alloc(HOLE_READ_BYTES);
  for (let offset = 0; ; ) {
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
    if (bytesRead === 0) return offset;
    const read = bytes.subarray(0, bytesRead);
    if (!read.equals(hole.subarray(0, bytesRead))) return offset + read.findIndex((byte) => byte !== 0);
    offset += bytesRead;
  }
}
