const NONE: Buffer = Buffer.alloc(0);

/** Puts together what comes in pieces. A piece of one byte takes one byte: kept on its own it would take over a hundred. */
export class Gathering {
  private bytes = NONE;
  private size = 0;

  get length(): number {
    return this.size;
  }

  /** Copies a piece behind the others. */
  add(piece: Buffer): void {
    const { bytes, size } = this;
    const needed = size + piece.length;
    if (needed > bytes.length) {
      this.bytes = Buffer.allocUnsafe(Math.max(needed, 2 * size));
      bytes.copy(this.bytes, 0, 0, size);
    }
    piece.copy(this.bytes, size);
    this.size = needed;
  }

  /** All of it; the next piece is the first again. */
  take(): Buffer {
    const whole = this.bytes.subarray(0, this.size);
    this.bytes = NONE;
    this.size = 0;
    return whole;
  }
}
