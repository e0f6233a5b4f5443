import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { BIN, cli, ProbeProcess } from '../support/cli.ts';
import { freePort, MOSQUITTO, Mosquitto } from '../support/mosquitto.ts';
import { needs } from '../support/programs.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

/** Kills of the probe; more with BROKERTAP_KILLS. */
const KILLS = Number(process.env.BROKERTAP_KILLS ?? 12);
/** Messages that a publisher has under way. */
const WINDOW = 50;

/** Publishes numbered messages of QoS 1 for as long as it is told to. */
class Publisher {
  /** Messages that the broker has. */
  sent = 0;
  private readonly client: MqttClient;
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(t: TestContext, port: number) {
    t.after(() => {
      this.stopped = true;
      this.client.end(true);
    });
    this.client = connect(`mqtt://127.0.0.1:${port}`, { clientId: 'writer' });
    this.running = this.run();
    this.running.catch(() => {});
  }

  async stop(): Promise<number> {
    this.stopped = true;
    await this.running;
    await this.client.endAsync();
    return this.sent;
  }

  private async run(): Promise<void> {
    for (let n = 0; !this.stopped; n += WINDOW) {
      await Promise.all(
        Array.from({ length: WINDOW }, (_, i) =>
          this.client.publishAsync(`plant/${n + i}`, `payload ${n + i}`, { qos: 1 }),
        ),
      );
      this.sent = n + WINDOW;
      await delay(40);
    }
  }
}

describe('the mirror and the spool', needs(...MOSQUITTO), () => {
  it('killed at random points, with a sink that goes and comes: exactly the set, each message one event', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory, 'max_queued_messages 0');
    let receiver = await Receiver.start();
    const { port } = receiver;
    const past: Receiver[] = [];
    t.after(() => receiver.stop());
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", client_id: probe, topics: 'plant/#'}}
outputs: {elk: {type: logstash, hosts: "127.0.0.1:${port}", confirm_after: 200ms}}
`,
    );
    const arrived = (): { topic: string; id: string }[] =>
      [...past, receiver].flatMap((r) =>
        r.events
          .filter((e) => e.event.action === 'message-mirrored')
          .map((e) => ({ topic: String(e.mqtt?.topic), id: e.event.id })),
      );
    probe.start();
    await until(
      () => broker.log().includes('Sending SUBACK to probe'),
      () => probe.stderr,
    );
    const publisher = new Publisher(t, broker.port);
    const restart = async (): Promise<void> => {
      const sessions = (): number => broker.log().split(' as probe ').length;
      const before = sessions();
      probe.start();
      await until(
        () => sessions() > before,
        () => probe.stderr,
      );
    };
    // What has arrived and was not settled in the last saved positions may come again.
    let unsettled = 0;
    const received = (): number => new Set(arrived().map(({ id }) => id)).size;
    const settled = (): number => {
      const file = path.join(directory, 'state', 'positions.json');
      if (!existsSync(file)) return 0;
      const positions = JSON.parse(readFileSync(file, 'utf8'));
      const [stream] = Object.values<{ cursors: { elk: { counters: { delivered: number } } } }>(
        positions.streams,
      );
      return stream?.cursors.elk.counters.delivered ?? 0;
    };
    for (let kill = 0; kill < KILLS; kill++) {
      if (kill > 0) await restart();
      await delay(Math.random() * 400);
      if (kill % 4 === 1) {
        past.push(receiver);
        await receiver.stop();
        unsettled += received() - settled();
      }
      await delay(Math.random() * 200);
      if (kill % 4 === 2) receiver = await Receiver.start(port);
      await probe.kill();
      await until(
        () => receiver.sockets.size === 0,
        () => 'the connection of a killed probe',
      );
      unsettled += received() - settled();
    }
    const sent = await publisher.stop();
    if (past.at(-1) === receiver) receiver = await Receiver.start(port);
    await restart();
    const topics = (): Set<string> => new Set(arrived().map(({ topic }) => topic));
    await until(
      () => topics().size >= sent,
      () => `${topics().size} of ${sent}; ${probe.stderr}`,
      60_000,
    );
    assert.equal(await probe.stop(), 0);
    const all = arrived();
    const ids = new Set(all.map(({ id }) => id));
    assert.deepEqual(topics(), new Set(Array.from({ length: sent }, (_, n) => `plant/${n}`)));
    assert.equal(ids.size, sent, 'a message became two events');
    const again = all.length - ids.size;
    assert.ok(again <= unsettled, `${again} came again, ${unsettled} were unsettled`);
    t.diagnostic(`${sent} messages, ${KILLS} kills, ${again} came again, ${unsettled} were unsettled`);
  });

  it('a sink that takes nothing for longer than the keep-alive: connected, full, bounded in memory, then all arrives', async (t) => {
    const directory = tempDir(t);
    // The shortest keep-alive that Mosquitto can demand.
    const broker = await Mosquitto.start(t, directory, 'max_queued_messages 0\nmax_keepalive 10');
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    receiver.pause(true);
    const probe = new ProbeProcess(
      t,
      directory,
      `spool: {size: 16MiB}
inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", client_id: probe, topics: 'plant/#', payload: {capture: text, limit: 8KiB}}}
outputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}", confirm_after: 200ms}}
`,
    );
    probe.start();
    await until(
      () => broker.log().includes('Sending SUBACK to probe'),
      () => probe.stderr,
    );
    const connected = Date.now();
    const writer = connect(`mqtt://127.0.0.1:${broker.port}`, { clientId: 'writer' });
    const payload = Buffer.alloc(8000, 'x');
    const count = 4000;
    for (let n = 0; n < count; n += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, i) => writer.publishAsync(`plant/${n + i}`, payload, { qos: 1 })),
      );
    }
    await writer.endAsync();
    await until(
      () => probe.stderr.includes('no room for messages'),
      () => probe.stderr,
    );
    await until(
      () => Date.now() - connected > 18_000,
      () => 'one and a half keep-alives',
      30_000,
    );
    assert.equal(broker.log().split(' as probe ').length, 2, 'it has connected once');
    assert.doesNotMatch(broker.log(), /probe has exceeded timeout/);
    const MiB = probe.peakMiB();
    assert.ok(MiB < 150, `${MiB} MiB`);
    receiver.pause(false);
    const topics = (): Set<unknown> =>
      new Set(receiver.events.filter((e) => e.event.action === 'message-mirrored').map((e) => e.mqtt?.topic));
    await until(
      () => topics().size === count,
      () => `${topics().size} of ${count}; ${probe.stderr}`,
      60_000,
    );
    t.diagnostic(`${MiB.toFixed(0)} MiB peak`);
  });
});

describe('spool: command line', () => {
  it('standard input is in the spool before more is read, and is delivered after a kill', async (t) => {
    const directory = tempDir(t);
    const config = path.join(directory, 'brokertap.yaml');
    const port = await freePort();
    writeFileSync(
      config,
      `state: ${path.join(directory, 'state')}\ntelemetry: {listen: "off"}\ninputs: {in: {type: stdin, broker: mosquitto}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${port}", confirm_after: 100ms}}\n`,
    );
    const lines = Array.from({ length: 5000 }, (_, n) => `1700000000: line ${n}\n`);
    const first = spawn(process.execPath, [BIN, 'run', '-c', config], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    t.after(() => first.kill('SIGKILL'));
    first.stdin.on('error', () => {});
    first.stdin.write(lines.join(''));
    const stored = async (): Promise<{
      streams: { records: number; outputs: { recordsBehind: number }[] }[];
    }> => JSON.parse((await cli(['spool', 'inspect', '--json', '-c', config])).stdout);
    await until(
      async () => (await stored()).streams[0]?.records === 5000,
      () => 'all lines in the spool',
    );
    first.kill('SIGKILL');
    await once(first, 'exit');
    assert.equal((await stored()).streams[0]?.records, 5000);
    const receiver = await Receiver.start(port);
    t.after(() => receiver.stop());
    const again = await cli(['run', '-c', config]);
    assert.equal(again.code, 0, 'standard input has ended and everything was delivered');
    const got = receiver.events.filter((e) => e.event.action !== 'probe-started').map((e) => e.message);
    assert.deepEqual(
      got.filter((m) => m.startsWith('line ')),
      Array.from({ length: 5000 }, (_, n) => `line ${n}`),
    );
    assert.equal((await stored()).streams[0]?.outputs[0]?.recordsBehind, 0);
  });

  it('inspect and verify tell what is there, damage too; purge removes what an earlier input has left', async (t) => {
    const directory = tempDir(t);
    const config = path.join(directory, 'brokertap.yaml');
    const write = (input: string): void =>
      writeFileSync(
        config,
        `state: ${path.join(directory, 'state')}\ntelemetry: {listen: "off"}\ninputs: {${input}: {type: stdin, broker: mosquitto}}\noutputs: {out: {type: stdout}}\n`,
      );
    write('in');
    const input = Array.from({ length: 100 }, (_, n) => `1700000000: line ${n}\n`).join('');
    assert.equal((await cli(['run', '-c', config], { input })).code, 0);
    const inspected = await cli(['spool', 'inspect', '-c', config]);
    assert.match(inspected.stdout, /in: 100 records in 1 segment, \d+ bytes, seen \d{4}-/);
    assert.match(inspected.stdout, /output out: 0 records, 0 bytes to go/);
    const whole = await cli(['spool', 'verify', '-c', config]);
    assert.deepEqual([whole.code, whole.stdout], [0, 'in: whole\n']);
    const segments = path.join(directory, 'state', 'spool', 'in');
    const [name = ''] = readdirSync(segments);
    const bytes = readFileSync(path.join(segments, name));
    bytes.writeUInt8((bytes[1000] ?? 0) ^ 1, 1000);
    writeFileSync(path.join(segments, name), bytes);
    const damaged = await cli(['spool', 'verify', '-c', config]);
    assert.equal(damaged.code, 1);
    assert.match(damaged.stdout, /segment: \d+ bytes at \d+ are damaged; lost: 1 record/);
    write('other');
    assert.match((await cli(['spool', 'inspect', '-c', config])).stdout, /no longer configured/);
    const refused = await cli(['spool', 'purge', 'other', '-c', config]);
    assert.deepEqual([refused.code, /is configured/.test(refused.stderr)], [2, true]);
    const purged = await cli(['spool', 'purge', 'in', '-c', config]);
    assert.match(purged.stdout, /removed in: \d+ records/);
    assert.deepEqual(readdirSync(path.dirname(segments)), []);
  });

  it('a spool of another version: one sentence with what to do, exit code 1', async (t) => {
    const directory = tempDir(t);
    const config = path.join(directory, 'brokertap.yaml');
    const segments = path.join(directory, 'state', 'spool', 'in');
    mkdirSync(segments, { recursive: true });
    const header = Buffer.alloc(128);
    for (const at of [0, 64]) header.writeUInt32BE(9, header.write('BTSPOOL\n', at) + at);
    writeFileSync(path.join(segments, '0000000000000000.segment'), header);
    writeFileSync(
      config,
      `state: ${path.join(directory, 'state')}\ntelemetry: {listen: "off"}\ninputs: {in: {type: stdin, broker: mosquitto}}\noutputs: {out: {type: stdout}}\n`,
    );
    const { code, stderr } = await cli(['run', '-c', config]);
    assert.equal(code, 1);
    assert.match(stderr, /has version 9 and this brokertap knows version 2: use the version that wrote it/);
    assert.equal(stderr.includes('    at '), false);
  });
});

describe('a spool of another user', () => {
  it('run and spool name what cannot be opened, and what to do', async (t) => {
    if (process.getuid?.() !== 0) return t.skip('needs root to make files of other users');
    const as = { uid: 65534, gid: 65534 };
    const directory = tempDir(t);
    chmodSync(directory, 0o755);
    const state = path.join(directory, 's');
    const config = path.join(directory, 'b.yaml');
    writeFileSync(
      config,
      `state: ${state}\ntelemetry: {listen: "off"}\ninputs: {in: {type: stdin, broker: mosquitto}}\noutputs: {o: {type: stdout}}\n`,
    );
    mkdirSync(state);
    chownSync(state, as.uid, as.gid);
    const input = '1700000000: a line\n';
    assert.equal((await cli(['run', '-c', config], { as, input })).code, 0);
    const stream = path.join(state, 'spool', 'in');
    const [segment = ''] = readdirSync(stream).map((name) => path.join(stream, name));
    for (const [place, told] of [
      [segment, segment],
      [stream, stream],
      [path.dirname(stream), path.dirname(stream)],
    ] as const) {
      chownSync(place, 0, 0);
      chmodSync(place, 0o700);
      for (const command of [['run'], ['spool', 'inspect'], ['spool', 'verify']]) {
        const { code, stderr } = await cli([...command, '-c', config], { as, input });
        assert.equal(code, 1, stderr);
        assert.match(
          stderr,
          /^the spool \S+ cannot be used \(EACCES: .*\): give it to the user that runs brokertap$/m,
        );
        assert.ok(stderr.includes(`'${told}'`), stderr);
      }
      chownSync(place, as.uid, as.gid);
    }
    assert.equal((await cli(['run', '-c', config], { as, input })).code, 0);
  });
});
