/** Marks that are kept; beyond, every second one is forgotten. */
const MOST = 2048;
const GRAIN_MS = 1000;

/** When offsets of a stream were written: exact to a second for recent ones, to a segment for those of earlier runs. */
export class Ages {
  private marks: { offset: number; ms: number }[] = [];

  /** From `offset` on, bytes were written at `ms` or later. */
  add(offset: number, ms: number): void {
    const last = this.marks.at(-1);
    if (last !== undefined && ms - last.ms < GRAIN_MS) return;
    this.marks.push({ offset, ms });
    if (this.marks.length > MOST) this.marks = this.marks.filter((_, i) => i % 2 === 0);
  }

  /** How many seconds ago the byte at `offset` was written, or a little more; 0 when nothing is known. Forgets what is older. */
  seconds(offset: number): number {
    const index = this.marks.findLastIndex((mark) => mark.offset <= offset);
    if (index > 0) this.marks.splice(0, index);
    const [mark] = this.marks;
    return mark === undefined ? 0 : Math.max(0, (Date.now() - mark.ms) / 1000);
  }
}
