import type { Logger } from '../core/input.ts';

const REPEAT_MS = 60_000;
/** Kinds of trouble that are told apart. */
const MAX_KEYS = 100;

/** Tells a kind of trouble at once, and then once a minute with how often it came. */
export class Reports {
  private readonly log: Logger;
  private readonly input: string;
  private readonly told = new Map<string, { at: number; count: number }>();

  /** @param input its name in the configuration */
  constructor(log: Logger, input: string) {
    this.log = log;
    this.input = input;
  }

  /** @param key what is the same trouble */
  warn(key: string, message: string): void {
    const last = this.told.get(key);
    if (last !== undefined && Date.now() - last.at < REPEAT_MS) {
      last.count++;
      return;
    }
    const repeated = last?.count ?? 0;
    this.log.warn({ input: this.input, ...(repeated > 0 && { repeated }) }, message);
    if (last === undefined && this.told.size >= MAX_KEYS) this.told.clear();
    this.told.set(key, { at: Date.now(), count: 0 });
  }
}
