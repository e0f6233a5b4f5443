/** Keys that are counted at the same time. */
const CAPACITY = 10_000;
/** Longer keys are told apart by so many characters. */
const KEY_CHARS = 120;
/**
 * Finds the most frequent of any number of keys in bounded memory (Misra and Gries, 1982): a key that occurs more often
 * than one time in `CAPACITY` is never missed, however many others are thrown in to push it out.
 */
export class TopCounter {
    /** Counts may be too low by so much. */
    missed = 0;
    counts = new Map();
    add(key, by = 1) {
        const short = key.length > KEY_CHARS ? key.slice(0, KEY_CHARS) : key;
        this.counts.set(short, (this.counts.get(short) ?? 0) + by);
        if (this.counts.size > 2 * CAPACITY)
            this.prune();
    }
    /** Keys so far; pruned ones do not count. */
    get size() {
        return this.counts.size;
    }
    /** The most frequent keys, most frequent first. */
    top(n) {
        return [...this.counts].sort((a, b) => b[1] - a[1]).slice(0, n);
    }
    prune() {
        const sorted = [...this.counts.values()].sort((a, b) => b - a);
        const cut = sorted[CAPACITY] ?? 0;
        this.missed += cut;
        const left = [...this.counts].filter(([, count]) => count > cut);
        this.counts = new Map(left.map(([key, count]) => [key, count - cut]));
    }
}
