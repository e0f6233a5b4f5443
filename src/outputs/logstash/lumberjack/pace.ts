/** What Beats sends at most in one window, and what Logstash takes without a warning. */
const MAX_EVENTS = 2048;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * How large windows are. After a loss they are small and travel alone, and grow again with every one that is taken: so
 * an event that the server cannot take, and that makes it give up the whole window, is soon alone in its window.
 */
export class Pace {
  /** Most events of one window. */
  events = MAX_EVENTS;

  /** True after a loss, until windows have their full size again. */
  get careful(): boolean {
    return this.events < MAX_EVENTS;
  }

  /** Most bytes of one window, when so many may be under way: half of them, so that the next one is on its way. */
  bytes(underWay: number): number {
    return Math.min(MAX_BYTES, Math.ceil(underWay / 2));
  }

  /** A window was taken. */
  taken(): void {
    this.events = Math.min(MAX_EVENTS, this.events * 2);
  }

  /** @param events how many of the first window were not acknowledged */
  lost(events: number): void {
    this.events = Math.max(1, Math.floor(events / 4));
  }
}
