const FOUR_DECIMAL = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(4, '0'));
const SMALL = Array.from({ length: 10_000 }, (_, i) => String(i));
const THREE_HEX = Array.from({ length: 4096 }, (_, i) => i.toString(16).padStart(3, '0'));

/**
 * A number as JSON has it. V8 keeps the texts that it makes of numbers in a cache, where they outlive the young generation
 * of the heap; those that are joined here do not.
 */
export function decimal(value: number): string {
  const small = SMALL[value];
  if (small !== undefined) return small;
  if (!Number.isSafeInteger(value) || value < 0) return String(value);
  const upper = Math.floor(value / 10_000);
  return decimal(upper) + FOUR_DECIMAL[value - upper * 10_000];
}

/** Names the records of one source: its id and 12 hex digits of their byte offset. */
export class RecordNames {
  private readonly sourceId: string;
  private upper = -1;
  private name = '';

  constructor(sourceId: string) {
    this.sourceId = sourceId;
  }

  /** The upper digits are kept from call to call: neighbours share them. */
  at(offset: number): string {
    const upper = Math.floor(offset / 4096);
    if (upper !== this.upper) {
      this.upper = upper;
      this.name = this.sourceId + upper.toString(16).padStart(9, '0');
    }
    return this.name + THREE_HEX[offset % 4096];
  }
}
