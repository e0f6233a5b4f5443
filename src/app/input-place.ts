import { hostname } from 'node:os';
import { brokers } from '../brokers/index.ts';
import type { Config } from '../config/load.ts';
import type { Dialect, StreamInfo } from '../core/dialect.ts';
import type { Input, InputFacts, InputHost, Logger, Series } from '../core/input.ts';
import type { Journal, Source } from '../core/source.ts';
import { matchesFilter } from '../core/topic.ts';
import { inputs as inputTypes } from '../inputs/index.ts';
import { clientIdOf } from '../inputs/mqtt/client-id.ts';
import { compileFilter } from '../inputs/mqtt/filters.ts';
import { whenFullOf } from '../inputs/tcp/config.ts';
import type { LineSettings } from '../pipeline/line-taker.ts';
import { MirrorReader } from '../pipeline/mirror.ts';
import { capturePayload, type PayloadPolicy } from '../pipeline/payload.ts';
import type { Reading } from '../pipeline/reading.ts';
import type { InputConfig } from '../registry.ts';
import type { PositionStore } from '../state/positions.ts';
import type { SpoolStream } from '../state/spool/stream.ts';
import type { InputStatus } from '../telemetry/status.ts';
import { envelope } from './envelope.ts';
import { SpooledFiles } from './spooled-files.ts';
import { openStream, type Surroundings } from './surroundings.ts';

const LOG_TOPICS = '$SYS/broker/log/';

/** One configured input in its surroundings: hands its sources to every lane, and knows how their records are read. */
export class InputPlace implements InputHost {
  readonly name: string;
  readonly service: string;
  readonly log: Logger;
  readonly generations: PositionStore;
  readonly facts: InputFacts;
  readonly role: Dialect['role'];
  readonly pulse: Dialect['pulse'];
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
    this.reading = readingOf(name, settings, around, dialect);
    const { owns } = this.reading.dialect;
    this.owns = (topic) => topic.startsWith(LOG_TOPICS) || owns?.(topic) === true;
    const { payload } = this.reading.stream;
    const { admit } = dialect;
    this.admit = admit && ((record, isCut) => admit(record, isCut, payload));
    this.stream = stream;
    this.spooled =
      settings.type === 'file'
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

  /** Loads the code of the input and of its broker, and opens its stream of the spool. @throws StateError */
  static async open(name: string, settings: InputConfig, around: Surroundings): Promise<InputPlace> {
    const { dialect } = await brokers[settings.broker as keyof typeof brokers].load();
    const { create } = await inputTypes[settings.type].load();
    const whenFull = settings.type === 'tcp' ? whenFullOf(settings) : settings.when_full;
    const stream = settings.type === 'file' ? undefined : await openStream(name, around, { whenFull });
    const place = new InputPlace(name, settings, around, dialect, stream, (host) =>
      create(settings as never, host),
    );
    await place.spooled?.open();
    return place;
  }

  start(): Promise<void> {
    return this.input.start();
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
    if (spooled === undefined || settings.type !== 'file' || !settings.spool)
      return this.carry(source, after);
    return this.untilDone(source, spooled.copy(source, after));
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

  series(): readonly Series[] {
    return this.input.series?.() ?? [];
  }

  status(): InputStatus {
    const { lanes } = this.around;
    const totals = { records: 0, bytes: 0, events: 0, empty: 0, unparsed: 0, foreign: 0, gaps: 0 };
    for (const total of lanes[0]?.inputTotals(this.name) ?? []) {
      totals.records += total.records;
      totals.bytes += total.bytes;
      totals.events += total.events;
      totals.empty += total.empty;
      totals.unparsed += total.unparsed;
      totals.foreign += total.foreign;
      totals.gaps += total.gaps;
    }
    return {
      name: this.name,
      type: this.settings.type,
      sources: [...this.sources].filter((source) => source.framing() !== 'journal' || !this.spooled).length,
      ...totals,
      lagBytes: Math.max(0, ...lanes.map((lane) => lane.lag(this.name))) + (this.spooled?.lag ?? 0),
      problems: this.problems(),
    };
  }
}

/** How the lines of an input's files are told apart. */
function linesOf(settings: InputConfig & { type: 'file' }, { name, role }: Dialect): LineSettings {
  const { timezone, program, limit } = settings;
  return { limit, role, framing: { timezone, program: program ?? name, isChosen: program !== undefined } };
}

/** How the records of an input are read. */
function readingOf(input: string, settings: InputConfig, around: Surroundings, dialect: Dialect): Reading {
  const { config, identity } = around;
  const service = serviceOf(settings, config);
  const partners = Object.entries(config.inputs).filter(([, other]) => serviceOf(other, config) === service);
  const clients = partners.flatMap(([name, other]) =>
    other.type === 'mqtt' ? [{ id: clientIdOf(other, hostname(), name), traffic: other.own_traffic }] : [],
  );
  // Polls tell nothing of messages.
  const logs = partners.filter(([, other]) => other.type !== 'mqtt' && other.type !== 'emqx-api');
  const labels = { ...config.labels, ...settings.labels };
  const mirrored = settings.type === 'mqtt' ? settings : undefined;
  const client = mirrored === undefined ? '' : clientIdOf(mirrored, hostname(), input);
  const levels = (mirrored?.topics ?? [])
    .map(({ filter }) => compileFilter(filter))
    .filter((f) => f.labels.length > 0);
  const tailed = partners.find(([, other]) => other.type === 'file')?.[0];
  const listed = mirrored?.topics.some(({ filter }) => filter.startsWith('$SYS/broker/log/')) ?? false;
  if (listed && tailed !== undefined) {
    around.log.warn(
      { input },
      `lines of the broker's log come twice: from its log topics, which are listed here, and from the input ${tailed}`,
    );
  }
  return {
    dialect: owning(dialect, mirrored?.events ?? []),
    stream: {
      ownClients: new Set(clients.map(({ id }) => id)),
      topicRoot: config.topic_root,
      ...('timezone' in settings && settings.timezone !== undefined && { timezone: settings.timezone }),
      ...('stamp' in settings && settings.stamp !== undefined && { stamp: settings.stamp }),
      ...('fields' in settings && settings.fields !== undefined && { fields: settings.fields }),
      ...('payload' in settings && captures(settings.payload) && { payload: captureBy(settings.payload) }),
    },
    original: 'original' in settings && settings.original,
    privacy: around.privacy,
    leftOut: new Set(clients.filter(({ traffic }) => traffic === 'drop').map(({ id }) => id)),
    ...(config.join > 0 &&
      clients.length > 0 &&
      logs.length > 0 && { join: { broker: service, waitMs: config.join } }),
    envelope: envelope(identity, {
      host: settings.host ?? config.host ?? hostname(),
      serviceType: dialect.name,
      serviceName: service,
      labels,
    }),
    namespace: settings.namespace ?? config.namespace,
    limit: 'limit' in settings ? settings.limit : 0,
    ...('program' in settings && settings.program !== undefined && { program: settings.program }),
    isHostChosen: (settings.host ?? config.host) !== undefined,
    ignoreLogTopics: !listed && tailed !== undefined,
    ...(mirrored && {
      mirror: (emit, correlation) =>
        new MirrorReader(
          { payload: mirrored.payload, topicRoot: config.topic_root, levels, labels },
          emit,
          correlation && ((message, asked) => correlation.find(client, message, asked)),
        ),
    }),
  };
}

/** The dialect reads messages of these topics too. */
function owning(dialect: Dialect, filters: readonly string[]): Dialect {
  if (filters.length === 0) return dialect;
  const owns = (topic: string): boolean =>
    dialect.owns?.(topic) === true || filters.some((filter) => matchesFilter(filter, topic));
  return { ...dialect, owns };
}

/** How the payloads that the broker's own records hold are kept. */
function captureBy(policy: PayloadPolicy): NonNullable<StreamInfo['payload']> {
  return (payload, isCut) => capturePayload(payload, policy, isCut);
}

function captures({ capture, decode }: PayloadPolicy): boolean {
  return capture !== 'none' || decode !== undefined;
}

/** The broker that an input belongs to. */
function serviceOf(settings: InputConfig, config: Config): string {
  return settings.name ?? config.name ?? settings.broker;
}
