import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ProbeProcess } from '../support/cli.ts';
import type { Kind } from '../support/search-server/prepare.ts';
import { until } from '../support/wait.ts';
import type { Arrivals } from './arrivals.ts';
import { BulkSink } from './bulk-sink.ts';
import { FileWay } from './file-way.ts';
import { HttpWay } from './http-way.ts';
import { LumberjackSink } from './lumberjack-sink.ts';
import { MqttWay } from './mqtt-way.ts';
import { imbalance, OUTPUT, saved, settledIn, statusOf } from './probe-state.ts';
import { Random } from './random.ts';
import { SearchSink } from './search-sink.ts';
import { TcpSink } from './tcp-sink.ts';
import { verdict } from './verdict.ts';

/** A way in that makes numbered events and is disturbed. */
export interface Way {
  /** The input's settings, as YAML. */
  readonly input: string;
  /** What the probe has to say of it besides. */
  readonly told?: RegExp;
  /** Numbers below it are written, once `end` has resolved. */
  readonly written: number;
  /** Begins to write, once the probe has been there. */
  begin(): Promise<void>;
  /** Rotates or restarts. @returns what was done */
  disturb(): Promise<string>;
  end(): Promise<void>;
  /** How often a number was given. */
  times(n: number): number;
}

/** A way out that comes and goes. */
export interface Sink {
  readonly output: string;
  readonly arrivals: Arrivals;
  /** Resolves when all that came from a killed probe is taken. */
  idle(): Promise<void>;
  /** Resolves when nothing is taken any more. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Loses the present connections. */
  cut(): Promise<void>;
  /** Different events, where `arrivals` does not know them before `collect`. */
  received?(): Promise<number>;
  /** Fills `arrivals` at the end. */
  collect?(): Promise<void>;
  /** Events of this number are refused for good. */
  isRefused?(n: number): boolean;
}

export const WAYS = ['file', 'mqtt', 'http'] as const;
export const SINKS = ['tcp', 'lumberjack', 'bulk', 'opensearch', 'elasticsearch'] as const;

export interface Scenario {
  readonly way: (typeof WAYS)[number];
  readonly sink: (typeof SINKS)[number];
  readonly kills: number;
  readonly seed: string;
  /** What is started; default: this checkout's command. */
  readonly program?: string;
}

/** What came of it. */
export interface Outcome {
  readonly kills: number;
  readonly disturbances: number;
  readonly outages: number;
  readonly written: number;
  readonly arrived: number;
  readonly duplicates: number;
  /** Most duplicates that are accepted. */
  readonly bound: number;
  /** Answers about the balance that were checked. */
  readonly balances: number;
  /** Sentences; none when everything is as promised. */
  readonly violations: readonly string[];
  /** Where the evidence is, when there are violations. */
  readonly evidence: string | undefined;
}

/** Runs a scenario to its verdict. */
export async function run(scenario: Scenario): Promise<Outcome> {
  const cleanups: (() => unknown)[] = [];
  const directory = mkdtempSync(path.join(tmpdir(), 'bt-chaos-'));
  let evidence: string | undefined = directory;
  try {
    const outcome = await new Chaos(scenario, directory).run({ after: (act) => void cleanups.push(act) });
    if (outcome.violations.length === 0) evidence = undefined;
    return { ...outcome, evidence };
  } catch (error) {
    throw new Error(`the evidence is in ${directory}`, { cause: error });
  } finally {
    for (const act of cleanups.reverse()) await act();
    if (evidence === undefined) rmSync(directory, { recursive: true, force: true });
  }
}

/** One run: the probe is killed, its way in disturbed and its sink stopped and cut, each in its own rhythm. */
class Chaos {
  private readonly scenario: Scenario;
  private readonly directory: string;
  private readonly state: string;
  private readonly chronicle: string[] = [];
  private readonly began = Date.now();
  private readonly violations: string[] = [];
  private disturbances = 0;
  private outages = 0;
  private balances = 0;
  /** What had arrived and was not settled in the saved positions, summed over the lost connections. */
  private bound = 0;
  private over = false;

  constructor(scenario: Scenario, directory: string) {
    this.scenario = scenario;
    this.directory = directory;
    this.state = path.join(directory, 'state');
  }

  async run(t: { after(act: () => unknown): void }): Promise<Omit<Outcome, 'evidence'>> {
    const { kills } = this.scenario;
    const way = await this.makeWay(t);
    const sink: Sink = await this.makeSink(t, () => this.account(sink));
    const { program } = this.scenario;
    const yaml = `namespace: chaos\ninputs: {in: ${way.input}}\noutputs: {${OUTPUT}: ${sink.output}}\n`;
    const probe = new ProbeProcess(t, this.directory, yaml, program);
    try {
      probe.start();
      await until(
        async () => (await statusOf(this.state)) !== undefined,
        () => probe.stderr,
      );
      await way.begin();
      const killing = this.kill(probe, sink).finally(() => {
        this.over = true;
      });
      await Promise.all([killing, this.disturb(way), this.stopAndCut(sink)]);
      probe.start();
      await way.end();
      const last = await verdict({ way, sink, state: this.state, probe, bound: () => this.bound });
      this.violations.push(...last.violations);
      const { arrived, duplicates } = last;
      const { disturbances, outages, bound, balances, violations } = this;
      return {
        ...{ kills, disturbances, outages, written: way.written, arrived, duplicates, bound, balances },
        violations,
      };
    } finally {
      this.keep('chronicle.log', this.chronicle.join('\n'));
      this.keep('probe.log', probe.stderr);
      this.keep('violations.txt', this.violations.join('\n'));
    }
  }

  private async makeWay(t: { after(act: () => unknown): void }): Promise<Way> {
    const random = this.random('way');
    if (this.scenario.way === 'file') return new FileWay(this.directory, random);
    if (this.scenario.way === 'mqtt') return MqttWay.start(t, this.directory, random);
    return HttpWay.start();
  }

  private makeSink(t: { after(act: () => unknown): void }, lost: () => Promise<void>): Promise<Sink> {
    const { sink } = this.scenario;
    const random = this.random('server');
    if (sink === 'tcp') return TcpSink.start(t);
    if (sink === 'lumberjack') return LumberjackSink.start(t, random, lost);
    if (sink === 'bulk') return BulkSink.start(t, random, lost);
    return SearchSink.start(t, sink satisfies Kind, random);
  }

  /** At all points of its life: while it starts, while it catches up, and later. */
  private async kill(probe: ProbeProcess, sink: Sink): Promise<void> {
    const random = this.random('kill');
    for (let kill = 0; kill < this.scenario.kills; kill++) {
      if (kill > 0) probe.start();
      await delay(random.chance(0.2) ? random.below(400) : random.between(400, 2000));
      await this.checkBalance();
      await delay(random.below(100));
      await probe.kill();
      await sink.idle();
      await this.account(sink);
      this.note(`kill ${kill}, ${await received(sink)} arrived, bound ${this.bound}`);
    }
  }

  private async disturb(way: Way): Promise<void> {
    const random = this.random('disturb');
    while (!this.over) {
      await delay(random.between(100, 1500));
      this.note(await way.disturb());
      this.disturbances++;
    }
  }

  private async stopAndCut(sink: Sink): Promise<void> {
    const random = this.random('sink');
    while (!this.over) {
      await delay(random.between(200, 2500));
      this.outages++;
      if (random.chance(0.5)) {
        await sink.cut();
        await this.account(sink);
        this.note('cut');
        continue;
      }
      await sink.down();
      await this.account(sink);
      this.note('sink down');
      await delay(random.below(1200));
      await sink.up();
      this.note('sink up');
    }
  }

  private async account(sink: Sink): Promise<void> {
    // Known at once where it can be: what is settled later was not lost with the connection.
    // First what is settled: while a server counts what it has, more arrives and is settled.
    const settled = settledIn(saved(this.state));
    const arrived = await received(sink);
    const unsettled = arrived - settled;
    if (unsettled < 0) this.violations.push(`${-unsettled} events are settled and have not arrived`);
    this.bound += unsettled;
  }

  private async checkBalance(): Promise<void> {
    const status = await statusOf(this.state);
    if (status === undefined) return;
    this.balances++;
    const off = imbalance(status);
    if (off !== 0) this.violations.push(`the balance is off by ${off}: ${JSON.stringify(status)}`);
  }

  private random(actor: string): Random {
    const { seed, way, sink } = this.scenario;
    return new Random(`${seed} ${way} ${sink} ${actor}`);
  }

  private note(text: string): void {
    this.chronicle.push(`${String(Date.now() - this.began).padStart(7)} ms  ${text}`);
  }

  private keep(name: string, text: string): void {
    writeFileSync(path.join(this.directory, name), `${text}\n`);
  }
}

async function received(sink: Sink): Promise<number> {
  return sink.received === undefined ? sink.arrivals.size : sink.received();
}
