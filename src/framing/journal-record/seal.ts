import { CHECKSUM_BYTES } from './layout.ts';
import { xxhash32 } from './xxhash32.ts';

/** Checksums of records: XXH32 with a secret salt as its seed, so that nobody who does not know it can make a record. */
export class Seal {
  private readonly salt: number;

  /** @param salt 32 bits */
  constructor(salt: number) {
    this.salt = salt;
  }

  /** Writes the checksum of the record at `at`. */
  write(view: DataView, at: number, sizeBytes: number): void {
    const end = at + sizeBytes - CHECKSUM_BYTES;
    view.setUint32(end, xxhash32(view, at, end, this.salt));
  }

  /** True when the record at `at` is as it was written. */
  holds(view: DataView, at: number, sizeBytes: number): boolean {
    const end = at + sizeBytes - CHECKSUM_BYTES;
    return view.getUint32(end) === xxhash32(view, at, end, this.salt);
  }
}
