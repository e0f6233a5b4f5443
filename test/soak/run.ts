import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { connect, type MqttClient } from 'mqtt';
import { cli, ProbeProcess } from '../support/cli.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { Numbers } from './numbers.ts';

/*
 * npm run soak -- [--seconds N] [--stall SECONDS] [--rate LINES] [--messages RATE]
 * One probe, which runs on through everything: a busy log file that is rotated all the time, a real Mosquitto that is
 * restarted and rotates its log, a receiver that is restarted and at times does not read, at last for a long while. Prints
 * how memory and descriptors go, and at the end whether exactly what was written has arrived. Ends with 1 when it has not.
 */
/** As it is packed: what strips the types of a checkout takes memory of its own. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = path.join(ROOT, 'dist/main.js');

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    stall: { type: 'string', default: '600' },
    rate: { type: 'string', default: '2000' },
    messages: { type: 'string', default: '50' },
  },
});
const SECONDS = Number(values.seconds);
const STALL = Number(values.stall);
const PERIOD_MS = 100;
/** Limits of what is accepted. */
const MAX_RSS_MIB = 150;
const MAX_MORE_DESCRIPTORS = 8;
/** The first part of the run, in which memory settles. */
const WARM_UP = 0.3;

const cleanups: (() => unknown)[] = [];
const scope = { after: (act: () => unknown) => void cleanups.push(act) };
const directory = tempDir(scope);
const busy = path.join(directory, 'busy.log');
const began = performance.now();
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const elapsed = (): number => (performance.now() - began) / 1000;

/** What was written and what has arrived, by way. */
const written = { lines: 0, messages: 0 };
const arrived = { lines: new Numbers(), messages: new Numbers(), logged: new Numbers() };
/** Packet identifiers repeat: a publish in the broker's log is known by its topic, which carries the number. */
const LINE = /"topic":"(busy|soak)\/(\d+)"/;

function take(line: string): void {
  const [, topic, digits] = LINE.exec(line) ?? [];
  if (topic === undefined) return;
  const way =
    topic === 'busy'
      ? arrived.lines
      : line.includes('"message-mirrored"')
        ? arrived.messages
        : arrived.logged;
  const publisher =
    topic === 'busy' || line.includes('"message-mirrored"') || line.includes('"message-published"');
  if (publisher) way.add(Number(digits));
}

/** Goes on writing until told to stop; a slow disk gets as many lines, only later. */
async function write(signal: AbortSignal): Promise<void> {
  const perPeriod = Math.max(1, Math.round((Number(values.rate) * PERIOD_MS) / 1000));
  while (!signal.aborted) {
    let text = '';
    for (let i = 0; i < perPeriod; i++) {
      text += `${1_700_000_000 + written.lines}: Received PUBLISH from writer (d0, q0, r0, m0, 'busy/${written.lines}', ... (5 bytes))\n`;
      written.lines++;
    }
    await appendFile(busy, text);
    await delay(PERIOD_MS);
  }
}

/** Publishes with QoS 1 through every restart of the broker; counts what the broker has acknowledged. */
async function publish(broker: Mosquitto, signal: AbortSignal): Promise<void> {
  const client = connect(`mqtt://127.0.0.1:${broker.port}`, {
    clientId: 'soaker',
    clean: false,
    reconnectPeriod: 200,
  });
  client.on('error', () => {});
  scope.after(() => client.end(true));
  const pause = 1000 / Number(values.messages);
  while (!signal.aborted) {
    await publishOne(client, written.messages);
    written.messages++;
    await delay(pause);
  }
}

function publishOne(client: MqttClient, n: number): Promise<unknown> {
  return client.publishAsync(`soak/${n}`, `${n}`, { qos: 1 });
}

/** Renames the busy log; of every third generation only a compressed copy stays. */
async function rotate(n: number): Promise<void> {
  const old = `${busy}.${n}`;
  renameSync(busy, old);
  await appendFile(busy, '');
  if (n % 3 !== 0) return;
  await delay(3000);
  await pipeline(createReadStream(old), createGzip(), createWriteStream(`${old}.gz`));
  rmSync(old);
}

/** Old generations that have arrived are removed, as logrotate would. */
function clean(): void {
  if (arrived.lines.size < written.lines) return;
  const old = readdirSync(directory).filter((name) => /^busy\.log\.\d+(\.gz)?$/.test(name));
  const generation = (name: string): number => Number(name.split('.')[2]);
  old.sort((a, b) => generation(a) - generation(b));
  for (const name of old.slice(0, -5)) rmSync(path.join(directory, name), { force: true });
}

interface Sample {
  readonly at: number;
  readonly rss: number;
  readonly descriptors: number;
}

function sample(pid: number): Sample {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    at: elapsed(),
    rss: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** Least squares: change a minute. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;
  const x = mean(samples.map(({ at }) => at));
  const y = mean(samples.map(of));
  const top = samples.reduce((sum, s) => sum + (s.at - x) * (of(s) - y), 0);
  return (60 * top) / samples.reduce((sum, s) => sum + (s.at - x) ** 2, 0);
}

async function soak(): Promise<string[]> {
  const broker = await Mosquitto.start(
    scope,
    directory,
    `persistence true\npersistence_location ${directory}/\nmax_queued_messages 0`,
  );
  let receiver = await Receiver.start(0, { take });
  const { port } = receiver;
  scope.after(() => receiver.stop());
  await appendFile(busy, '');
  const probe = new ProbeProcess(
    scope,
    directory,
    `inputs:
  busy: {type: file, broker: mosquitto, name: busy, paths: ${busy}}
  log: {type: file, broker: mosquitto, paths: ${broker.logFile}}
  mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", topics: 'soak/#', client_id: soak-probe}
outputs:
  elk: {type: logstash, hosts: "127.0.0.1:${port}", confirm_after: 1s}
`,
    PROGRAM,
  );
  probe.start();
  await until(
    () => broker.log().includes('Sending SUBACK to soak-probe'),
    () => probe.stderr,
  );
  const stopping = new AbortController();
  const writing = Promise.all([write(stopping.signal), publish(broker, stopping.signal)]);
  const samples: Sample[] = [];
  const watch = (phase: string): void => {
    const now = sample(probe.pid);
    samples.push(now);
    clean();
    if (samples.length % 10 !== 1) return;
    print(
      `${now.at.toFixed(0).padStart(5)} s  ${phase.padEnd(16)} ${now.rss.toFixed(0)} MiB  ${now.descriptors} descriptors  lines ${arrived.lines.size} of ${written.lines}, messages ${arrived.messages.size} of ${written.messages}`,
    );
  };
  const pass = async (seconds: number, phase: string): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      await delay(1000);
      watch(phase);
    }
  };
  const background: Promise<unknown>[] = [];
  const turn = Math.max(1, Math.min(10, Math.floor(SECONDS / 12)));
  for (let round = 0; elapsed() < SECONDS; round++) {
    background.push(rotate(round));
    await pass(turn, 'running');
    if (round % 3 === 0) {
      await receiver.stop();
      await pass(turn, 'receiver down');
      receiver = await Receiver.start(port, { take });
    } else if (round % 3 === 1) {
      renameSync(broker.logFile, `${broker.logFile}.${round}`);
      broker.reopenLog();
      await broker.stop();
      await pass(1, 'broker down');
      await broker.start();
    } else {
      receiver.pause(true);
      await pass(turn, 'not read');
      receiver.pause(false);
    }
  }
  receiver.pause(true);
  await pass(STALL, 'not read');
  receiver.pause(false);
  stopping.abort();
  await Promise.all([writing, ...background]);
  return verdict(probe, broker, samples);
}

async function verdict(
  probe: ProbeProcess,
  broker: Mosquitto,
  samples: readonly Sample[],
): Promise<string[]> {
  const logged = (): number =>
    readdirSync(directory)
      .filter((name) => name.startsWith(path.basename(broker.logFile)))
      .map(
        (name) =>
          readFileSync(path.join(directory, name), 'utf8').match(/Received PUBLISH from soaker/g) ?? [],
      )
      .reduce((sum, found) => sum + found.length, 0);
  const complete = (): boolean =>
    arrived.lines.size === written.lines &&
    arrived.messages.size === written.messages &&
    arrived.logged.size === written.messages;
  await until(complete, () => 'everything', 120_000).catch(() => {});
  const failures: string[] = [];
  for (const [name, got, count] of [
    ['lines', arrived.lines, written.lines],
    ['mirrored messages', arrived.messages, written.messages],
    ['publishes in the log', arrived.logged, written.messages],
  ] as const) {
    print(`${name}: ${count} written, ${got.size} arrived, ${got.again} of them again`);
    if (got.size !== count) failures.push(`${name}: missing ${got.missing(count)} …`);
  }
  print(`publishes in the broker's own files: ${logged()}`);
  const { stdout } = await cli(['status', '-c', probe.config, '--json']);
  for (const { read, delivered, duplicates, filtered, pending } of JSON.parse(stdout).outputs) {
    const sum = delivered + duplicates + filtered + pending;
    print(
      `balance: read ${read}, delivered ${delivered} + duplicates ${duplicates} + filtered ${filtered} + pending ${pending}`,
    );
    if (read !== sum) failures.push(`the balance is off by ${read - sum}`);
  }
  const settled = samples.filter(({ at }) => at > WARM_UP * elapsed());
  const last = sample(probe.pid);
  const peak = Math.max(...samples.map(({ rss }) => rss));
  print(
    `memory: ${peak.toFixed(0)} MiB at most (bar ${MAX_RSS_MIB}), ${slope(settled, ({ rss }) => rss).toFixed(2)} MiB a minute; descriptors: ${last.descriptors} at the end, ${slope(settled, (s) => s.descriptors).toFixed(2)} a minute`,
  );
  if (peak > MAX_RSS_MIB) failures.push(`${peak.toFixed(0)} MiB resident`);
  const first = samples[0]?.descriptors ?? 0;
  if (last.descriptors > first + MAX_MORE_DESCRIPTORS)
    failures.push(`${last.descriptors - first} more descriptors`);
  if (await probe.stop()) failures.push('the probe did not end well');
  if (failures.length > 0) print(probe.stderr);
  return failures;
}

execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
let failures: string[];
try {
  failures = await soak();
} finally {
  for (const act of cleanups.reverse()) await act();
}
print(failures.length === 0 ? 'passed' : `FAILED: ${failures.join('; ')}`);
process.exitCode = failures.length === 0 ? 0 : 1;
