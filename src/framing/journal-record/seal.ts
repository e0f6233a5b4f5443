import { crc32 } from '../../core/crc32.ts';
import { CHECKSUM_BYTES } from './layout.ts';

/**
 * Checksums of records: CRC-32 that begins with a value made of a secret salt, and ends with the salt mixed in, so that nobody
 * who does not know it can make a record. A CRC over bytes that end in their own CRC is the same for all bytes; the beginning is
 * chosen to be that value, so the CRC over a run of whole records is it too: one call checks hundreds of them.
 */
export class Seal {
  private readonly salt: number;
  private readonly start: number;

  /** @param salt 32 bits */
  constructor(salt: number) {
    const bytes = Buffer.alloc(CHECKSUM_BYTES);
    bytes.writeUInt32LE(salt);
    this.salt = salt;
    this.start = crc32(bytes, 0, bytes.length);
  }

  /** Writes the checksum of a record. */
  write(bytes: Buffer, at: number, sizeBytes: number): void {
    const end = at + sizeBytes - CHECKSUM_BYTES;
    bytes.writeUInt32LE((crc32(bytes, at, end, this.start) ^ this.salt) >>> 0, end);
  }

  /** True when the records from `at` to `end` are as they were written. */
  holds(bytes: Buffer, at: number, end: number): boolean {
    return crc32(bytes, at, end, this.start) === this.start;
  }
}
