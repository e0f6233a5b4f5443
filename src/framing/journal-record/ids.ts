import { randomFillSync } from 'node:crypto';
import { RecordNames } from '../record-names.ts';
import { getUint48, RUN_BYTES, setUint48 } from './layout.ts';

/**
 * Ids of records that have none of their own: random bytes of this run of the probe, then a number. A number alone would come
 * twice: after damage at its end a journal counts on from what is left of it, and a copy of the state directory counts too.
 */
export class RecordIds {
  private readonly run = randomFillSync(new Uint32Array(RUN_BYTES / Uint32Array.BYTES_PER_ELEMENT));
  private next = 0;

  /** Writes the next one. */
  write(view: DataView, at: number): void {
    const { run } = this;
    view.setUint32(at, run[0] ?? 0);
    view.setUint32(at + 4, run[1] ?? 0);
    view.setUint32(at + 8, run[2] ?? 0);
    setUint48(view, at + RUN_BYTES, this.next++);
  }
}

/** Reads ids; neighbours share most of their digits. */
export class IdReader {
  private first = 0;
  private second = 0;
  private third = 0;
  private names = new RecordNames('0'.repeat(2 * RUN_BYTES));

  /** @returns 36 hex digits */
  at(view: DataView, at: number): string {
    const first = view.getUint32(at);
    const second = view.getUint32(at + 4);
    const third = view.getUint32(at + 8);
    if (first !== this.first || second !== this.second || third !== this.third) {
      this.first = first;
      this.second = second;
      this.third = third;
      this.names = new RecordNames([first, second, third].map(eightDigits).join(''));
    }
    return this.names.at(getUint48(view, at + RUN_BYTES));
  }
}

function eightDigits(number: number): string {
  return number.toString(16).padStart(8, '0');
}
