/** Those who wait for the same thing: all get it, or all are refused. */
export class WaitingList {
    waiting = new Set();
    /** @throws what `reason` gives when `signal` is aborted first; the error of `refuse` */
    wait(signal, reason) {
        const { promise, resolve, reject } = Promise.withResolvers();
        const abort = () => {
            this.waiting.delete(entry);
            reject(reason());
        };
        // A signal that lives on must not hold what was waited for.
        const leave = () => signal?.removeEventListener('abort', abort);
        const entry = {
            resolve: (value) => {
                leave();
                resolve(value);
            },
            reject: (error) => {
                leave();
                reject(error);
            },
        };
        this.waiting.add(entry);
        signal?.addEventListener('abort', abort, { once: true });
        return promise;
    }
    serve(value) {
        for (const { resolve } of this.waiting)
            resolve(value);
        this.waiting.clear();
    }
    refuse(error) {
        for (const { reject } of this.waiting)
            reject(error);
        this.waiting.clear();
    }
}
