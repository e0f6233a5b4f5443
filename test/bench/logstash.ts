import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Figures, measure, peakMiB, startReceiver } from './contestant.ts';
import { writeMosquittoLog } from './mosquitto-log.ts';

/*
 * npm run bench:logstash -- [--lines N] [--rounds N] [--stall SECONDS]
 * The protocols of the logstash output against each other: events for each CPU second, as a ratio to tcp in the same run;
 * and what the probe holds in memory when the receiver never acknowledges. Fails only when events are missing.
 */
const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '3' },
    stall: { type: 'string', default: '20' },
  },
});
const lines = Number(values.lines);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), 'bt-bench-'));
const log = path.join(directory, 'mosquitto.log');

const WAYS: readonly (readonly [name: string, protocol: string, settings: string])[] = [
  ['tcp', 'tcp', ''],
  ['lumberjack', 'lumberjack', ''],
  ['lumberjack, compression 1', 'lumberjack', ', compression: 1'],
  ['lumberjack, compression 3', 'lumberjack', ', compression: 3'],
  ['http', 'http', ''],
  ['http, compression 1', 'http', ', compression: 1'],
];

function probeCommand(name: string, protocol: string, settings: string, port: number): string[] {
  const config = path.join(directory, 'brokertap.yaml');
  const state = path.join(directory, `state-${name}`);
  rmSync(state, { recursive: true, force: true });
  writeFileSync(
    config,
    `state: ${state}\ntelemetry: {listen: "off"}\ninputs: {log: {type: file, broker: mosquitto, paths: ${log}}}\noutputs: {elk: {type: logstash, protocol: ${protocol}, hosts: "127.0.0.1:${port}"${settings}}}\n`,
  );
  return [process.execPath, path.join(ROOT, 'dist/main.js'), 'run', '-c', config];
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function throughput(): Promise<void> {
  print(`${lines} lines: file, parse, to a receiver on loopback that counts and acknowledges`);
  const ratios = new Map<string, number[]>();
  for (let round = 0; round < Number(values.rounds); round++) {
    let tcp = Number.NaN;
    for (const [name, protocol, settings] of WAYS) {
      const figures: Figures = await measure(
        lines + 1,
        (port) => probeCommand(String(round), protocol, settings, port),
        protocol,
      );
      const perCpu = figures.lines / figures.cpuSeconds;
      if (name === 'tcp') tcp = perCpu;
      ratios.set(name, [...(ratios.get(name) ?? []), perCpu / tcp]);
      const rate = Math.round(figures.lines / figures.seconds / 1000);
      print(
        `${name.padEnd(26)} ${String(rate).padStart(4)} k events/s  ${((figures.cpuSeconds * 1e6) / figures.lines).toFixed(2)} CPU s per million  ${figures.peakMiB.toFixed(0)} MiB peak  ${Math.round(figures.bytes / figures.lines)} bytes an event`,
      );
    }
  }
  print('events per CPU second, ratio to tcp:');
  for (const [name, numbers] of ratios) print(`${name.padEnd(26)} ${median(numbers).toFixed(2)}`);
}

/** A receiver that reads everything and never acknowledges: what the probe holds in memory. */
async function stall(): Promise<void> {
  for (const protocol of ['lumberjack', 'http']) {
    const receiver = await startReceiver(Number.MAX_SAFE_INTEGER, false, `${protocol}-silent`);
    const [program = '', ...args] = probeCommand('stalled', protocol, '', receiver.port);
    const probe: ChildProcess = spawn(program, args, { stdio: 'ignore' });
    await delay(Number(values.stall) * 1000);
    print(
      `${protocol}, receiver that never acknowledges, ${values.stall} s: ${peakMiB(probe.pid ?? 0).toFixed(0)} MiB peak (bar 150)`,
    );
    probe.kill('SIGKILL');
    receiver.child.kill('SIGKILL');
    await once(probe, 'exit');
  }
}

try {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  writeMosquittoLog(log, { lines, clients: 1000, seed: 1 });
  await throughput();
  if (Number(values.stall) > 0) await stall();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
