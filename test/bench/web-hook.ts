import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BIN } from '../support/cli.ts';
import { freePort } from '../support/mosquitto.ts';
import { answers, firstLine, peakMiB, script, startReceiver } from './contestant.ts';

/*
 * npm run bench:webhook -- [--events N] [--singles N] [--rounds N]
 * Web hooks in arrays of 100 and one by one: how many events a second are answered with 200, which means that a synced spool
 * has them, and how many arrive at a TCP receiver; against a bare node:http server that parses the same bodies and keeps
 * nothing. Fails when one is missing.
 */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '200000' },
    singles: { type: 'string', default: '40000' },
    rounds: { type: 'string', default: '3' },
  },
});
const rounds = Number(values.rounds);
const directory = mkdtempSync(path.join(tmpdir(), 'bt-bench-'));

interface Sent {
  readonly seconds: number;
  readonly p99Ms: number;
  readonly refused: number;
}

async function send(port: number, connections: number, events: number, array: number): Promise<Sent> {
  const args = [port, connections, events, array].map(String);
  const child = spawn(process.execPath, [script('web-hook-sender.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const sent = (await firstLine(child.stdout)) as Sent;
  if (sent.refused > 0) throw new Error(`${sent.refused} requests were refused`);
  return sent;
}

async function bare(connections: number, events: number, array: number): Promise<Sent> {
  const child = spawn(process.execPath, [script('bare-server.ts'), 'http'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { port } = (await firstLine(child.stdout)) as { port: number };
  const sent = await send(port, connections, events, array);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return sent;
}

async function probe(
  connections: number,
  events: number,
  array: number,
): Promise<Sent & { arrivedSeconds: number; mib: number }> {
  // The probe says by one event of its own that it has started.
  const receiver = await startReceiver(events + 1);
  const port = await freePort();
  const config = path.join(directory, 'probe.yaml');
  writeFileSync(
    config,
    `state: ${mkdtempSync(path.join(directory, 'state-'))}\ntelemetry: {listen: "off"}\ninputs: {hook: {type: http, listen: "127.0.0.1:${port}"}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}"}}\n`,
  );
  const child = spawn(process.execPath, [BIN, 'run', '-c', config], { stdio: 'ignore' });
  await answers(port);
  const start = Date.now();
  const sent = await send(port, connections, events, array);
  const { lastMs, lines } = await receiver.done();
  const mib = peakMiB(child.pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  if (lines < events + 1) throw new Error(`${lines} of ${events + 1} arrived`);
  return { ...sent, arrivedSeconds: (lastMs - start) / 1000, mib };
}

async function compare(what: string, aim: number, connections: number, events: number, array: number) {
  const ratios: number[] = [];
  const rate = (seconds: number): string => `${(events / seconds / 1000).toFixed(1)} k/s`;
  for (let round = 0; round < rounds; round++) {
    const theirs = await bare(connections, events, array);
    const ours = await probe(connections, events, array);
    ratios.push(theirs.seconds / ours.seconds);
    process.stdout.write(
      `${what}: bare ${rate(theirs.seconds)} (p99 ${theirs.p99Ms.toFixed(1)} ms)  durable 200s ${rate(ours.seconds)} (p99 ${ours.p99Ms.toFixed(1)} ms), arrived ${rate(ours.arrivedSeconds)}, ${ours.mib.toFixed(0)} MiB peak\n`,
    );
  }
  const median = ratios.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  process.stdout.write(`${what}: ratio ${median.toFixed(2)} of the bare server (aim ${aim} k/s)\n`);
}

try {
  await compare('arrays of 100', 20, 8, Number(values.events), 100);
  await compare('single', 5, 64, Number(values.singles), 0);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
