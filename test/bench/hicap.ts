import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { BIN } from '../support/cli.ts';
import { freePort } from '../support/mosquitto.ts';
import { answers, cpuSeconds, firstLine, peakMiB, script, startReceiver } from './contestant.ts';

/*
 * npm run bench:hicap -- [--records N] [--rate N] [--rounds N]
 * Records of the capture interface at a rate, and as fast as they are taken where the sender has to wait: how many a second
 * arrive at a TCP receiver as events, how many were dropped, what each costs, and how long the sender was kept waiting at most;
 * against a bare server that splits and parses the same lines and keeps nothing.
 */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '300000' },
    rate: { type: 'string', default: '60000' },
    rounds: { type: 'string', default: '3' },
  },
});
const records = Number(values.records);
const rounds = Number(values.rounds);
const directory = mkdtempSync(path.join(tmpdir(), 'bt-bench-'));

interface Sent {
  readonly seconds: number;
  readonly longestMs: number;
}

async function send(port: number, rate: number): Promise<Sent> {
  const args = [port, records, rate].map(String);
  const child = spawn(process.execPath, [script('hicap-sender.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return (await firstLine(child.stdout)) as Sent;
}

async function bare(rate: number): Promise<Sent & { allSeconds: number; cpu: number }> {
  const child = spawn(process.execPath, [script('bare-server.ts'), 'lines'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { port } = (await firstLine(child.stdout)) as { port: number };
  const pid = child.pid ?? 0;
  const before = cpuSeconds(pid);
  const start = Date.now();
  const sent = await send(port, rate);
  const allSeconds = (Date.now() - start) / 1000;
  const cpu = cpuSeconds(pid) - before;
  child.kill('SIGKILL');
  await once(child, 'exit');
  return { ...sent, allSeconds, cpu };
}

async function probe(
  rate: number,
): Promise<Sent & { allSeconds: number; arrived: number; mib: number; cpu: number }> {
  const receiver = await startReceiver(records + 1);
  const port = await freePort();
  const config = path.join(directory, 'probe.yaml');
  writeFileSync(
    config,
    `state: ${mkdtempSync(path.join(directory, 'state-'))}\ntelemetry: {listen: "off"}\ninputs: {hicap: {type: tcp, broker: hicap, listen: "127.0.0.1:${port}", when_full: ${rate === 0 ? 'block' : 'drop_oldest'}}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}"}}\n`,
  );
  const child = spawn(process.execPath, [BIN, 'run', '-c', config], { stdio: 'ignore' });
  await answers(port);
  const pid = child.pid ?? 0;
  const before = cpuSeconds(pid);
  const start = Date.now();
  const sent = await send(port, rate);
  const done = receiver.done();
  // With dropped records the receiver's count is never full.
  await Promise.race([done, delay(30_000, undefined, { ref: false })]);
  receiver.child.kill('SIGTERM');
  const { lines, lastMs } = await done;
  const mib = peakMiB(pid);
  const cpu = cpuSeconds(pid) - before;
  child.kill('SIGKILL');
  await once(child, 'exit');
  return { ...sent, allSeconds: (lastMs - start) / 1000, arrived: Math.min(records, lines - 1), mib, cpu };
}

try {
  for (const rate of [Number(values.rate), 0]) {
    const what = rate === 0 ? 'as fast as they are taken, when_full: block' : `${rate / 1000} k records/s`;
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const theirs = await bare(rate);
      const ours = await probe(rate);
      ratios.push(theirs.allSeconds / ours.allSeconds);
      const each = (cpu: number): string => `${((cpu * 1e6) / records).toFixed(1)} µs CPU each`;
      const speed = (seconds: number): string => `${(records / seconds / 1000).toFixed(0)} k/s`;
      process.stdout.write(
        `${what}: bare ${speed(theirs.allSeconds)}, ${each(theirs.cpu)}, sender waited ${theirs.longestMs.toFixed(1)} ms at most  brokertap taken ${speed(ours.seconds)}, arrived ${speed(ours.allSeconds)}, ${each(ours.cpu)}, sender waited ${ours.longestMs.toFixed(1)} ms at most, ${records - ours.arrived} dropped, ${ours.mib.toFixed(0)} MiB peak\n`,
      );
    }
    const median = ratios.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
    process.stdout.write(`${what}: ratio ${median.toFixed(2)} of the bare server (aim 60 k/s, 50 ms)\n`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
