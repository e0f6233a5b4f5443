/** Those who wait for one kind of news. */
export class Sleepers {
    waiting = new Set();
    get size() {
        return this.waiting.size;
    }
    wake() {
        for (const wakeUp of this.waiting)
            wakeUp();
        this.waiting.clear();
    }
    /** Resolves at the next `wake`. @throws the signal's reason when aborted first */
    sleep(signal) {
        signal.throwIfAborted();
        return new Promise((resolve, reject) => {
            const abort = () => {
                this.waiting.delete(wakeUp);
                reject(signal.reason);
            };
            const wakeUp = () => {
                signal.removeEventListener('abort', abort);
                resolve();
            };
            signal.addEventListener('abort', abort, { once: true });
            this.waiting.add(wakeUp);
        });
    }
}
