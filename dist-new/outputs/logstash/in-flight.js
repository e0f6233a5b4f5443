/** Counts what is under way without an acknowledgement, and makes one sender wait for room. */
export class InFlight {
    events = 0;
    bytes = 0;
    limits;
    over = false;
    waiting;
    constructor(limits) {
        this.limits = limits;
    }
    /** Resolves when so much more may be sent: always when nothing is under way. Also when everything is given up. */
    room(events, bytes) {
        return this.until(() => this.events === 0 ||
            (this.events + events <= this.limits.events && this.bytes + bytes <= this.limits.bytes));
    }
    /** Resolves when nothing is under way, or everything is given up. */
    empty() {
        return this.until(() => this.events === 0);
    }
    add(events, bytes) {
        this.events += events;
        this.bytes += bytes;
    }
    remove(events, bytes) {
        this.events -= events;
        this.bytes -= bytes;
        this.wake();
    }
    giveUp() {
        this.over = true;
        this.wake();
    }
    until(holds) {
        if (this.over || holds())
            return Promise.resolve();
        return new Promise((resolve) => {
            this.waiting = { holds, resolve };
        });
    }
    wake() {
        const { waiting } = this;
        if (waiting === undefined || !(this.over || waiting.holds()))
            return;
        this.waiting = undefined;
        waiting.resolve();
    }
}
