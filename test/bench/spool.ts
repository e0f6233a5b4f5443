import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fdatasync, mkdtempSync, openSync, read, rmSync, write, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { connect } from 'mqtt';
import { Probe } from '../../src/app/probe.ts';
import { dialect } from '../../src/brokers/mosquitto/index.ts';
import { parseConfig } from '../../src/config/load.ts';
import { NO_COUNTERS } from '../../src/core/cursor.ts';
import type { InputHost } from '../../src/core/input.ts';
import type { Logger } from '../../src/core/log.ts';
import type { Batch, Output, Receipt } from '../../src/core/output.ts';
import type { Journal, JournalRecord, Source } from '../../src/core/source.ts';
import { mqttInputSchema } from '../../src/inputs/mqtt/config.ts';
import { MqttMirror } from '../../src/inputs/mqtt/mirror.ts';
import { Lane } from '../../src/pipeline/lane/lane.ts';
import { MirrorReader } from '../../src/pipeline/normalizer/mirror.ts';
import { registry } from '../../src/registry.ts';
import { MemoryJournal } from '../../src/state/memory-journal.ts';
import { type Disk, disk } from '../../src/state/spool/segments/disk.ts';
import { Spool } from '../../src/state/spool/spool.ts';
import type { SpoolStream } from '../../src/state/spool/stream.ts';
import { Vault } from '../../src/state/vault.ts';
import { peakMiB, startReceiver } from './contestant.ts';

/*
 * npm run bench:spool -- [--megabytes N] [--messages N] [--gigabytes N] [--rounds N] [--only files,events,mqtt,backlog]
 * What the spool costs, as ratios within one run: against a bare write with fdatasync and a bare read of the same bytes, and
 * events through it against events through memory; durable PUBACKs a second with a real Mosquitto; latency at 1,000 messages a
 * second; speed and memory with a backlog.
 */
const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '200' },
    messages: { type: 'string', default: '100000' },
    gigabytes: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});
const bytesWanted = Number(values.megabytes) * 1e6;
const messages = Number(values.messages);
const rounds = Number(values.rounds);
const GROUP_BYTES = 1024 * 1024;
const READ_BYTES = 64 * 1024;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BROKER = '/usr/sbin/mosquitto';
const PORT = 18_991;
const PAYLOAD = Buffer.from(JSON.stringify({ value: 21.5, unit: 'C', quality: 'good' }));
const LARGER = Buffer.alloc(500, 'x');
const silent: Logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const only = values.only === undefined ? undefined : values.only.split(',');
const wants = (part: string): boolean => only === undefined || only.includes(part);
const directory = mkdtempSync(path.join(tmpdir(), 'bt-bench-'));
const never = new AbortController().signal;
let spools = 0;

async function newStream(
  on: Disk = disk,
  place = path.join(directory, `spool-${spools++}`),
  vault?: Vault,
): Promise<{ stream: SpoolStream; place: string; spool: Spool }> {
  const options = { sizeBytes: 2 ** 36, syncMs: 50, whenFull: 'block' as const, vault };
  const spool = new Spool(place, on, options, silent);
  const stream = await spool.open('in', () => []);
  return { stream, place, spool };
}

function record(n: number, payload: Buffer = PAYLOAD): JournalRecord {
  return {
    type: 'message',
    message: {
      // In one piece, as out of a packet: a text put together of others is written at half the speed.
      topic: Buffer.from(`plant/line-${n % 20}/device-${n}/temperature`).toString(),
      payload,
      qos: 1,
      retain: false,
      dup: false,
      seen: 1_700_000_000_000 + n,
      packetId: (n % 65_535) + 1,
    },
  };
}

/**
 * Appends as a sender does whose messages come in turns of the event loop, and waits until all is safe.
 * @returns how many
 */
async function fill(journal: Journal & Source, bytes: number, payload: Buffer = PAYLOAD): Promise<number> {
  let count = 0;
  const records = Array.from({ length: 1000 }, (_, n) => record(n, payload));
  let kept: Promise<void> | undefined;
  while (journal.size() < bytes) {
    for (const one of records) {
      const admitted = journal.append(one);
      if (admitted !== undefined) count++;
      kept = admitted ?? kept;
    }
    await (journal.relief() ?? new Promise((resolve) => setImmediate(resolve)));
  }
  await kept;
  return count;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return (performance.now() - start) / 1000;
}

const rate = (bytes: number, seconds: number): string => `${(bytes / seconds / 1e6).toFixed(0)} MB/s`;

async function writing(): Promise<void> {
  for (const payload of [PAYLOAD, LARGER]) await writingOf(payload);
}

/**
 * Both write new files, in turns, and the sums count: a disk that gives out its blocks when they are first used is several
 * times faster on old ones, and nobody can choose which a file gets.
 */
async function writingOf(payload: Buffer): Promise<void> {
  let theirs = 0;
  let ours = 0;
  let cpu = 0;
  let count = 0;
  for (let round = 0; round < rounds; round++) {
    const { stream } = await newStream();
    const before = process.cpuUsage();
    let records = 0;
    const spooled = await timed(async () => {
      records = await fill(stream, bytesWanted, payload);
    });
    const { user, system } = process.cpuUsage(before);
    const bare = await timed(() => bareWrite(`bare-${payload.length}-${round}`));
    ours += spooled;
    theirs += bare;
    cpu += user + system;
    count += records;
    const each = `${(stream.size() / records).toFixed(0)} bytes a record`;
    print(`write  spool ${rate(stream.size(), spooled)}  bare ${rate(bytesWanted, bare)}  ${each}`);
    if (round === rounds - 1) await reading(stream);
    await stream.end(1000);
  }
  print(
    `ratio of writing: ${(theirs / ours).toFixed(2)} (aim 0.5), ${(cpu / count).toFixed(2)} µs CPU a record`,
  );
}

async function bareWrite(name: string): Promise<void> {
  const file = openSync(path.join(directory, name), 'w');
  const group = randomBytes(GROUP_BYTES);
  for (let at = 0; at < bytesWanted; at += group.length) {
    await promisify(write)(file, group, 0, group.length, at);
    await promisify(fdatasync)(file);
  }
}

async function reading(stream: SpoolStream): Promise<void> {
  const files = (await disk.list(path.join(directory, `spool-${spools - 1}`, 'in'))).sort();
  const buffer = Buffer.alloc(READ_BYTES);
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const bare = await timed(async () => {
      for (const name of files) {
        const fd = openSync(path.join(directory, `spool-${spools - 1}`, 'in', name), 'r');
        while ((await promisify(read)(fd, buffer, 0, buffer.length, null)).bytesRead > 0);
      }
    });
    const ours = await timed(async () => {
      for (let at = stream.beginning.offset; at < stream.size(); ) {
        await stream.wait({ offset: at, before: '' }, 0, never);
        at += await stream.read(at, buffer);
      }
    });
    ratios.push(bare / ours);
    print(`read   bare ${rate(stream.size(), bare)}  spool, checked ${rate(stream.size(), ours)}`);
  }
  print(`ratio of reading: ${median(ratios).toFixed(2)} (aim 0.5)`);
}

/** Counts events and forgets them. */
class Null implements Output {
  count = 0;
  onBatch: (batch: Batch) => void = () => {};
  async check(): Promise<void> {}
  async write(batch: Batch): Promise<Receipt> {
    this.count += batch.ends.length;
    this.onBatch(batch);
    batch.release();
    return { delivered: batch.ends.length, duplicates: 0 };
  }
  async close(): Promise<void> {}
  describe(): string {
    return 'null';
  }
}

function carry(source: Source): { output: Null; stop: () => void } {
  const output = new Null();
  const lane = new Lane({
    name: 'null',
    type: 'null',
    output,
    filters: {},
    cursors: {
      load: () => undefined,
      save: () => {},
      keep: async () => {},
      totals: () => NO_COUNTERS,
      sentBefore: () => -1,
      revive: () => {},
    },
    graveyard: { check: async () => {}, add: async () => {} },
    checkpointMs: 1000,
    log: silent,
    onSettled: () => {},
  });
  lane.delivery.start();
  const stopping = new AbortController();
  const payload = { capture: 'none' as const, limit: 0, redact: [] };
  const reading = {
    dialect,
    stream: { ownClients: new Set<string>(), topicRoot: 2 },
    envelope: { 'host.name': 'bench' },
    namespace: 'default',
    limit: 0,
    ignoreLogTopics: false,
    leftOut: new Set<string>(),
    original: false,
    mirror: (emit: ConstructorParameters<typeof MirrorReader>[1]) =>
      new MirrorReader({ payload, topicRoot: 2, levels: [], labels: {} }, emit),
  };
  void lane.carry(source, reading, {}, undefined, stopping.signal);
  return { output, stop: () => stopping.abort() };
}

async function through(journal: Journal & Source): Promise<number> {
  const { output, stop } = carry(journal);
  let sent = 0;
  const seconds = await timed(async () => {
    while (sent < messages) {
      for (let i = 0; i < 500 && sent < messages; i++, sent++) {
        if (journal.append(record(sent)) === undefined) break;
      }
      await (journal.relief() ?? new Promise((resolve) => setImmediate(resolve)));
    }
    while (output.count < sent) await new Promise((resolve) => setImmediate(resolve));
  });
  stop();
  return messages / seconds;
}

async function events(): Promise<void> {
  const ratios: number[] = [];
  const hiddenRatios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const without = await through(new MemoryJournal('in', ['null'], 2 ** 30));
    const { stream } = await newStream();
    const spooled = await through(stream);
    await stream.end(1000);
    ratios.push(spooled / without);
    const { stream: locked } = await newStream(disk, undefined, new Vault(randomBytes(32), []));
    const hidden = await through(locked);
    await locked.end(1000);
    hiddenRatios.push(hidden / spooled);
    const figures = [without, spooled, hidden].map((rate) => `${Math.round(rate / 1000)} k/s`);
    print(`events through memory ${figures[0]}, through the spool ${figures[1]}, encrypted ${figures[2]}`);
  }
  print(`ratio of events: ${median(ratios).toFixed(2)} (aim 0.5)`);
  print(`ratio of events, encrypted to not: ${median(hiddenRatios).toFixed(2)}`);
}

/** A disk whose syncs take so long. */
function slow(ms: number): Disk {
  if (ms === 0) return disk;
  return {
    ...disk,
    async open(file, how) {
      const real = await disk.open(file, how);
      return {
        size: () => real.size(),
        read: (into, position) => real.read(into, position),
        write: (bytes, position) => real.write(bytes, position),
        truncate: (size) => real.truncate(size),
        close: () => real.close(),
        async sync() {
          await Promise.all([real.sync(), delay(ms)]);
        },
      };
    },
  };
}

async function startBroker(): Promise<() => void> {
  const config = path.join(directory, 'mosquitto.conf');
  writeFileSync(
    config,
    `listener ${PORT} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nlog_dest none\nuser root\n`,
  );
  const broker = spawn(BROKER, ['-c', config], { stdio: 'ignore' });
  const answers = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connectTcp(PORT, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  while (!(await answers())) await delay(50);
  return () => broker.kill('SIGKILL');
}

/** Messages of QoS 1 that wait for a session are delivered: how many are acknowledged a second, each after its sync. */
async function acknowledgements(): Promise<void> {
  for (const syncMs of [0, 5]) {
    const clientId = `bench-${syncMs}`;
    const session = connect(`mqtt://127.0.0.1:${PORT}`, {
      clientId,
      clean: false,
      protocolVersion: 5,
      properties: { sessionExpiryInterval: 3600 },
    });
    await session.subscribeAsync('plant/#', { qos: 1 });
    await session.endAsync();
    const writer = connect(`mqtt://127.0.0.1:${PORT}`, { clientId: 'writer' });
    for (let n = 0; n < messages; n += 1000) {
      await Promise.all(
        Array.from({ length: 1000 }, (_, i) =>
          writer.publishAsync(`plant/line-${i % 20}/device-${n + i}/temperature`, PAYLOAD, { qos: 1 }),
        ),
      );
    }
    await writer.endAsync();
    const { stream } = await newStream(slow(syncMs));
    let kept = 0;
    const counting: Journal = {
      append(given) {
        const promise = stream.append(given);
        void promise?.then(() => kept++);
        return promise;
      },
      appendAll: (records) => stream.appendAll(records),
      relief: () => stream.relief(),
      room: (signal) => stream.room(signal),
      recent: (visit) => stream.recent(visit),
      close: () => stream.close(),
    };
    const host = {
      name: 'in',
      log: silent,
      journal: () => counting,
      owns: () => false,
      facts: { recall: () => undefined, keep: () => {} },
    } as unknown as InputHost;
    const config = mqttInputSchema.parse({
      type: 'mqtt',
      url: `mqtt://127.0.0.1:${PORT}`,
      topics: 'plant/#',
    });
    const mirror = new MqttMirror(config, clientId, host);
    await mirror.start();
    while (kept === 0) await delay(1);
    const seconds = await timed(async () => {
      while (kept < messages) await delay(1);
    });
    await mirror.stop();
    await stream.end(1000);
    print(
      `durable PUBACKs, sync of ${syncMs === 0 ? 'this disk' : `${syncMs} ms`}: ${Math.round(messages / seconds / 1000)} k/s (aim 15 k/s)`,
    );
  }
}

/** What a write of a few bytes and its sync take, for five seconds. */
async function syncing(): Promise<string> {
  const file = openSync(path.join(directory, 'syncs'), 'w');
  const bytes = Buffer.alloc(200, 'x');
  const took: number[] = [];
  for (const end = performance.now() + 5000; performance.now() < end; await delay(10)) {
    took.push(
      await timed(async () => {
        await promisify(write)(file, bytes, 0, bytes.length, null);
        await promisify(fdatasync)(file);
      }),
    );
  }
  took.sort((a, b) => a - b);
  const at = (share: number): string => ((took[Math.floor(took.length * share)] ?? 0) * 1000).toFixed(1);
  return `median ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(0.9999)} ms`;
}

/** From publishing to the output, at 1,000 messages a second. */
async function latency(): Promise<void> {
  const output = new Null();
  const latencies: number[] = [];
  output.onBatch = ({ bytes }) => {
    for (const [, sent] of bytes.toString('latin1').matchAll(/"topic":"late\/([\d.]+)"/g)) {
      latencies.push(performance.now() - Number(sent));
    }
  };
  const text = `state: ${path.join(directory, 'latency')}\ntelemetry: {listen: "off"}\ninputs: {wire: {type: mqtt, url: "mqtt://127.0.0.1:${PORT}", topics: 'late/#'}}\noutputs: {none: {type: stdout}}\n`;
  const config = { ...parseConfig(text, 'bench', {}, registry), outputs: {} };
  const probe = await Probe.start(config, silent, [{ name: 'null', type: 'null', output }]);
  while (!probe.status().ready) await delay(20);
  const writer = connect(`mqtt://127.0.0.1:${PORT}`, { clientId: 'late' });
  const start = performance.now();
  const syncs = syncing();
  for (let n = 0; n < 5000; ) {
    for (const due = performance.now() - start; n < due; n++) {
      writer.publish(`late/${performance.now()}`, PAYLOAD, { qos: 1 });
    }
    await delay(1);
  }
  while (latencies.length < 5000) await delay(10);
  print(`bare syncs at the same time: ${await syncs}`);
  latencies.sort((a, b) => a - b);
  const at = (share: number): string => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1);
  print(
    `latency at 1,000 messages a second: median ${at(0.5)} ms, p99 ${at(0.99)} ms (aim below 100), most ${at(0.9999)} ms`,
  );
  await writer.endAsync();
  await probe.stop();
}

/** A probe that starts with so much in its spool: time to the first event, events a second, memory with a sink and without. */
async function backlog(): Promise<void> {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  for (const bytes of [messages * 600, Number(values.gigabytes) * 1e9]) {
    const state = path.join(directory, `backlog-${bytes}`);
    const { stream } = await newStream(disk, path.join(state, 'spool'));
    await fill(stream, bytes, LARGER);
    await stream.end(1000);
    const start = (port: number): ChildProcess => {
      const config = path.join(directory, 'backlog.yaml');
      // Nothing listens on port 1: there is only what the spool holds.
      writeFileSync(
        config,
        `state: ${state}\ntelemetry: {listen: "off"}\nspool: {size: 100GiB}\ninputs: {in: {type: mqtt, url: "mqtt://127.0.0.1:1", topics: '#'}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${port}", confirm_after: 1h}}\n`,
      );
      return spawn(process.execPath, [path.join(ROOT, 'dist/main.js'), 'run', '-c', config], {
        stdio: 'ignore',
      });
    };
    const blocked = await startReceiver(Number.MAX_SAFE_INTEGER, true);
    const waiting = start(blocked.port);
    await delay(5000);
    const blockedMiB = peakMiB(waiting.pid ?? 0);
    waiting.kill('SIGKILL');
    blocked.child.kill('SIGKILL');
    await once(waiting, 'exit');
    const receiver = await startReceiver(messages);
    const begun = Date.now();
    const probe = start(receiver.port);
    const { lines, firstMs, lastMs } = await receiver.done();
    const MiB = peakMiB(probe.pid ?? 0);
    probe.kill('SIGKILL');
    await once(probe, 'exit');
    print(
      `backlog of ${(bytes / 1e9).toFixed(2)} GB: first event ${firstMs - begun} ms after the start, ${Math.round(lines / (lastMs - firstMs))} k events/s, ${MiB.toFixed(0)} MiB peak; with a sink that takes nothing ${blockedMiB.toFixed(0)} MiB (bar 150)`,
    );
    rmSync(state, { recursive: true });
  }
}

try {
  if (wants('files')) await writing();
  if (wants('events')) await events();
  if (wants('mqtt')) {
    const stopBroker = await startBroker();
    try {
      await acknowledgements();
      await latency();
    } finally {
      stopBroker();
    }
  }
  if (wants('backlog')) await backlog();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);
