/** A growing set of numbers that counts how often a member came again; one byte for eight of them. */
export class Numbers {
  size = 0;
  again = 0;
  private bits = new Uint8Array(1 << 16);

  add(n: number): void {
    const byte = n >> 3;
    if (byte >= this.bits.length) {
      const larger = new Uint8Array(Math.max(this.bits.length * 2, byte + 1));
      larger.set(this.bits);
      this.bits = larger;
    }
    const bit = 1 << (n & 7);
    if (((this.bits[byte] ?? 0) & bit) !== 0) {
      this.again++;
      return;
    }
    this.bits[byte] = (this.bits[byte] ?? 0) | bit;
    this.size++;
  }

  has(n: number): boolean {
    return ((this.bits[n >> 3] ?? 0) & (1 << (n & 7))) !== 0;
  }

  /** Numbers from 0 to `end` that are not in it, at most ten of them. */
  missing(end: number): number[] {
    const found: number[] = [];
    for (let n = 0; n < end && found.length < 10; n++) if (!this.has(n)) found.push(n);
    return found;
  }
}
