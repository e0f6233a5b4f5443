import type { Journal, Source } from './source.ts';

/** A way in. Started once; tells its host about the sources it finds. */
export interface Input {
  start(): Promise<void>;
  /** Stops receiving. What was admitted stays readable. Safe without `start`. */
  stop(): Promise<void>;
  /** Empty when the input is subscribed or tailing; else why not, one sentence each. */
  problems(): readonly string[];
}

/** What an input may ask of the probe. */
export interface InputHost {
  /** Name of this input in the configuration. */
  readonly name: string;
  /** Every output starts to read this source at its cursor. */
  add(source: Source): void;
  /** Opens the input's journal and adds its source. */
  journal(): Journal;
  readonly log: Logger;
}

/** The probe's own log: one line per event worth a human's time. Never payloads or secrets. */
export interface Logger {
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
}
export type LogFields = Readonly<Record<string, unknown>>;
