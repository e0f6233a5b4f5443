import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { hasCode, reasonOf } from '../../../core/errors.ts';

/** True for the first bytes of a gzip file (RFC 1952 §2.3.1). */
export function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 0x08;
}

/**
 * Unpacks a gzip file into a nameless temporary file, so that it can be read from any offset.
 * @throws Error when the file is damaged or there is no room
 */
export async function unpack(packed: FileHandle): Promise<FileHandle> {
  const name = path.join(tmpdir(), `brokertap-${randomUUID()}`);
  const plain = await open(name, 'wx+', 0o600);
  await unlink(name);
  const bytes = Readable.from(readAll(packed));
  const write = async (parts: AsyncIterable<Buffer>): Promise<void> => {
    for await (const part of parts) await plain.appendFile(part);
  };
  try {
    await pipeline(bytes, createGunzip(), write);
    return plain;
  } catch (error) {
    await plain.close();
    throw new Error(`cannot be unpacked: ${reasonOf(error)}`, { cause: error });
  }
}

/** The file is not a whole one: it is no use to unpack it again before it has changed. @param error of `unpack` */
export function isDamaged(error: unknown): boolean {
  return error instanceof Error && hasCode(error.cause, 'Z_DATA_ERROR', 'Z_BUF_ERROR');
}

async function* readAll(file: FileHandle): AsyncGenerator<Buffer> {
  for (let offset = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(64 * 1024), 0, 64 * 1024, offset);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    offset += bytesRead;
  }
}
