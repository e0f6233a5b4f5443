/** Logstash closes a connection that was idle for 60 s (`client_inactivity_timeout`). */
const IDLE_PING_MS = 20_000;
/** Keeps an idle connection alive, and notices when a busy one shows no sign of life. */
export class Pulse {
    isBusy;
    dead;
    pinging;
    silence;
    last = performance.now();
    isOver = false;
    constructor(options) {
        this.isBusy = options.isBusy;
        this.dead = options.dead;
        this.pinging = setInterval(() => {
            if (!this.isBusy())
                options.ping();
        }, IDLE_PING_MS).unref();
        this.silence = setTimeout(() => this.silent(), options.timeoutMs).unref();
    }
    /** Since bytes came or went. */
    get seconds() {
        return Math.round((performance.now() - this.last) / 1000);
    }
    /** Bytes have come or gone. */
    sign() {
        if (this.isOver)
            return;
        this.last = performance.now();
        this.silence.refresh();
    }
    stop() {
        this.isOver = true;
        clearInterval(this.pinging);
        clearTimeout(this.silence);
    }
    silent() {
        if (this.isBusy())
            this.dead();
        else
            this.silence.refresh();
    }
}
