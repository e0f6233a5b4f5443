import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hasCode } from '../../../core/errors.ts';
import type { FileIdentity } from '../../../core/generations.ts';
import type { Found } from '../finding/discovery.ts';
import { firstByte, HEAD_BYTES, type Opened, readHead } from '../finding/identity.ts';
import { accessProblem } from '../tailing/problems.ts';
import type { Tailing } from '../tailing/tailing.ts';
import { fileKey, type Wanted } from '../tailing/tracked-files.ts';
import { isDamaged, isGzip, unpack } from './gzip.ts';

/** An open file; of a packed one what was in it, which is nowhere else: its device and inode are -1. */
export interface OpenedFile extends Opened {
  readonly packed: boolean;
  /** The file that was opened, packed or not: another one may have come to its path since it was looked at. */
  readonly file: FileIdentity;
}

/** Whatever has come to the path is not waited for: a pipe would open when somebody writes into it. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens a file, and unpacks it when it is packed.
 * @param wanted as what it is tried again when it cannot be read
 * @returns undefined when it cannot be read, or is not there any more
 */
export async function openFile(
  file: Found,
  tailing: Pick<Tailing, 'files' | 'problems'>,
  wanted: Wanted,
): Promise<OpenedFile | undefined> {
  try {
    const handle = await open(file.path, FLAGS);
    const opened = await read(handle).catch(async (error: unknown) => {
      await handle.close().catch(() => {});
      throw error;
    });
    tailing.problems.clear(file.path);
    return opened;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) await refuse(file, tailing, wanted, error);
    return undefined;
  }
}

/** A file cannot be read now: that is told, and it is tried again. */
export async function refuse(
  file: Found,
  { files, problems }: Pick<Tailing, 'files' | 'problems'>,
  wanted: Wanted,
  error: unknown,
): Promise<void> {
  problems.report(file.path, await accessProblem(file.path, error));
  files.refused.set(fileKey(file), { path: file.path, ...wanted });
  if (isDamaged(error)) files.finish(file, file);
}

async function read(handle: FileHandle): Promise<OpenedFile> {
  const begins = await firstByte(handle);
  const head = await readHead(handle, begins);
  const { size, dev: device, ino: inode } = await handle.stat();
  const file = { device, inode };
  if (isGzip(head)) {
    const plain = await unpack(handle);
    await handle.close();
    return { ...(await readPlain(plain)), file };
  }
  // It may have grown since its head was read, and is told from others by the head that is remembered.
  const sizeBytes = head.length < HEAD_BYTES ? begins + head.length : size;
  return { handle, begins, head, sizeBytes, device, inode, packed: false, file };
}

async function readPlain(handle: FileHandle): Promise<Omit<OpenedFile, 'file'>> {
  const { size: sizeBytes } = await handle.stat();
  const begins = await firstByte(handle);
  const head = await readHead(handle, begins);
  return { handle, begins, head, sizeBytes, device: -1, inode: -1, packed: true };
}
