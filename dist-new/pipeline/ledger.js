import { abortable } from './abortable.js';
export const NO_COUNTERS = { delivered: 0, duplicates: 0, filtered: 0, dead: 0, dropped: 0 };
/** Totals after one of the counters that they are the sum of has moved. */
export function advanced(totals, from, to) {
    return {
        delivered: totals.delivered + to.delivered - from.delivered,
        duplicates: totals.duplicates + to.duplicates - from.duplicates,
        filtered: totals.filtered + to.filtered - from.filtered,
        dead: totals.dead + to.dead - from.dead,
        dropped: totals.dropped + to.dropped - from.dropped,
    };
}
/** Events that the counters tell of. */
export function counted(counters) {
    return Object.values(counters).reduce((sum, count) => sum + count, 0);
}
/** Dead letters were replayed and taken. No more of them than there are dead ones. */
export function revived(counters, letters) {
    const taken = Math.min(letters, counters.dead);
    return { ...counters, dead: counters.dead - taken, delivered: counters.delivered + taken };
}
/**
 * Keeps the ranges of one source that are under way to one output, in order, and moves the cursor over those at the front
 * that are settled. A range is settled exactly once; `rewind` forgets the others: they will be read again.
 */
export class Ledger {
    entries = [];
    first = 0;
    current;
    pendingEvents = 0;
    idle = [];
    cutOffsets = new Set();
    moved;
    /** @param moved called after each move of the cursor */
    constructor(cursor, moved) {
        this.current = cursor;
        this.moved = moved;
    }
    get cursor() {
        return this.current;
    }
    /** Events of the ranges that are not settled, filtered and dropped ones included. */
    get pending() {
        return this.pendingEvents;
    }
    /**
     * Enters the next range.
     * @returns settles it; ignored after a rewind, because the range then travels again
     */
    begin(range) {
        const entry = { ...range, settlement: undefined };
        this.entries.push(entry);
        this.pendingEvents += range.events + range.filtered + range.dropped;
        const entries = this.entries;
        return (settlement) => {
            if (entries !== this.entries || entry.settlement !== undefined)
                return;
            entry.settlement = settlement;
            this.advance();
        };
    }
    /** An entry was told to end there because nothing followed it for a while: it ends there when it is read again too. */
    cut(offset) {
        this.cutOffsets.add(offset);
    }
    /** What `cut` was told of places that are not settled. */
    get cuts() {
        return this.cutOffsets;
    }
    /** Forgets what is not settled. Reading goes on at `cursor`. */
    rewind() {
        this.entries = [];
        this.first = 0;
        this.pendingEvents = 0;
    }
    /** Dead letters of this source were replayed and taken. */
    revive(letters) {
        this.current = { ...this.current, counters: revived(this.current.counters, letters) };
        this.moved(this.current);
    }
    /** Resolves when nothing is under way. @throws the signal's reason when aborted first */
    async settled(signal) {
        while (this.first < this.entries.length) {
            await abortable(new Promise((resolve) => this.idle.push(resolve)), signal);
        }
    }
    advance() {
        let cursor = this.current;
        for (let entry = this.entries[this.first]; entry?.settlement !== undefined; entry = this.entries[this.first]) {
            const { delivered, duplicates, dead } = entry.settlement;
            const { counters } = cursor;
            cursor = {
                offset: entry.to,
                before: entry.before,
                checkpoint: entry.checkpoint ?? cursor.checkpoint,
                counters: {
                    delivered: counters.delivered + delivered,
                    duplicates: counters.duplicates + duplicates,
                    filtered: counters.filtered + entry.filtered,
                    dead: counters.dead + dead,
                    dropped: counters.dropped + entry.dropped,
                },
            };
            this.pendingEvents -= entry.events + entry.filtered + entry.dropped;
            this.first++;
        }
        if (cursor === this.current)
            return;
        if (this.first > 1024) {
            this.entries.splice(0, this.first);
            this.first = 0;
        }
        this.current = cursor;
        for (const offset of this.cutOffsets)
            if (offset < cursor.offset)
                this.cutOffsets.delete(offset);
        this.moved(cursor);
        if (this.first < this.entries.length)
            return;
        for (const resolve of this.idle.splice(0))
            resolve();
    }
}
