import { Sleepers } from '../sleepers.js';
/** The outputs that read a stream: how far each has got, and which of them wait for more. */
export class Readers {
    cursors = new Map();
    sleepers = new Sleepers();
    waking = false;
    /** As in `Source`. */
    settled(output, offset, needed) {
        this.cursors.set(output, { offset, needed });
    }
    /** Offset before which everything is settled for all of them. */
    get slowest() {
        return Math.min(...[...this.cursors.values()].map(({ offset }) => offset));
    }
    /** Offset before which none of them will read again. */
    get needed() {
        return Math.min(...[...this.cursors.values()].map(({ needed }) => needed));
    }
    /** Resolves when there may be more. @throws the signal's reason when aborted first */
    sleep(signal) {
        return this.sleepers.sleep(signal);
    }
    wake() {
        this.sleepers.wake();
    }
    /** What arrives in one turn of the event loop is read at once: a reader costs as much for one record as for hundreds. */
    wakeSoon() {
        if (this.waking || this.sleepers.size === 0)
            return;
        this.waking = true;
        setImmediate(() => {
            this.waking = false;
            this.wake();
        });
    }
}
