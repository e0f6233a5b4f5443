/** The events of one batch on their way in one or several requests: counts what becomes of them. */
export class Ticket {
    receipt;
    /** Tells the batch's owner why its events are held back. */
    waiting;
    left;
    delivered = 0;
    duplicates = 0;
    failureStore = 0;
    rejected = [];
    resolve = () => { };
    reject = () => { };
    /** @param events of the batch */
    constructor(events, waiting) {
        this.left = events;
        this.waiting = waiting;
        this.receipt = new Promise((resolve, reject) => {
            this.resolve = resolve;
            this.reject = reject;
        });
    }
    /** So many events have found their end: `delivered`, `duplicates` and the rejected ones together. */
    count(delivered, duplicates, failureStore, rejected) {
        this.delivered += delivered;
        this.duplicates += duplicates;
        this.failureStore += failureStore;
        this.rejected.push(...rejected);
        this.left -= delivered + duplicates + rejected.length;
        if (this.left > 0)
            return;
        this.resolve({
            delivered: this.delivered,
            duplicates: this.duplicates,
            rejected: this.rejected,
            failureStore: this.failureStore,
        });
    }
    fail(error) {
        this.reject(error);
    }
}
