const REPEAT_MS = 60_000;
/** Tells what strangers can make happen as often as they like: at once, and then once a minute with how often it came. */
export class Reports {
    log;
    input;
    told = new Map();
    /** @param input its name in the configuration */
    constructor(log, input) {
        this.log = log;
        this.input = input;
    }
    /** @param kind what is the same again */
    warn = (kind, message) => this.tell('warn', kind, message);
    info = (kind, message) => this.tell('info', kind, message);
    tell(level, kind, message) {
        const last = this.told.get(kind);
        if (last !== undefined && Date.now() - last.at < REPEAT_MS) {
            last.count++;
            return;
        }
        const repeated = last?.count ?? 0;
        this.log[level]({ input: this.input, ...(repeated > 0 && { repeated }) }, message);
        this.told.set(kind, { at: Date.now(), count: 0 });
    }
}
