import { viewOf } from './layout.ts';

/** Takes records, one behind the other. */
export interface RecordRun {
  /** Makes room for so many bytes behind `length`. */
  reserve(sizeBytes: number): void;
  /** Holds the room that was made; another buffer after each call of `reserve`, maybe. */
  readonly bytes: Buffer;
  /** The same bytes, for numbers. */
  readonly view: DataView;
  /** Bytes that are taken. */
  length: number;
}

/** Records in one buffer, which grows. */
export class RecordBuffer implements RecordRun {
  bytes: Buffer;
  view: DataView;
  length = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  reserve(sizeBytes: number): void {
    const end = this.length + sizeBytes;
    if (end <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, end));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
    this.view = viewOf(larger);
  }
}
