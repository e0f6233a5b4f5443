/** The probe's own log: one line per event worth a human's time. Never payloads or secrets. */
export interface Logger {
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
}
type LogFields = Readonly<Record<string, unknown>>;

const REPEAT_MS = 60_000;

/** Keeps the probe's own log short: what comes again is told once a minute, with how often it came meanwhile. */
export class Repeats {
  private readonly told = new Map<string, { readonly text: string; readonly at: number; count: number }>();

  /**
   * Something has happened.
   * @param kind of which there is a bounded number
   * @param text another one than the last of its kind is told at once
   * @returns fields for the line in the log; undefined: it was told less than a minute ago
   */
  next(kind: string, text = ''): { readonly repeated?: number } | undefined {
    const last = this.told.get(kind);
    const at = Date.now();
    // The clock may have been set back.
    if (last?.text === text && Math.abs(at - last.at) < REPEAT_MS) {
      last.count++;
      return undefined;
    }
    this.told.set(kind, { text, at, count: 0 });
    return last === undefined || last.count === 0 ? {} : { repeated: last.count };
  }

  /** It is over: the next one is told at once. @returns false: none was told */
  forget(kind: string): boolean {
    return this.told.delete(kind);
  }
}
