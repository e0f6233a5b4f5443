import type { Logger } from '../core/input.ts';

const REPEAT_MS = 60_000;
/** Tells what strangers can make happen as often as they like: at once, and then once a minute with how often it came. */
export class Reports {
  private readonly log: Logger;
  private readonly input: string;
  private readonly told = new Map<string, { at: number; count: number }>();

  /** @param input its name in the configuration */
  constructor(log: Logger, input: string) {
    this.log = log;
    this.input = input;
  }

  /** @param kind what is the same again */
  readonly warn = (kind: string, message: string): void => this.tell('warn', kind, message);

  readonly info = (kind: string, message: string): void => this.tell('info', kind, message);

  private tell(level: 'warn' | 'info', kind: string, message: string): void {
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
