/** An amount of events and of their bytes. */
export interface Limits {
  readonly events: number;
  readonly bytes: number;
}

/** Counts what is under way without an acknowledgement, and makes one sender wait for room. */
export class InFlight {
  events = 0;
  private bytes = 0;
  private readonly limits: Limits;
  private over = false;
  private waiting: { readonly holds: () => boolean; readonly resolve: () => void } | undefined;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Resolves when so much more may be sent: always when nothing is under way. Also when everything is given up. */
  room(events: number, bytes: number): Promise<void> {
    return this.until(
      () =>
        this.events === 0 ||
        (this.events + events <= this.limits.events && this.bytes + bytes <= this.limits.bytes),
    );
  }

  /** Resolves when nothing is under way, or everything is given up. */
  empty(): Promise<void> {
    return this.until(() => this.events === 0);
  }

  add(events: number, bytes: number): void {
    this.events += events;
    this.bytes += bytes;
  }

  remove(events: number, bytes: number): void {
    this.events -= events;
    this.bytes -= bytes;
    this.wake();
  }

  giveUp(): void {
    this.over = true;
    this.wake();
  }

  private until(holds: () => boolean): Promise<void> {
    if (this.over || holds()) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting = { holds, resolve };
    });
  }

  private wake(): void {
    const { waiting } = this;
    if (waiting === undefined || !(this.over || waiting.holds())) return;
    this.waiting = undefined;
    waiting.resolve();
  }
}
