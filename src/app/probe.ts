import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/load.ts';
import type { Cursor } from '../core/cursor.ts';
import { StateError } from '../core/errors.ts';
import type { Series } from '../core/input.ts';
import type { Logger } from '../core/log.ts';
import type { Source } from '../core/source.ts';
import type { CursorStore } from '../pipeline/lane/cursor-store.ts';
import { Lane } from '../pipeline/lane/lane.ts';
import type { Privacy } from '../pipeline/normalizer/privacy.ts';
import { makeStateDirectory } from '../state/control-socket.ts';
import type { PositionStore } from '../state/positions.ts';
import type { Spool } from '../state/spool/spool.ts';
import type { RefusedConfiguration, Status } from '../telemetry/status.ts';
import { type Observed, Telemetry } from '../telemetry/telemetry.ts';
import { VERSION } from '../version.ts';
import { CertificateWatch } from './certificates.ts';
import { Chores } from './chores.ts';
import { DeadLetterOffice } from './dead-letter-office.ts';
import { Followers } from './followers.ts';
import { InputPlace } from './input-place.ts';
import { openPrivacy, openVault } from './privacy.ts';
import { ProbeEvents } from './probe-events.ts';
import { configuredOutputs, type NamedOutput, openPositions, openSpool } from './probe-parts.ts';
import { runningStatus, startingStatus } from './probe-status.ts';
import type { Surroundings } from './surroundings.ts';

/** Time at a stop for what was admitted to memory, and then for the outputs to confirm: below 8 s together. */
const DRAIN_MS = 3000;
const CLOSE_MS = 3500;
/** Time at a stop for the disk to take what was admitted. */
const SPOOL_MS = 1000;
/** Time at a stop for followers to take what waits for them. */
const FOLLOWERS_MS = 300;

/** The running probe: inputs, one lane for each output, positions, telemetry. Starts in order, stops in reverse. */
export class Probe implements Observed {
  /** Address of the HTTP endpoints; undefined when they are off. */
  address: string | undefined;
  /** The configuration that it goes on without; undefined: none was refused. */
  refused: RefusedConfiguration | undefined;
  private readonly config: Config;
  private readonly log: Logger;
  private readonly telemetry: Telemetry;
  private readonly store: PositionStore;
  private readonly spool: Spool;
  private readonly lanes: readonly Lane[];
  private readonly inputs: InputPlace[] = [];
  private readonly followers = new Followers();
  private readonly deadLetters: DeadLetterOffice;
  private readonly events: ProbeEvents;
  private readonly certificates: CertificateWatch;
  private readonly around: Surroundings;
  private readonly stopReading = new AbortController();
  private readonly stopCarrying = new AbortController();
  private readonly started = new Date();
  private readonly chores: Chores;

  private constructor(
    config: Config,
    log: Logger,
    telemetry: Telemetry,
    store: PositionStore,
    spool: Spool,
    outputs: readonly NamedOutput[],
    privacy: Privacy | undefined,
  ) {
    this.config = config;
    this.log = log;
    this.telemetry = telemetry;
    this.store = store;
    this.spool = spool;
    this.deadLetters = new DeadLetterOffice(config, log, (note) => this.events.note(note));
    this.lanes = outputs.map((output) => this.lane(output));
    this.around = {
      config,
      log,
      lanes: this.lanes,
      store,
      privacy,
      spool,
      identity: { id: store.agent, ephemeralId: randomUUID() },
      stopReading: this.stopReading.signal,
      stopCarrying: this.stopCarrying.signal,
    };
    this.events = new ProbeEvents(this.around);
    this.certificates = new CertificateWatch(config);
    this.chores = new Chores(
      this.around,
      () => this.report(),
      () => this.beat(),
      (id) => this.inputs.some((input) => input.reads(id)),
    );
  }

  /**
   * Starts a probe.
   * @throws StateError when the state directory cannot be used
   * @throws BlockedError when an address cannot be listened on
   */
  static async start(config: Config, log: Logger, extra: readonly NamedOutput[] = []): Promise<Probe> {
    await makeStateDirectory(config.state);
    const telemetry = new Telemetry(startingStatus(config), config.telemetry.hosts);
    let probe: Probe | undefined;
    try {
      await telemetry.lock(config.state);
      const outputs = [...extra, ...(await configuredOutputs(config))];
      const vault = openVault(config);
      const store = await openPositions(config.state, outputs, log, vault);
      const spool = await openSpool(config, log, vault);
      probe = new Probe(config, log, telemetry, store, spool, outputs, openPrivacy(config));
      await probe.begin();
      return probe;
    } catch (error) {
      // Nothing of a probe that did not start stays behind: neither its lock nor an input that has begun.
      await (probe === undefined ? telemetry.close() : probe.stop());
      throw error;
    }
  }

  /** Resolves when every input has ended and everything was delivered; never while one goes on for ever. */
  async finished(): Promise<void> {
    await Promise.all(this.inputs.map((input) => input.finished));
  }

  /** Stops reading, delivers or leaves for the next start what is in hand, saves positions. Takes less than 8 s. */
  async stop(): Promise<void> {
    const idle = this.chores.stop();
    this.certificates.stop();
    this.stopReading.abort();
    this.events.say('probe-stopped', 'the probe stops', []);
    await Promise.all(this.inputs.map((input) => input.stop()));
    // Whoever loses patience meanwhile gets nothing twice of what was delivered until now.
    await this.save(this.store.save());
    const settled = Promise.all([...this.inputs.map((input) => input.settled()), this.events.close()]);
    await Promise.race([this.handedOver(), settled, delay(DRAIN_MS, undefined, { ref: false })]);
    this.stopCarrying.abort();
    await Promise.race([idle, delay(SPOOL_MS, undefined, { ref: false })]);
    await Promise.all([
      this.spool.close(SPOOL_MS),
      ...this.lanes.map((lane) => lane.delivery.stop(CLOSE_MS)),
    ]);
    await Promise.race([this.followers.close(), delay(FOLLOWERS_MS, undefined, { ref: false })]);
    await this.save(this.store.close());
    await this.telemetry.close();
    this.log.info({}, 'stopped');
  }

  status(): Status {
    return { ...runningStatus(this.around, this.inputs, this.started), refused: this.refused };
  }

  eventCounts(): Iterable<{ input: string; dataset: string; count: number }> {
    return this.lanes[0]?.eventCounts() ?? [];
  }

  series(): Iterable<Series> {
    return this.inputs.flatMap((input) => input.series());
  }

  /** `/dead-letters/<output>/replay` or `/purge`. */
  act(path: string): Promise<object> | undefined {
    const [, name, verb] = /^\/dead-letters\/([^/]+)\/(replay|purge)$/.exec(path) ?? [];
    const lane = this.lanes.find((lane) => lane.name === name);
    if (lane === undefined) return undefined;
    if (verb === 'purge') return this.deadLetters.purge(lane.name);
    return this.deadLetters.replay(
      { name: lane.name, delivery: lane.delivery, revive: (source, letters) => lane.revive(source, letters) },
      () => this.store.save(),
      this.stopCarrying.signal,
    );
  }

  /** `output`: whose events, default the first; `needle`, repeatable: bytes that stand in each event that is wanted. */
  follow(query: URLSearchParams, response: ServerResponse): string | undefined {
    const name = query.get('output') ?? this.lanes[0]?.name;
    const lane = this.lanes.find((lane) => lane.name === name);
    if (lane === undefined)
      return `there is no output "${name}"; there are ${this.lanes.map(({ name }) => name).join(', ')}`;
    return this.followers.add(lane.name, query.getAll('needle'), response);
  }

  private async begin(): Promise<void> {
    const { config, log } = this;
    this.telemetry.observe(this);
    this.address = await this.telemetry.listen(config.telemetry.listen);
    for (const lane of this.lanes) lane.delivery.start();
    for (const [name, settings] of Object.entries(config.inputs)) {
      this.inputs.push(await InputPlace.open(name, settings, this.around));
    }
    log.info({ version: VERSION, state: config.state, listen: this.address ?? 'off' }, 'started');
    this.events.say('probe-started', `brokertap ${VERSION} has started`, []);
    for (const input of this.inputs) await input.start();
    for (const output of this.store.dropOtherOutputs())
      log.warn({ output }, 'this output is no longer configured: its positions were dropped');
    void this.certificates.start();
    this.chores.start();
  }

  /** What is told of itself, but not at once. */
  private report(): void {
    this.deadLetters.report();
    for (const input of this.inputs) input.remark();
  }

  private beat(): void {
    const { problems } = this.status();
    this.events.say(
      'probe-heartbeat',
      problems.length === 0 ? 'everything works' : problems.join('; '),
      problems,
      this.certificates.fields,
    );
  }

  private async save(saved: Promise<void>): Promise<void> {
    await saved.catch((error: unknown) => {
      this.log.error({}, error instanceof StateError ? error.message : String(error));
    });
  }

  /** Resolves when everything in memory has been written, confirmed or not; closing the outputs confirms the rest. */
  private async handedOver(): Promise<void> {
    while (!this.stopCarrying.signal.aborted) {
      await delay(20, undefined, { ref: false });
      const unread = this.lanes.some((lane) => lane.unread > 0 || lane.delivery.unreleased > 0);
      if (!unread) return;
    }
  }

  private lane({ name, type, output }: NamedOutput): Lane {
    const cursors: CursorStore = {
      load: (source: Source) => (source.durable ? this.store.cursor(source.id, name) : undefined),
      save: (source: Source, cursor: Cursor) => this.store.setCursor(source.id, name, cursor),
      keep: () => this.store.keep(),
      totals: () => this.store.totalsOf(name),
      sentBefore: (source: Source) => (source.durable && !this.store.isFresh(source.id) ? source.size() : -1),
      revive: (source: string, letters: number) => this.store.revive(source, name, letters),
    };
    const settings = this.config.outputs[name];
    return new Lane({
      name,
      type,
      output,
      filters: { include: settings?.include, exclude: settings?.exclude },
      cursors,
      graveyard: this.deadLetters.graveyard(name),
      checkpointMs: this.config.save,
      log: this.log,
      onSettled: (seconds) => this.telemetry.metrics.settled(name, seconds),
      onEvents: (out) => this.followers.tell(name, out),
    });
  }
}
