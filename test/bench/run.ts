import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cpuSeconds, type Figures, measure, peakMiB, startReceiver } from './contestant.ts';
import { writeMosquittoLog } from './mosquitto-log.ts';
import { rsyslogCommand } from './rsyslog.ts';

/*
 * npm run bench -- [--lines N] [--rounds N] [--stall SECONDS] [--idle SECONDS]
 * Prints figures and ratios of this run; the machine may be slow, the ratios hold. Fails only when lines are missing.
 */
const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    stall: { type: 'string', default: '60' },
    idle: { type: 'string', default: '10' },
  },
});
const lines = Number(values.lines);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), 'bt-bench-'));
const log = path.join(directory, 'mosquitto.log');

function probeCommand(name: string, file: string, port: number): string[] {
  const config = path.join(directory, `${name}.yaml`);
  rmSync(path.join(directory, name), { recursive: true, force: true });
  writeFileSync(
    config,
    `state: ${path.join(directory, name)}\ntelemetry: {listen: "off"}\ninputs: {log: {type: file, broker: mosquitto, paths: ${file}}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${port}"}}\n`,
  );
  return [process.execPath, path.join(ROOT, 'dist/main.js'), 'run', '-c', config];
}

function show(name: string, { seconds, cpuSeconds: cpu, peakMiB: memory, lines: got, bytes }: Figures): void {
  const rate = Math.round(got / seconds / 1000);
  const perMillion = ((cpu * 1e6) / got).toFixed(2);
  print(
    `${name.padEnd(10)} ${String(rate).padStart(6)} k events/s  ${perMillion} CPU s per million  ${memory.toFixed(0)} MiB peak  ${Math.round(bytes / got)} bytes an event`,
  );
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function throughput(): Promise<void> {
  print(
    `${lines} lines: file, parse, JSON lines by TCP on loopback; brokertap with ids, positions and confirmation`,
  );
  const rounds: { rate: number; work: number }[] = [];
  const rsyslog = existsSync('/usr/sbin/rsyslogd');
  if (!rsyslog) print('rsyslog is not installed (apt-get install rsyslog): no ratios');
  for (let round = 0; round < Number(values.rounds); round++) {
    // The probe's own first event comes on top of the lines.
    const ours = await measure(lines + 1, (port) => probeCommand('state', log, port));
    show('brokertap', ours);
    if (!rsyslog) continue;
    const work = path.join(directory, `rsyslog-${round}`);
    execFileSync('mkdir', ['-p', work]);
    const theirs = await measure(lines, (port) => rsyslogCommand(work, log, port));
    show('rsyslog', theirs);
    const rate = (f: Figures): number => f.lines / f.seconds;
    const perCpu = (f: Figures): number => f.lines / f.cpuSeconds;
    rounds.push({ rate: rate(ours) / rate(theirs), work: perCpu(ours) / perCpu(theirs) });
  }
  if (rounds.length === 0) return;
  print(`ratio of events/s:             ${median(rounds.map((r) => r.rate)).toFixed(2)} (bar 1.8)`);
  print(`ratio of events per CPU second: ${median(rounds.map((r) => r.work)).toFixed(2)} (bar 3)`);
}

/** A sink that does not read: what the probe holds in memory. */
async function stall(): Promise<void> {
  const receiver = await startReceiver(Number.MAX_SAFE_INTEGER, true);
  const [program = '', ...args] = probeCommand('stalled', log, receiver.port);
  const probe = spawn(program, args, { stdio: 'ignore' });
  await delay(Number(values.stall) * 1000);
  print(
    `sink that does not read, ${values.stall} s: ${peakMiB(probe.pid ?? 0).toFixed(0)} MiB peak (bar 150, aim 120)`,
  );
  probe.kill('SIGKILL');
  receiver.child.kill('SIGKILL');
}

/** Nothing to do: CPU time over a while, after the start. */
async function idle(): Promise<void> {
  const quiet = path.join(directory, 'quiet.log');
  writeFileSync(quiet, '1700000000: No will message specified.\n');
  const receiver = await startReceiver(Number.MAX_SAFE_INTEGER);
  const [program = '', ...args] = probeCommand('idle', quiet, receiver.port);
  const probe = spawn(program, args, { stdio: 'ignore' });
  await delay(7000);
  const before = cpuSeconds(probe.pid ?? 0);
  await delay(Number(values.idle) * 1000);
  const share = (cpuSeconds(probe.pid ?? 0) - before) / Number(values.idle);
  print(
    `idle: ${(share * 100).toFixed(2)} % of one CPU, ${peakMiB(probe.pid ?? 0).toFixed(0)} MiB peak (bar 0.5 %)`,
  );
  probe.kill('SIGKILL');
  receiver.child.kill('SIGKILL');
}

try {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  writeMosquittoLog(log, { lines, clients: 1000, seed: 1 });
  await throughput();
  if (Number(values.stall) > 0) await stall();
  if (Number(values.idle) > 0) await idle();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
