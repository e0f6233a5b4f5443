import { randomFillSync } from 'node:crypto';
import { ID_BYTES } from './layout.ts';

/** Random ids of records, drawn many at a time: one call per record would cost as much as all the rest. */
export class RecordIds {
  private readonly pool = Buffer.alloc(ID_BYTES * 256);
  private at = this.pool.length;

  /** Writes the next one: 18 bytes. */
  write(bytes: Buffer, at: number): void {
    if (this.at === this.pool.length) {
      randomFillSync(this.pool);
      this.at = 0;
    }
    this.pool.copy(bytes, at, this.at, this.at + ID_BYTES);
    this.at += ID_BYTES;
  }
}
