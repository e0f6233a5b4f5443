const FOUR_DECIMAL = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(4, '0'));
const SMALL = Array.from({ length: 10_000 }, (_, i) => String(i));

/**
 * A number as JSON has it. V8 keeps the texts that it makes of numbers in a cache, where they outlive the young generation
 * of the heap; those that are joined here do not. Small numbers have a way of their own: it is compiled for 32 bits.
 */
export function decimal(value: number): string {
  const whole = value | 0;
  if (whole !== value || whole < 0 || whole >= 1e8) return longDecimal(value);
  if (whole < 1e4) return SMALL[whole] ?? '';
  const upper = (whole / 1e4) | 0;
  return (SMALL[upper] ?? '') + FOUR_DECIMAL[whole - upper * 1e4];
}

function longDecimal(value: number): string {
  if (!Number.isSafeInteger(value) || value < 1e8) return String(value);
  const upper = Math.floor(value / 1e8);
  const lower = value - upper * 1e8;
  const middle = Math.floor(lower / 1e4);
  return decimal(upper) + FOUR_DECIMAL[middle] + FOUR_DECIMAL[lower - middle * 1e4];
}
