import { brokers } from '../brokers/index.ts';
import type { Dialect } from '../core/dialect.ts';
import { BlockedError, UsageError } from '../core/errors.ts';
import type { FileIdentity } from '../core/generations.ts';
import type { Input, InputFacts, InputHost, Series } from '../core/input.ts';
import type { Logger } from '../core/log.ts';
import type { Journal, Source } from '../core/source.ts';
import { type InputType, inputs as inputTypes } from '../inputs/index.ts';
import type { EntrySettings } from '../pipeline/normalizer/entry-decoder.ts';
import type { Reading } from '../pipeline/normalizer/reading.ts';
import type { InputConfig } from '../registry.ts';
import type { PositionStore } from '../state/positions.ts';
import type { SpoolStream } from '../state/spool/stream.ts';
import type { InputStatus, InputTotals } from '../telemetry/status.ts';
import { readingOf, serviceOf } from './input-reading.ts';
import { SpooledFiles } from './spooled-files.ts';
import { openStream, type Surroundings } from './surroundings.ts';

const LOG_TOPICS = '$SYS/broker/log/';
/** So many lines of other programs, and none of the broker: its name may be another one. */
const MANY_FOREIGN = 100;

/** One configured input in its surroundings: hands its sources to every lane, and knows how their records are read. */
export class InputPlace implements InputHost {
  readonly name: string;
  readonly service: string;
  readonly log: Logger;
  readonly generations: PositionStore;
  readonly facts: InputFacts;
  readonly role: Dialect['role'];
  readonly pulse: Dialect['pulse'];
  readonly original: InputHost['original'];
  readonly owns: (topic: string) => boolean;
  readonly admit: InputHost['admit'];
  /** Resolves when the input has ended and everything of it is settled. */
  readonly finished: Promise<void>;
  private readonly settings: InputConfig;
  private readonly around: Surroundings;
  private readonly reading: Reading;
  private readonly input: Input;
  private readonly stream: SpoolStream | undefined;
  /** Of an input that reads files. */
  private readonly spooled: SpooledFiles | undefined;
  private readonly carrying = new Set<Promise<void>>();
  private readonly sources = new Set<Source>();
  private hasRemarked = false;

  private constructor(
    name: string,
    settings: InputConfig,
    around: Surroundings,
    dialect: Dialect,
    stream: SpoolStream | undefined,
    create: (host: InputHost) => Input,
  ) {
    this.name = name;
    this.service = serviceOf(settings, around.config);
    this.settings = settings;
    this.around = around;
    this.log = around.log;
    this.generations = around.store;
    this.facts = around.store.facts(name);
    this.role = dialect.role;
    this.pulse = dialect.pulse;
    this.original = dialect.original ?? ((text) => text);
    this.reading = readingOf(name, settings, around, dialect);
    const { owns } = this.reading.dialect;
    this.owns = (topic) => topic.startsWith(LOG_TOPICS) || owns?.(topic) === true;
    const streamInfo = this.reading.stream;
    const { admit } = dialect;
    this.admit = admit && ((record, isCut) => admit(record, isCut, streamInfo));
    this.stream = stream;
    this.spooled =
      'spool' in settings
        ? new SpooledFiles({
            input: name,
            around,
            settings: linesOf(settings, dialect),
            whenFull: settings.when_full,
            carry: (spooled) => void this.carry(spooled),
          })
        : undefined;
    this.input = create(this);
    this.finished = (this.input.ended ?? new Promise<void>(() => {})).then(() => this.settled());
  }

  /** Loads the code of the input and of its broker, and opens its stream of the spool. @throws StateError, UsageError */
  static async open(name: string, settings: InputConfig, around: Surroundings): Promise<InputPlace> {
    const { dialect } = await brokers[settings.broker as keyof typeof brokers].load();
    const type: InputType = inputTypes[settings.type];
    const { create } = await type.load();
    const whenFull = type.whenFull === undefined ? settings.when_full : type.whenFull(settings as never);
    const stream = type.brings === 'log-files' ? undefined : await openStream(name, around, { whenFull });
    try {
      const place = new InputPlace(name, settings, around, dialect, stream, (host) =>
        create(settings as never, host),
      );
      await place.spooled?.open();
      return place;
    } catch (error) {
      throw named(name, error);
    }
  }

  /** @throws BlockedError that names the input when it cannot begin */
  async start(): Promise<void> {
    try {
      await this.input.start();
    } catch (error) {
      throw named(this.name, error);
    }
  }

  /** Stops receiving; what was admitted is still carried. */
  async stop(): Promise<void> {
    await this.input.stop();
    this.stream?.close();
    this.spooled?.close();
  }

  /** Resolves when everything that was found or admitted is settled. */
  async settled(): Promise<void> {
    while (this.carrying.size > 0) await Promise.all(this.carrying);
  }

  add(source: Source, after?: Source): Promise<void> {
    const { spooled, settings } = this;
    if (spooled === undefined || !('spool' in settings && settings.spool)) return this.carry(source, after);
    return this.untilDone(source, spooled.copy(source, after));
  }

  async writerOf(file: FileIdentity): Promise<string | undefined> {
    for (const { name, output } of this.around.lanes) if (await output.writes?.(file)) return name;
    return undefined;
  }

  private carry(source: Source, after?: Source): Promise<void> {
    const { lanes, stopReading, stopCarrying } = this.around;
    const stop = source.durable ? stopReading : stopCarrying;
    const carried = lanes.map((lane) => lane.carry(source, this.reading, this.settings, after, stop));
    return this.untilDone(
      source,
      Promise.all(carried).then(() => {}),
    );
  }

  private untilDone(source: Source, carried: Promise<void>): Promise<void> {
    this.sources.add(source);
    const done = carried.finally(() => {
      this.carrying.delete(done);
      if (!this.around.stopReading.aborted) this.sources.delete(source);
    });
    this.carrying.add(done);
    return done;
  }

  journal(): Journal {
    if (this.stream === undefined) throw new RangeError(`input ${this.name} has no journal`);
    if (!this.sources.has(this.stream)) void this.carry(this.stream);
    return this.stream;
  }

  problems(): readonly string[] {
    const { problem } = this.spooled ?? {};
    const all = problem === undefined ? this.input.problems() : [...this.input.problems(), problem];
    return all.map((one) => `input ${this.name}: ${one}`);
  }

  /**
   * Says once in the log that nothing comes of one that holds lines. To be called now and then. It is no problem: in a log of
   * many programs the broker may have nothing to say.
   */
  remark(): void {
    const strangers = this.strangers();
    if (strangers !== undefined && !this.hasRemarked) this.log.warn({ input: this.name }, strangers);
    this.hasRemarked = strangers !== undefined;
  }

  /** A source of it with this id is read now. */
  reads(id: string): boolean {
    return [...this.sources].some((source) => source.id === id);
  }

  series(): readonly Series[] {
    return this.input.series?.() ?? [];
  }

  /** Bytes of files that no output can have yet, because they are not in the spool. */
  get uncopied(): number {
    return this.spooled?.lag ?? 0;
  }

  status(): InputStatus {
    const { lanes } = this.around;
    return {
      name: this.name,
      type: this.settings.type,
      sources: [...this.sources].filter((source) => source.framing() !== 'journal' || !this.spooled).length,
      ...this.totals(),
      lagBytes: Math.max(0, ...lanes.map((lane) => lane.lag(this.name))) + this.uncopied,
      problems: this.problems(),
    };
  }

  private totals(): InputTotals {
    const totals = { records: 0, bytes: 0, events: 0, empty: 0, unparsed: 0, foreign: 0, gaps: 0 };
    for (const total of this.around.lanes[0]?.inputTotals(this.name) ?? []) {
      totals.records += total.records;
      totals.bytes += total.bytes;
      totals.events += total.events;
      totals.empty += total.empty;
      totals.unparsed += total.unparsed;
      totals.foreign += total.foreign;
      totals.gaps += total.gaps;
    }
    return totals;
  }

  /** Why nothing comes of a log that holds lines; undefined: something does. */
  private strangers(): string | undefined {
    const { settings, reading } = this;
    const { foreign, events } = this.totals();
    if (foreign < MANY_FOREIGN || events > 0) return undefined;
    const program = ('program' in settings ? settings.program : undefined) ?? reading.dialect.name;
    return `none of the ${foreign} lines that were read is of the program "${program}": if the broker is called otherwise in that log, write program: NAME, or program: "*" when all are its`;
  }
}

/** An error whose message begins with a key of an input's settings: with the name of the input before it. */
function named(input: string, error: unknown): unknown {
  if (error instanceof UsageError) return new UsageError(`inputs.${input}.${error.message}`);
  if (error instanceof BlockedError)
    return new BlockedError(`inputs.${input}.${error.message}`, { cause: error });
  return error;
}

/** How the lines of an input's files are told apart. */
function linesOf(settings: Extract<InputConfig, { spool: boolean }>, { name, role }: Dialect): EntrySettings {
  const { timezone, program, limit } = settings;
  return { limit, role, framing: { timezone, program: program ?? name, isChosen: program !== undefined } };
}
