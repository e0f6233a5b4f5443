import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { askProbe } from '../../src/cli/probe/control.ts';
import { lacking } from '../support/search-server/prepare.ts';
import { SearchServer } from '../support/search-server/start.ts';
import { BULK_RECEIVER, type Figures, measure, peakMiB, startReceiver } from './contestant.ts';
import { writeMosquittoLog } from './mosquitto-log.ts';

/*
 * npm run bench:bulk -- [--lines N] [--rounds N] [--real N] [--stall SECONDS]
 * The bulk output against the tcp output, to receivers that keep nothing; then to a real server, against a plain client
 * that sends the same bodies. Prints figures and ratios of this run, asserts nothing.
 */
const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    real: { type: 'string', default: '100000' },
    stall: { type: 'string', default: '20' },
  },
});
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), 'bt-bench-'));
const log = path.join(directory, 'mosquitto.log');

function probe(state: string, file: string, output: string): string[] {
  const config = path.join(directory, `${state}.yaml`);
  rmSync(path.join(directory, state), { recursive: true, force: true });
  const text = `state: ${path.join(directory, state)}\ntelemetry: {listen: "off"}\ninputs: {log: {type: file, broker: mosquitto, paths: ${file}}}\noutputs: {out: ${output}}\n`;
  writeFileSync(config, text);
  return [process.execPath, path.join(ROOT, 'dist/main.js'), 'run', '-c', config];
}

const bulkTo = (url: string): string => `{type: elasticsearch, nodes: "${url}"}`;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function show(name: string, { seconds, cpuSeconds, peakMiB: memory, lines, bytes }: Figures): void {
  const rate = Math.round(lines / seconds / 1000);
  const perMillion = ((cpuSeconds * 1e6) / lines).toFixed(2);
  const size = Math.round(bytes / lines);
  print(
    `${name}  ${rate} k events/s  ${perMillion} CPU s per million  ${memory.toFixed(0)} MiB peak  ${size} bytes each`,
  );
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function nullServer(lines: number): Promise<void> {
  const ratios: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    // The probe's own first event comes on top of the lines.
    const tcp = await measure(lines + 1, (port) =>
      probe('tcp', log, `{type: logstash, hosts: "127.0.0.1:${port}"}`),
    );
    const bulk = await measure(
      lines + 1,
      (port) => probe('bulk', log, bulkTo(`http://127.0.0.1:${port}`)),
      'tcp',
      BULK_RECEIVER,
    );
    show('tcp ', tcp);
    show('bulk', bulk);
    ratios.push(bulk.lines / bulk.cpuSeconds / (tcp.lines / tcp.cpuSeconds));
  }
  print(`ratio of events per CPU second, bulk to tcp: ${median(ratios).toFixed(2)} (bar 0.6)`);
}

/** A server that never answers: what the probe holds in memory. */
async function stalled(): Promise<void> {
  const receiver = await startReceiver(Number.POSITIVE_INFINITY, true, 'tcp', BULK_RECEIVER);
  const [program = '', ...args] = probe('stalled', log, bulkTo(`http://127.0.0.1:${receiver.port}`));
  const child = spawn(program, args, { stdio: 'ignore' });
  await delay(Number(values.stall) * 1000);
  print(
    `server that does not answer, ${values.stall} s: ${peakMiB(child.pid ?? 0).toFixed(0)} MiB peak (bar 150)`,
  );
  child.kill('SIGKILL');
  receiver.child.kill('SIGKILL');
}

/** The bodies that the probe sends, caught on the way. */
async function bodiesOf(file: string, lines: number): Promise<Buffer[]> {
  const { createServer } = await import('node:http');
  const { buffer } = await import('node:stream/consumers');
  const bodies: Buffer[] = [];
  let items = 0;
  const server = createServer(async (incoming, response) => {
    response.setHeader('content-type', 'application/json');
    const body = await buffer(incoming);
    if (!incoming.url?.startsWith('/_bulk')) {
      response.end(
        JSON.stringify({ version: { number: '3.8.0', distribution: 'opensearch' }, data_streams: [{}] }),
      );
      return;
    }
    bodies.push(body);
    const count = body.toString('latin1').split('\n').length >> 1;
    items += count;
    response.end(`{"errors":false,"items":[${'{"create":{"status":201}},'.repeat(count).slice(0, -1)}]}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const [program = '', ...args] = probe('catch', file, bulkTo(`http://127.0.0.1:${port}`));
  const child = spawn(program, args, { stdio: 'ignore' });
  while (items <= lines) await delay(20);
  child.kill('SIGKILL');
  server.closeAllConnections();
  server.close();
  return bodies;
}

/** As many requests at a time as the probe has by default. @returns seconds */
async function plainClient(url: string, bodies: readonly Buffer[]): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const start = performance.now();
  await Promise.all(
    bodies.map(
      (body) =>
        new Promise<void>((resolve, reject) => {
          const headers = { 'content-type': 'application/x-ndjson', 'content-length': body.length };
          request(`${url}/_bulk`, { method: 'POST', agent, headers }, (response) => {
            response.resume().on('end', resolve);
          })
            .on('error', reject)
            .end(body);
        }),
    ),
  );
  return (performance.now() - start) / 1000;
}

/** @returns seconds from the first event delivered to the last, scaled to all of them */
async function probeTo(url: string, file: string, lines: number): Promise<number> {
  const [program = '', ...args] = probe('real', file, bulkTo(url));
  const child = spawn(program, args, { stdio: 'ignore' });
  let first: { at: number; delivered: number } | undefined;
  for (;;) {
    await delay(5);
    const status = await askProbe(path.join(directory, 'real'), 'GET', '/status').catch(() => undefined);
    const delivered: number = status === undefined ? 0 : (JSON.parse(status).outputs[0]?.delivered ?? 0);
    if (delivered > 0) first ??= { at: performance.now(), delivered };
    if (first === undefined || delivered <= lines) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
    return ((performance.now() - first.at) / 1000 / (delivered - first.delivered)) * delivered;
  }
}

async function realServer(lines: number): Promise<void> {
  const why = lacking();
  if (why !== undefined) return print(`no real server: ${why}`);
  const file = path.join(directory, 'real.log');
  writeMosquittoLog(file, { lines, clients: 1000, seed: 2 });
  const bodies = await bodiesOf(file, lines);
  const server = await SearchServer.start('opensearch');
  const properties = { '@timestamp': { type: 'date' } };
  const fresh = async (): Promise<void> => {
    await server.ask('DELETE', '/_data_stream/logs-mqtt.*');
  };
  try {
    await server.ask('PUT', '/_index_template/bench', {
      index_patterns: ['logs-mqtt.*-*'],
      data_stream: {},
      template: { settings: { number_of_replicas: 0 }, mappings: { dynamic: false, properties } },
    });
    await plainClient(server.url, bodies);
    await fresh();
    const ratios: number[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const plain = await plainClient(server.url, bodies);
      await fresh();
      const ours = await probeTo(server.url, file, lines);
      await fresh();
      print(
        `OpenSearch: plain client ${Math.round(lines / plain)} events/s, probe ${Math.round(lines / ours)} events/s`,
      );
      ratios.push(plain / ours);
    }
    print(
      `ratio of events/s to a real server, probe to plain client: ${median(ratios).toFixed(2)} (bar 0.8)`,
    );
  } finally {
    await server.remove();
  }
}

try {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const lines = Number(values.lines);
  if (lines > 0) {
    writeMosquittoLog(log, { lines, clients: 1000, seed: 1 });
    await nullServer(lines);
    if (Number(values.stall) > 0) await stalled();
  }
  if (Number(values.real) > 0) await realServer(Number(values.real));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
