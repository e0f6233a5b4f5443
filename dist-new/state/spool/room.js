import { reasonOf } from '../../core/errors.js';
const REPEAT_MS = 60_000;
/** The room of one stream: what is removed at its beginning, and whether more may come at its end. */
export class Room {
    input;
    budget;
    segments;
    whenFull;
    log;
    lastDrop = 0;
    constructor(options) {
        this.input = options.input;
        this.budget = options.budget;
        this.segments = options.segments;
        this.whenFull = options.whenFull;
        this.log = options.log;
    }
    /** The oldest records make room for new ones. */
    get drops() {
        return this.whenFull === 'drop_oldest';
    }
    /** Why the input is held. */
    get fullWords() {
        const { budget, input } = this;
        return `the spool is full (spool.size ${budget.sizeBytes} bytes): the outputs do not keep up; input ${input} is held`;
    }
    /** An input that was held may go on. @param pendingBytes that will be written besides */
    isThere(pendingBytes) {
        return this.budget.hasRoom(pendingBytes) || this.canDrop;
    }
    /** Drops the oldest segments where that is allowed. @returns false when there is no room all the same */
    make(pendingBytes) {
        while (this.budget.isFull(pendingBytes)) {
            if (!this.canDrop)
                return false;
            void this.dropOldest();
        }
        return true;
    }
    /** Drops the oldest segment where that is allowed. @returns false when nothing was dropped */
    async makeOnDisk() {
        if (!this.canDrop)
            return false;
        await this.dropOldest();
        return true;
    }
    /** Removes the oldest segment. */
    async removeOldest() {
        const { bytes, removed } = this.segments.removeFirst();
        this.budget.add(-bytes);
        await removed.catch((error) => {
            this.log.warn({ input: this.input }, `a segment of the spool cannot be removed: ${reasonOf(error)}`);
        });
    }
    get canDrop() {
        return this.drops && this.segments.count > 1;
    }
    dropOldest() {
        const now = Date.now();
        if (now - this.lastDrop > REPEAT_MS) {
            this.log.warn({ input: this.input }, 'the spool is full: the oldest records are dropped (spool.when_full)');
        }
        this.lastDrop = now;
        return this.removeOldest();
    }
}
