/** Logstash closes a connection that was idle for 60 s (`client_inactivity_timeout`). */
const IDLE_PING_MS = 20_000;

/** Keeps an idle connection alive, and notices when a busy one shows no sign of life. */
export class Pulse {
  private readonly isBusy: () => boolean;
  private readonly dead: () => void;
  private readonly pinging: NodeJS.Timeout;
  private readonly silence: NodeJS.Timeout;
  private last = performance.now();
  private isOver = false;

  constructor(options: {
    /** Something waits for the other side. */
    isBusy: () => boolean;
    /** Writes something that changes nothing. */
    ping: () => void;
    /** The connection was busy for so long, and nothing came or went. */
    timeoutMs: number;
    dead: () => void;
  }) {
    this.isBusy = options.isBusy;
    this.dead = options.dead;
    this.pinging = setInterval(() => {
      if (!this.isBusy()) options.ping();
    }, IDLE_PING_MS).unref();
    this.silence = setTimeout(() => this.silent(), options.timeoutMs).unref();
  }

  /** Since bytes came or went. */
  get seconds(): number {
    return Math.round((performance.now() - this.last) / 1000);
  }

  /** Bytes have come or gone. */
  sign(): void {
    if (this.isOver) return;
    this.last = performance.now();
    this.silence.refresh();
  }

  stop(): void {
    this.isOver = true;
    clearInterval(this.pinging);
    clearTimeout(this.silence);
  }

  private silent(): void {
    if (this.isBusy()) this.dead();
    else this.silence.refresh();
  }
}
