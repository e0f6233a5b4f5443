import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EmqxApi } from '../../src/emqx-api/api.ts';
import { type ClientRow, Clients } from '../../src/emqx-api/clients.ts';
import { ClientMonitor } from '../../src/inputs/emqx-api/monitor.ts';
import { stateRecord } from '../../src/inputs/emqx-api/record.ts';
import { disk } from '../../src/state/spool/disk.ts';
import { Spool } from '../../src/state/spool/spool.ts';
import { silentLog } from '../support/in-process.ts';
import { SPOOL_OPTIONS } from '../support/spool.ts';

/*
 * npm run bench:emqx-api -- [--clients N] [--rounds N] [--delay MS]
 * One pass of the input emqx-api over all clients of a broker, against the time that the server itself needs for its answers:
 * pages, comparison with the pass before, records to the spool. The stand-in answers faster than a broker that asks its nodes:
 * --delay makes it wait before each answer. Needs a core for each of the two. Prints ratios of this run, asserts nothing.
 */
const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '7' },
    delay: { type: 'string', default: '0' },
  },
});
const directory = mkdtempSync(path.join(tmpdir(), 'bt-bench-'));
const child = fork(fileURLToPath(new URL('emqx-api-server.ts', import.meta.url)), [
  values.clients,
  values.delay,
]);
const [{ url }] = (await once(child, 'message')) as [{ url: string }];
const secretFile = path.join(directory, 'secret');
writeFileSync(secretFile, 'secret-1');

async function answering(): Promise<{ answeringMs: number; requests: number }> {
  child.send('');
  const [told] = await once(child, 'message');
  return told as { answeringMs: number; requests: number };
}

const api = new EmqxApi({ url, key: 'key-1', secretFile, timeoutMs: 5000, attempts: 3 });
const clients = new Clients(api);
const spool = new Spool(directory, disk, { ...SPOOL_OPTIONS, sizeBytes: 2 ** 30 }, silentLog);
const stream = await spool.open('api', () => []);
const signal = new AbortController().signal;
await api.version(signal);

const ratios = { 'all clients new': [] as number[], 'nothing new': [] as number[] };
let monitor = new ClientMonitor();
for (let round = 0; round < Number(values.rounds); round++) {
  // Every other pass finds everything new.
  if (round % 2 === 0) monitor = new ClientMonitor();
  // The pace of requests is for a probe that polls too often: what a pass has used comes back in this time.
  await delay(2000);
  const before = await answering();
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const rows: ClientRow[] = [];
  for await (const page of clients.all(signal)) rows.push(...page);
  const now = Date.now();
  const changes = monitor.take(rows, now);
  let kept: Promise<void> | undefined;
  for (const change of changes)
    kept = stream.append({ type: 'line', seen: now, text: Buffer.from(stateRecord(change, undefined, now)) });
  await kept;
  const passMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  const after = await answering();
  const serverMs = after.answeringMs - before.answeringMs;
  const ratio = passMs / serverMs;
  process.stdout.write(
    `${changes.length === 0 ? 'nothing new' : `${changes.length} new`}: ${rows.length} clients, ${after.requests - before.requests} requests, pass ${passMs.toFixed(0)} ms (${((user + system) / 1000).toFixed(0)} ms of CPU), server ${serverMs.toFixed(0)} ms, ratio ${ratio.toFixed(2)}\n`,
  );
  // The first passes warm up.
  if (round > 1) ratios[changes.length === 0 ? 'nothing new' : 'all clients new'].push(ratio);
}
for (const [name, found] of Object.entries(ratios)) {
  const median = found.toSorted((a, b) => a - b)[Math.floor(found.length / 2)];
  process.stdout.write(`${name}: median ratio ${median?.toFixed(2)} (at most 1.5 is wanted)\n`);
}
api.close();
await spool.close(1000);
child.disconnect();
rmSync(directory, { recursive: true, force: true });
