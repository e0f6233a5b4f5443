import { setTimeout as delay } from 'node:timers/promises';
/** Each list that is asked for costs every node of a cluster a call. */
const BURST = 20;
const PER_SECOND = 10;
/** Lets a burst of requests pass, and then so many a second. */
export class Pace {
    tokens = BURST;
    countedAt = performance.now();
    /** Resolves when the next request may be made. */
    async turn(signal) {
        const now = performance.now();
        this.tokens = Math.min(BURST, this.tokens + ((now - this.countedAt) * PER_SECOND) / 1000);
        this.countedAt = now;
        this.tokens--;
        if (this.tokens < 0)
            await delay((-this.tokens * 1000) / PER_SECOND, undefined, { signal });
    }
}
