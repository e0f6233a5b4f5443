/** Numbers from a seed: the same seed decides the same. Each actor has its own, so that none disturbs another. */
export class Random {
  private state: number;

  /** @param seed any text */
  constructor(seed: string) {
    this.state = 0x811c9dc5;
    for (let i = 0; i < seed.length; i++) this.state = Math.imul(this.state ^ seed.charCodeAt(i), 0x01000193);
  }

  /** From 0 to below `end`, whole. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** From `from` to below `to`, whole. */
  between(from: number, to: number): number {
    return from + this.below(to - from);
  }

  /** True in `share` of the cases. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** Mulberry32: from 0 to below 1. */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}
