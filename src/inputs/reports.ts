import { type Logger, Repeats } from '../core/log.ts';

/** Tells what strangers can make happen as often as they like. */
export class Reports {
  private readonly log: Logger;
  private readonly input: string;
  private readonly repeats = new Repeats();

  /** @param input its name in the configuration */
  constructor(log: Logger, input: string) {
    this.log = log;
    this.input = input;
  }

  /** @param kind what is the same again */
  readonly warn = (kind: string, message: string): void => this.tell('warn', kind, message);

  readonly info = (kind: string, message: string): void => this.tell('info', kind, message);

  private tell(level: 'warn' | 'info', kind: string, message: string): void {
    const fields = this.repeats.next(kind);
    if (fields !== undefined) this.log[level]({ input: this.input, ...fields }, message);
  }
}
