import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dialect } from '../../src/brokers/mosquitto/index.ts';
import type { StreamInfo } from '../../src/core/dialect.ts';
import { EventBuffer } from '../../src/ecs/event-buffer.ts';
import { Filter } from '../../src/pipeline/normalizer/filter.ts';
import { Normalizer } from '../../src/pipeline/normalizer/normalizer.ts';
import { writeMosquittoLog } from './mosquitto-log.ts';

/**
 * Speed of the Mosquitto dialect on one core, encoding included: `node test/bench/dialect.ts [FILE…]`. Prints lines and
 * bytes per second of CPU time, best of five; without files, of generated logs and of hostile lines.
 */
const ROUNDS = 5;
const READ_BYTES = 64 * 1024;
const STREAM: StreamInfo = { ownClients: new Set(), topicRoot: 2, timezone: 'UTC' };

function rate(name: string, bytes: Buffer): number {
  let best = Number.POSITIVE_INFINITY;
  let lines = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    lines = run(bytes);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  const perSecond = bytes.length / best / 1e6;
  console.log(
    `${name.padEnd(24)} ${String(Math.round(lines / best / 1000)).padStart(6)} k lines/s ${perSecond.toFixed(1).padStart(7)} MB/s`,
  );
  return perSecond;
}

function run(bytes: Buffer): number {
  const reading = {
    dialect,
    stream: STREAM,
    envelope: { 'service.type': 'mosquitto', 'service.name': 'bench', 'agent.type': 'brokertap' },
    namespace: 'default',
    limit: 1 << 20,
    leftOut: new Set<string>(),
    original: false,
    ignoreLogTopics: false,
  };
  const start = { offset: 0, checkpoint: { offset: 0, sequence: 0 } };
  const normalizer = new Normalizer(
    { id: '0'.repeat(24), path: '/log' },
    reading,
    new Filter([], new Set()),
    start,
  );
  const out = new EventBuffer(2 * 768 * 1024);
  let at = 0;
  for (let to = 0; to < bytes.length; ) {
    to = Math.min(bytes.length, to + READ_BYTES);
    for (let before = -1; before !== at; ) {
      before = at;
      const end = { final: to === bytes.length, beyond: 0 };
      at = normalizer.push('lines', bytes, at, to, 0, end, out, 768 * 1024);
      out.clear();
    }
  }
  return normalizer.take().records;
}

/** Lines whose client-controlled text is made of pieces of the formats. */
function hostile(count: number, idBytes: number): Buffer {
  const pieces = [
    " (d0, q0, r0, m0, '",
    ' disconnected: ',
    "', ... (5 bytes))",
    ' as ',
    " (p2, c1, k60, u'",
    ': ',
    ' 1 ',
  ];
  let text = '1700000000: mosquitto version 2.0.18 starting\n';
  for (let i = 0; i < count; i++) {
    let id = '';
    for (let k = i; id.length < idBytes; k++) id += pieces[k % pieces.length];
    text += `1700000000: Received PUBLISH from ${id} (d0, q0, r0, m0, '${id}', ... (5 bytes))\n`;
    text += `1700000000: Client ${id} disconnected: Broken pipe.\n`;
    text += `1700000000: New client connected from 1.2.3.4:5 as ${id} (p2, c1, k60, u'${id}').\n`;
    text += `1700000000: ${id} 1 ${id}\n1700000000: Sending CONNACK to ${id} (0, 0)\n`;
  }
  return Buffer.from(text);
}

/** Lines of 1 MiB that are nothing but the piece at which each rule splits a line. */
function adversarial(): Buffer {
  const fill = (piece: string): string => piece.repeat(Math.ceil((1 << 20) / piece.length));
  const lines = [
    `Received PUBLISH from ${fill(" (d0, q0, r0, m0, '")}', ... (5 bytes))`,
    `Received PUBLISH from ${fill(' (d0, q0, r0, m')}`,
    `New client connected from 1.2.3.4:5 as ${fill(" (p2, c1, k60, u'")}').`,
    `New client connected from 1.2.3.4:5 as ${fill(' (p2, c1, k60')}`,
    `Client ${fill(' disconnected: ')}Broken pipe.`,
    `Client ${fill(' [1.2.3.4:5]')} disconnected: bad socket read/write: x`,
    `Bad socket read/write on client ${fill(': ')}`,
    `Received AUTH from ${fill(' (rc1')})`,
    `Received AUTH from ${fill(' (rc1, ')})`,
    `dynsec: ${fill(' | createRole')}`,
    `dynsec: ${fill('/ | createRole')}`,
    `Warning: File ${fill(' owner is not ')}x`,
    `Sending CONNACK to ${fill(' (0, ')}0)`,
    `Sending PUBACK to ${fill(' (m1, rc0')})`,
    `Client connection from ${fill(' failed: ')}.`,
    fill('a 1 '),
    fill('1: '),
  ];
  return Buffer.from(lines.map((line) => `1700000000: ${line}\n`).join(''));
}

const files = process.argv.slice(2);
if (files.length > 0) {
  for (const file of files) rate(path.basename(file), readFileSync(file));
} else {
  const directory = mkdtempSync(path.join(tmpdir(), 'dialect-'));
  const log = path.join(directory, 'mosquitto.log');
  writeMosquittoLog(log, { lines: 400_000, clients: 1000, seed: 1 });
  const ordinary = rate('ordinary', readFileSync(log));
  rmSync(directory, { recursive: true });
  for (const [name, bytes] of [
    ['hostile, short ids', hostile(40_000, 60)],
    ['hostile, long ids', hostile(10_000, 900)],
    ['hostile, 1 MiB ids', hostile(8, 1 << 20)],
    ['adversarial, 1 MiB lines', adversarial()],
  ] as const)
    console.log(`  of ordinary per byte: ${(rate(name, bytes) / ordinary).toFixed(2)}`);
}
