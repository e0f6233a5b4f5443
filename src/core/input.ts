import type { LineRole, Pulse } from './dialect.ts';
import type { JsonObject } from './event.ts';
import type { FileIdentity, GenerationStore } from './generations.ts';
import type { Logger } from './log.ts';
import type { Journal, Source } from './source.ts';

/** A way in. Started once; tells its host about the sources it finds. */
export interface Input {
  start(): Promise<void>;
  /** Stops receiving. What was admitted stays readable. Safe without `start`. */
  stop(): Promise<void>;
  /** Resolves when nothing will ever come, as at the end of standard input. Absent: the input goes on for ever. */
  readonly ended?: Promise<void>;
  /** Empty when the input is subscribed or tailing; else why not, one sentence each. */
  problems(): readonly string[];
  /** Numbers about what the input watches, for Prometheus; as many as the configuration chooses. */
  series?(): readonly Series[];
}

/** One number for Prometheus. */
export interface Series {
  readonly type: 'gauge' | 'counter';
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What an input may ask of the probe. */
export interface InputHost {
  /** Name of this input in the configuration. */
  readonly name: string;
  /** `service.name`: the broker that the input belongs to. */
  readonly service: string;
  /**
   * Every output starts to read this source at its cursor.
   * @param after the source whose session goes on in this one: the file generation before it
   * @returns resolves when all have read and settled it to its end
   */
  add(source: Source, after?: Source): Promise<void>;
  /** The input's journal; opened by the first call. */
  journal(): Journal;
  /** `Dialect.role` of the input's broker. */
  readonly role: ((line: string) => LineRole) | undefined;
  /** `Dialect.pulse` of the input's broker. */
  readonly pulse?: Pulse | undefined;
  /** A record as it may be kept: `Dialect.original` of the input's broker. */
  original(text: string): string;
  /** True for topics whose messages the dialect reads: their payloads are the broker's words. */
  owns(topic: string): boolean;
  /** `Dialect.admit` of the input's broker, with the payload setting of the input. @param isCut the head of a longer one */
  readonly admit?: ((record: Buffer, isCut: boolean) => Buffer) | undefined;
  /** The output of this probe that writes a file; undefined: none does. */
  writerOf(file: FileIdentity): Promise<string | undefined>;
  /** What earlier runs knew of the input's files. */
  readonly generations: GenerationStore;
  /** What this input told its next run. */
  readonly facts: InputFacts;
  readonly log: Logger;
}

/** A few facts that an input keeps across restarts; saved with the positions. */
export interface InputFacts {
  recall(): JsonObject | undefined;
  keep(facts: JsonObject): void;
}
