import { Sleepers } from '../sleepers.js';
/** Share of the size below which an input that was held goes on. */
const RELIEF = 0.9;
/** The size limit, shared by all streams. */
export class Budget {
    sizeBytes;
    used = 0;
    waiting = new Sleepers();
    constructor(sizeBytes) {
        this.sizeBytes = sizeBytes;
    }
    /** Bytes on disk. */
    get usedBytes() {
        return this.used;
    }
    /** @param bytes negative when something was removed */
    add(bytes) {
        this.used += bytes;
        if (bytes < 0)
            this.wake();
    }
    /** @param pendingBytes that will be written besides */
    isFull(pendingBytes) {
        return this.used + pendingBytes >= this.sizeBytes;
    }
    /** There is room for an input that was held. @param pendingBytes as above */
    hasRoom(pendingBytes) {
        return this.used + pendingBytes <= this.sizeBytes * RELIEF;
    }
    /** Those who wait for room look again. */
    wake() {
        this.waiting.wake();
    }
    /** Resolves when there may be room. @throws the signal's reason when aborted first */
    change(signal) {
        return this.waiting.sleep(signal);
    }
}
