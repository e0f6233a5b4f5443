const FOUR_DECIMAL = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(4, '0'));
const SMALL = Array.from({ length: 10_000 }, (_, i) => String(i));
const THREE_HEX = Array.from({ length: 4096 }, (_, i) => i.toString(16).padStart(3, '0'));
/**
 * A number as JSON has it. V8 keeps the texts that it makes of numbers in a cache, where they outlive the young generation
 * of the heap; those that are joined here do not. Small numbers have a way of their own: it is compiled for 32 bits.
 */
export function decimal(value) {
    const whole = value | 0;
    if (whole !== value || whole < 0 || whole >= 1e8)
        return longDecimal(value);
    if (whole < 1e4)
        return SMALL[whole] ?? '';
    const upper = (whole / 1e4) | 0;
    return (SMALL[upper] ?? '') + FOUR_DECIMAL[whole - upper * 1e4];
}
function longDecimal(value) {
    if (!Number.isSafeInteger(value) || value < 1e8)
        return String(value);
    const upper = Math.floor(value / 1e8);
    const lower = value - upper * 1e8;
    const middle = Math.floor(lower / 1e4);
    return decimal(upper) + FOUR_DECIMAL[middle] + FOUR_DECIMAL[lower - middle * 1e4];
}
/** Names the records of one source: its id and 12 hex digits of their byte offset. */
export class RecordNames {
    sourceId;
    upper = -1;
    name = '';
    constructor(sourceId) {
        this.sourceId = sourceId;
    }
    /** The upper digits are kept from call to call: neighbours share them. */
    at(offset) {
        const upper = Math.floor(offset / 4096);
        if (upper !== this.upper) {
            this.upper = upper;
            this.name = this.sourceId + upper.toString(16).padStart(9, '0');
        }
        return this.name + THREE_HEX[offset % 4096];
    }
}
