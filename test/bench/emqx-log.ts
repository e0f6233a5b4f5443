import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dialect as emqx } from '../../src/brokers/emqx/index.ts';
import { dialect as mosquitto } from '../../src/brokers/mosquitto/index.ts';
import type { Dialect } from '../../src/core/dialect.ts';
import { EventBuffer } from '../../src/ecs/event-buffer.ts';
import { Filter } from '../../src/pipeline/normalizer/filter.ts';
import { Normalizer } from '../../src/pipeline/normalizer/normalizer.ts';
import { writeMosquittoLog } from './mosquitto-log.ts';

/*
 * node test/bench/emqx-log.ts [RECORDS]
 * Prints how many records of EMQX's log (5.8 form) become encoded events in a second on one core, text and JSON, and the
 * ratio to Mosquitto's lines in the same run: the machine may be slow, the ratio holds.
 */
const RECORDS = Number(process.argv[2] ?? 400_000);
const CHUNK_BYTES = 64 * 1024;

/** A busy broker's mix: refused logins and denials, traffic at debug level, drops, a few free lines. */
function texts(i: number): string {
  const client = `sensor-${i % 5000}`;
  const peer = `10.20.${i % 250}.${(i * 7) % 250}:${30_000 + (i % 20_000)}`;
  const topic = `plant${i % 7}/line${i % 40}/temp`;
  const stamp = new Date(1_747_204_840_000 + i * 3).toISOString().replace('Z', '021+00:00');
  switch (i % 10) {
    case 0:
      return `${stamp} [warning] tag: AUTHN, clientid: ${client}, msg: authentication_failure, peername: ${peer}, username: plant1, reason: not_authorized`;
    case 1:
      return `${stamp} [warning] tag: AUTHZ, clientid: ${client}, msg: authorization_permission_denied, peername: ${peer}, username: plant1, topic: ${topic}, action: PUBLISH(Q1,R0), source: built_in_database`;
    case 2:
      return `${stamp} [warning] clientid: ${client}, msg: dropped_qos0_msg, peername: ${peer}, topic: ${topic}, payload: 00FF108007, payload_encode: hex, queue: #{dropped => 7,len => 12,max_len => 1000,name => <<"${client}">>,store_qos0 => false}`;
    case 3:
      return `${stamp} [debug] tag: SOCKET, clientid: ${client}, msg: emqx_connection_terminated, peername: ${peer}, username: plant1, reason: {shutdown,keepalive_timeout}`;
    case 4:
      return `${stamp} [error] [PoolWorker] unexpected info: {disconnected,${i % 300},#{}}`;
    default:
      return `${stamp} [debug] tag: MQTT, clientid: ${client}, msg: mqtt_packet_received, peername: ${peer}, username: plant1, packet: PUBLISH(Q${i % 2}, R0, D0, Topic=${topic}, PacketId=${i % 2 === 0 ? 'undefined' : i % 65_000}, Payload(text)={"t":21.4})`;
  }
}

function jsons(i: number): string {
  const common = {
    username: 'plant1',
    pid: `<0.${i % 90_000}.0>`,
    peername: `10.20.${i % 250}.${(i * 7) % 250}:${30_000 + (i % 20_000)}`,
    clientid: `sensor-${i % 5000}`,
  };
  const topic = `plant${i % 7}/line${i % 40}/temp`;
  const time = (1_747_204_840_000 + i * 3) * 1000 + 21;
  switch (i % 10) {
    case 0:
      return JSON.stringify({
        time,
        level: 'warning',
        msg: 'authentication_failure',
        tag: 'AUTHN',
        reason: 'not_authorized',
        ...common,
      });
    case 1:
      return JSON.stringify({
        time,
        level: 'warning',
        msg: 'authorization_permission_denied',
        topic,
        tag: 'AUTHZ',
        source: 'file',
        ...common,
        action: 'PUBLISH(Q1,R0)',
      });
    case 2:
      return JSON.stringify({
        time,
        level: 'warning',
        msg: 'dropped_qos0_msg',
        topic,
        queue: { store_qos0: false, max_len: 1000, len: 12, dropped: 7 },
        ...common,
        payload_encode: 'hex',
        payload: '00FF108007',
      });
    case 3:
      return JSON.stringify({
        time,
        level: 'debug',
        msg: 'emqx_connection_terminated',
        tag: 'SOCKET',
        reason: '{shutdown,keepalive_timeout}',
        ...common,
      });
    case 4:
      return JSON.stringify({
        time,
        level: 'error',
        msg: `[PoolWorker] unexpected info: {disconnected,${i % 300},#{}}`,
        pid: common.pid,
      });
    default:
      return JSON.stringify({
        time,
        level: 'debug',
        msg: 'mqtt_packet_received',
        tag: 'MQTT',
        ...common,
        packet: `PUBLISH(Q${i % 2}, R0, D0, Topic=${topic}, PacketId=${i % 2 === 0 ? 'undefined' : i % 65_000}, Payload(text)={"t":21.4})`,
      });
  }
}

/** @returns the median rate */
function bench(name: string, dialect: Dialect, bytes: Buffer): number {
  const reading = {
    dialect,
    stream: { ownClients: new Set<string>(), topicRoot: 2, timezone: 'UTC' },
    leftOut: new Set<string>(),
    envelope: {
      'service.type': 'bench',
      'service.name': 'bench',
      'host.name': 'bench',
      'agent.type': 'brokertap',
    },
    namespace: 'default',
    limit: 1024 * 1024,
    original: false,
    ignoreLogTopics: false,
  };
  const rates: number[] = [];
  for (let round = 0; round < 5; round++) {
    const source = { id: '0'.repeat(24), path: '/bench.log' };
    const cursor = { offset: 0, checkpoint: { offset: 0, sequence: 0 } };
    const normalizer = new Normalizer(source, reading, new Filter([], new Set()), cursor);
    const out = new EventBuffer(1024 * 1024);
    const start = process.cpuUsage();
    for (let at = 0; at < bytes.length; ) {
      const to = Math.min(bytes.length, at + CHUNK_BYTES);
      const end = { final: to === bytes.length, beyond: 0 };
      at = normalizer.push('lines', bytes, at, to, 0, end, out, 768 * 1024);
      out.contents();
      out.clear();
    }
    const used = process.cpuUsage(start);
    const { events, unparsed } = normalizer.take();
    if (events < RECORDS || unparsed > 0) throw new Error(`${events} events, ${unparsed} unparsed`);
    rates.push(RECORDS / ((used.user + used.system) / 1e6));
  }
  rates.sort((a, b) => a - b);
  const median = rates[2] ?? 0;
  process.stdout.write(
    `${name.padEnd(10)} ${(median / 1000).toFixed(0)} k records per CPU second (best ${((rates[4] ?? 0) / 1000).toFixed(0)} k), ${Math.round(bytes.length / RECORDS)} bytes a record\n`,
  );
  return median;
}

const bytesOf = (line: (i: number) => string): Buffer =>
  Buffer.from(Array.from({ length: RECORDS }, (_, i) => `${line(i)}\n`).join(''));

const directory = mkdtempSync(path.join(tmpdir(), 'bt-bench-'));
const file = path.join(directory, 'mosquitto.log');
writeMosquittoLog(file, { lines: RECORDS, clients: 2000, seed: 1 });
const reference = bench('mosquitto', mosquitto, readFileSync(file));
rmSync(directory, { recursive: true });
for (const [name, line] of [
  ['text', texts],
  ['JSON', jsons],
] as const) {
  const rate = bench(name, emqx, bytesOf(line));
  process.stdout.write(`ratio of ${name} to Mosquitto's lines: ${(rate / reference).toFixed(2)}\n`);
}
