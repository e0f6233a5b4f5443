import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Journal } from '../../src/core/source.ts';
import { EmqxApi } from '../../src/emqx-api/api.ts';
import { Clients } from '../../src/emqx-api/clients.ts';
import { fitHeap } from '../../src/heap.ts';
import { type ClientChange, ClientMonitor } from '../../src/inputs/emqx-api/monitor.ts';
import { stateRecord } from '../../src/inputs/emqx-api/record.ts';
import { disk } from '../../src/state/spool/segments/disk.ts';
import { Spool } from '../../src/state/spool/spool.ts';
import { silentLog } from '../support/in-process.ts';
import { SPOOL_OPTIONS } from '../support/spool.ts';

/*
 * npm run bench:emqx-api -- [--clients N] [--rounds N] [--delay MS,MS]
 * One pass of the input emqx-api over all clients of a broker, against the time that the server itself needs for its answers:
 * pages, comparison with the pass before, records to the spool. The stand-in makes a page of 1,000 clients in 4 ms, which no
 * broker does that asks its nodes (with 50,000 clients 4.0.7 took up to 300 ms, 5.0.8 over 3 s: emqx/emqx#9341): --delay makes
 * it wait before each answer. Needs a core for each of the two. Prints ratios of this run, asserts nothing.
 */
const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '12' },
    delay: { type: 'string', default: '0,5' },
  },
});
const signal = new AbortController().signal;
// The heap of a probe.
fitHeap();

for (const delayMs of values.delay.split(',')) {
  const directory = mkdtempSync(path.join(tmpdir(), 'bt-bench-'));
  const server = fileURLToPath(new URL('emqx-api-server.ts', import.meta.url));
  const child = fork(server, [values.clients, delayMs]);
  try {
    await measure(directory, child, delayMs);
  } finally {
    child.disconnect();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(directory: string, server: ChildProcess, delayMs: string): Promise<void> {
  const [{ url }] = (await once(server, 'message')) as [{ url: string }];
  const secretFile = path.join(directory, 'secret');
  writeFileSync(secretFile, 'secret-1');
  const api = new EmqxApi({ url, key: 'key-1', secretFile, timeoutMs: 5000, attempts: 3 });
  const clients = new Clients(api);
  const spool = new Spool(directory, disk, { ...SPOOL_OPTIONS, sizeBytes: 2 ** 30 }, silentLog);
  const stream = await spool.open('api', () => []);
  await api.version(signal);

  const ratios = { 'all clients new': [] as number[], 'nothing new': [] as number[] };
  let monitor = new ClientMonitor();
  for (let round = 0; round < Number(values.rounds); round++) {
    // Every other pass finds everything new.
    if (round % 2 === 0) monitor = new ClientMonitor();
    // The pace of requests is for a probe that polls too often: what a pass has used comes back in this time.
    await delay(2000);
    const before = await answering(server);
    const cpu = process.cpuUsage();
    const begun = performance.now();
    const { found, changed } = await pass(clients, monitor, stream);
    const passMs = performance.now() - begun;
    const { user, system } = process.cpuUsage(cpu);
    const after = await answering(server);
    const serverMs = after.answeringMs - before.answeringMs;
    const ratio = passMs / serverMs;
    print(
      `${changed === 0 ? 'nothing new' : `${changed} new`}: ${found} clients, ${after.requests - before.requests} requests, pass ${passMs.toFixed(0)} ms (${((user + system) / 1000).toFixed(0)} ms of CPU), server ${serverMs.toFixed(0)} ms, ratio ${ratio.toFixed(2)}`,
    );
    // The first passes warm up.
    if (round > 1) ratios[changed === 0 ? 'nothing new' : 'all clients new'].push(ratio);
  }
  for (const [name, found] of Object.entries(ratios)) {
    const median = found.toSorted((a, b) => a - b)[Math.floor(found.length / 2)];
    print(
      `waiting ${delayMs} ms before each answer, ${name}: median ratio ${median?.toFixed(2)} (at most 1.5 is wanted)`,
    );
  }
  api.close();
  await spool.close(1000);
}

async function pass(
  clients: Clients,
  monitor: ClientMonitor,
  journal: Journal,
): Promise<{ found: number; changed: number }> {
  let found = 0;
  let changed = 0;
  const admit = (changes: readonly ClientChange[]): void => {
    const now = Date.now();
    changed += changes.length;
    for (const change of changes)
      journal.append({ type: 'text', seen: now, text: stateRecord(change, undefined, now) });
  };
  monitor.begin();
  for await (const page of clients.all(signal)) {
    found += page.length;
    admit(monitor.page(page, Date.now()));
  }
  admit(monitor.end(Date.now()));
  return { found, changed };
}

/** How long the server has been answering, and how many requests. */
async function answering(server: ChildProcess): Promise<{ answeringMs: number; requests: number }> {
  server.send('');
  const [told] = await once(server, 'message');
  return told as { answeringMs: number; requests: number };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
