import { randomFillSync } from 'node:crypto';
import { RecordNames } from '../../core/record-names.ts';
import { ID_BYTES, RUN_BYTES } from './layout.ts';

/**
 * Ids of records that have none of their own: random bytes of this run of the probe, then a number. A number alone would come
 * twice: after damage at its end a journal counts on from what is left of it, and a copy of the state directory counts too.
 */
export class RecordIds {
  private readonly run = randomFillSync(Buffer.alloc(RUN_BYTES));
  private next = 0;

  /** Writes the next one. */
  write(bytes: Buffer, at: number): void {
    const { run } = this;
    for (let i = 0; i < RUN_BYTES; i++) bytes[at + i] = run[i] ?? 0;
    bytes.writeUIntBE(this.next++, at + RUN_BYTES, ID_BYTES - RUN_BYTES);
  }
}

/** Reads ids; neighbours share most of their digits. */
export class IdReader {
  private readonly from = Buffer.alloc(RUN_BYTES);
  private names = new RecordNames(this.from.toString('hex'));

  /** @returns 36 hex digits */
  at(bytes: Buffer, at: number): string {
    const numberAt = at + RUN_BYTES;
    for (let i = 0; i < RUN_BYTES; i++) {
      if (bytes[at + i] === this.from[i]) continue;
      bytes.copy(this.from, 0, at, numberAt);
      this.names = new RecordNames(this.from.toString('hex'));
      break;
    }
    return this.names.at(bytes.readUIntBE(numberAt, ID_BYTES - RUN_BYTES));
  }
}
