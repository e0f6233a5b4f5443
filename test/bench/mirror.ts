import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from 'mqtt';
import { cpuSeconds, firstLine, peakMiB, startReceiver } from './contestant.ts';

/*
 * npm run bench:mirror -- [--messages N] [--rounds N]
 * Retained messages of QoS 1 come in one burst when one subscribes (MQTT 5, a real Mosquitto). What does the probe need for
 * each, as an ECS event at a TCP receiver, against a bare MQTT.js subscriber that only counts? What both need to start, and
 * for the first twentieth, is taken off. Fails when one is missing.
 */
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
  },
});
const messages = Number(values.messages);
const rounds = Number(values.rounds);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PORT = 18_990;
const BROKER = '/usr/sbin/mosquitto';
/** Publishes that wait for their PUBACK at a time. */
const WINDOW = 1000;
/** Topics lie under so many lines; a subscription to one of them shows what the start costs. */
const LINES = 20;
const FEW = 'plant/line-0/#';
const PAYLOAD = JSON.stringify({ value: 21.5, unit: 'C', quality: 'good' });

async function startBroker(directory: string): Promise<ChildProcess> {
  const config = path.join(directory, 'mosquitto.conf');
  writeFileSync(
    config,
    `listener ${PORT} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nlog_dest none\nuser root\n`,
  );
  const broker = spawn(BROKER, ['-c', config], { stdio: 'ignore' });
  while (!(await answers())) await delay(50);
  return broker;
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(PORT, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function retain(): Promise<void> {
  const writer = connect(`mqtt://127.0.0.1:${PORT}`, { clientId: 'writer' });
  for (let i = 0; i < messages; i += WINDOW) {
    const some = Array.from({ length: Math.min(WINDOW, messages - i) }, (_, k) =>
      writer.publishAsync(`plant/line-${(i + k) % LINES}/device-${i + k}/temperature`, PAYLOAD, {
        qos: 1,
        retain: true,
      }),
    );
    await Promise.all(some);
  }
  await writer.endAsync();
}

/** CPU seconds of a process that starts nothing but Node, so that starting is no part of a ratio. */
async function measured(child: ChildProcess, ready: Promise<unknown>): Promise<{ cpu: number; mib: number }> {
  await ready;
  const pid = child.pid ?? 0;
  const figures = { cpu: cpuSeconds(pid), mib: peakMiB(pid) };
  child.kill('SIGKILL');
  await once(child, 'exit');
  return figures;
}

async function bare(filter: string, count: number): Promise<{ cpu: number; mib: number }> {
  const script = fileURLToPath(new URL('./subscriber.ts', import.meta.url));
  const child = spawn(process.execPath, [script, String(PORT), String(count), filter], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return measured(child, firstLine(child.stdout));
}

async function probe(
  directory: string,
  filter: string,
  count: number,
): Promise<{ cpu: number; mib: number }> {
  // The probe says by one event of its own that it has started.
  const receiver = await startReceiver(count + 1);
  const state = mkdtempSync(path.join(directory, 'state-'));
  const config = path.join(directory, 'probe.yaml');
  writeFileSync(
    config,
    `state: ${state}\ntelemetry: {listen: "off"}\ninputs: {wire: {type: mqtt, broker: mosquitto, url: "mqtt://127.0.0.1:${PORT}", topics: [{filter: "${filter}"}], client_id: ${path.basename(state)}}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}"}}\n`,
  );
  const child = spawn(process.execPath, [path.join(ROOT, 'dist/main.js'), 'run', '-c', config], {
    stdio: 'ignore',
  });
  return measured(child, receiver.done());
}

const median = (numbers: number[]): number =>
  numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

if (!existsSync(BROKER)) throw new Error('mosquitto is not installed: apt-get install mosquitto');
const directory = mkdtempSync(path.join(tmpdir(), 'bt-bench-'));
const broker = await startBroker(directory);
try {
  await retain();
  const ratios: number[] = [];
  const more = messages - messages / LINES;
  for (let round = 0; round < rounds; round++) {
    const theirStart = await bare(FEW, messages / LINES);
    const theirs = await bare('#', messages);
    const ourStart = await probe(directory, FEW, messages / LINES);
    const ours = await probe(directory, '#', messages);
    const show = (name: string, all: { cpu: number; mib: number }, start: { cpu: number }): number => {
      const each = ((all.cpu - start.cpu) * 1e6) / more;
      process.stdout.write(
        `${name} ${each.toFixed(1)} µs CPU a message, ${start.cpu.toFixed(2)} s for the start  ${all.mib.toFixed(0)} MiB peak\n`,
      );
      return each;
    };
    const bareCost = show('subscriber', theirs, theirStart);
    ratios.push(show('brokertap ', ours, ourStart) / bareCost);
  }
  process.stdout.write(`ratio of CPU per message: ${median(ratios).toFixed(2)} (bar 1.5)\n`);
} finally {
  broker.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
}
