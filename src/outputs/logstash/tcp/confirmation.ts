/** Time in which a write is outstanding counts up to this much: beyond it the receiver is not reading. */
const STALL_MS = 1000;

interface Waiting {
  /** Reading of the clock when the bytes had left. */
  readonly leftAt: number;
  readonly confirm: () => void;
}

/**
 * Decides when bytes written to a TCP connection count as delivered. Logstash's tcp input answers nothing, so the only
 * sign is that the connection stays up while the receiver reads: bytes are confirmed when a clock has gone on for
 * `confirmAfterMs` since they left. The clock stands still while the receiver does not read.
 */
export class Confirmation {
  private readonly confirmAfterMs: number;
  private readonly now: () => number;
  private readonly waiting: Waiting[] = [];
  private first = 0;
  private clock = 0;
  private countedTo: number;
  private outstandingSince: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds of a clock that never goes back */
  constructor(confirmAfterMs: number, now: () => number = () => performance.now()) {
    this.confirmAfterMs = confirmAfterMs;
    this.now = now;
    this.countedTo = now();
  }

  /** How many writes wait for confirmation. */
  get size(): number {
    return this.waiting.length - this.first;
  }

  /** A write has begun; the clock stands still until all are done. */
  began(): void {
    if (this.outstandingSince !== undefined) return;
    this.advance();
    this.outstandingSince = this.countedTo;
  }

  /** All bytes so far are with the kernel. */
  drained(): void {
    if (this.outstandingSince === undefined) return;
    this.clock += this.stalled;
    this.outstandingSince = undefined;
    this.countedTo = this.now();
    this.settle();
  }

  /** Bytes have left; `confirm` is called when they count as delivered, in the order of the calls. */
  left(confirm: () => void): void {
    this.advance();
    this.waiting.push({ leftAt: this.clock + this.stalled, confirm });
    this.settle();
  }

  /** The receiver has read everything: it answered our end with its own. */
  confirmAll(): void {
    for (; this.first < this.waiting.length; this.first++) this.waiting[this.first]?.confirm();
    this.stop();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** What the clock will have counted of the time in which a write is outstanding. */
  private get stalled(): number {
    return this.outstandingSince === undefined ? 0 : Math.min(this.now() - this.outstandingSince, STALL_MS);
  }

  private advance(): void {
    if (this.outstandingSince !== undefined) return;
    const now = this.now();
    this.clock += now - this.countedTo;
    this.countedTo = now;
  }

  private settle(): void {
    this.advance();
    for (let next = this.waiting[this.first]; next !== undefined; next = this.waiting[this.first]) {
      if (this.clock - next.leftAt < this.confirmAfterMs) break;
      next.confirm();
      this.first++;
    }
    if (this.first > 1024) {
      this.waiting.splice(0, this.first);
      this.first = 0;
    }
    const next = this.waiting[this.first];
    if (next === undefined || this.outstandingSince !== undefined || this.timer !== undefined) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.settle();
      },
      Math.max(1, this.confirmAfterMs - (this.clock - next.leftAt)),
    );
  }
}
