import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Cursor } from '../../src/core/cursor.ts';
import { Privacy } from '../../src/pipeline/normalizer/privacy.ts';
import { BulkServer } from '../support/bulk-server.ts';
import { BIN, cli } from '../support/cli.ts';
import { client, MOSQUITTO, Mosquitto } from '../support/mosquitto.ts';
import { needs } from '../support/programs.ts';
import type { ReceivedEvent } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

/** What must be in no file: names, addresses, and what events do not tell of payloads. */
const PLANTED = [
  'planted-reader',
  'planted-writer',
  'planted-owner',
  'planted-guest',
  'plantedtopic',
  'planted-pin-4711',
  'planted-beyond-the-limit',
  'planted-property',
  '127.9.8.7',
  '203.0.113.77',
];
const SECRET = 'f'.repeat(64);
const privacy = new Privacy({ clientId: true, user: true, topic: true, ip: true, key: Buffer.from(SECRET) });
/** Messages that are published before the kill, while the probe is down, and after its restart. */
const MESSAGES = 40;

/** The bytes that a text has on disk: as it is, in hex, in base64 wherever it may begin. */
function forms(text: string): string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const bytes = Buffer.from(' '.repeat(shift) + text);
    // Neither the digits that hold bits of the blanks nor those that hold bits of what follows.
    return bytes.toString('base64').slice(shift === 0 ? 0 : shift + 1, Math.floor((bytes.length * 8) / 6));
  });
  return [text, Buffer.from(text).toString('hex'), ...base64];
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function assertClean(bytes: Buffer, where: string): void {
  for (const text of PLANTED)
    for (const form of forms(text)) assert.equal(bytes.includes(form), false, `${text} is in ${where}`);
}

function payload(n: number): string {
  const tail = n % 5 === 0 ? `, "pad": "${'x'.repeat(200)}", "tail": "planted-beyond-the-limit"` : '';
  return `{"n": ${n}, "pin": "planted-pin-4711"${tail}}`;
}

function line(n: number): string {
  return `1700000000: New client connected from 203.0.113.77:${4000 + n} as planted-writer-${n} (p2, c1, k60, u'planted-guest').\n`;
}

/** A probe with all three kinds of input, whose search server takes nothing until it is opened. */
class Bench {
  readonly state: string;
  readonly out: string;
  readonly config: string;
  stderr = '';
  private child: ChildProcess | undefined;

  constructor(t: TestContext, directory: string, broker: Mosquitto, url: string) {
    this.state = path.join(directory, 'state');
    this.out = path.join(directory, 'out.ndjson');
    this.config = path.join(directory, 'brokertap.yaml');
    const key = path.join(directory, 'privacy.key');
    writeFileSync(key, SECRET);
    writeFileSync(
      this.config,
      `state: ${this.state}
save: 100ms
telemetry: {listen: "off"}
privacy: {client_id: hash, user: hash, topic: hash, ip: truncate, key_file: "${key}"}
inputs:
  log: {type: file, broker: mosquitto, paths: "${broker.logFile}"}
  mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", client_id: probe, topics: '#', payload: {capture: text, limit: 100, redact: [pin]}}
  in: {type: stdin, broker: mosquitto, name: another}
outputs:
  search: {type: elasticsearch, nodes: "${url}"}
  out: {type: file, path: "${this.out}"}
`,
    );
    t.after(() => this.kill());
  }

  start(): void {
    const child = spawn(process.execPath, [BIN, 'run', '-c', this.config], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    child.stdin?.on('error', () => {});
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.child = child;
  }

  say(text: string): void {
    this.child?.stdin?.write(text);
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async stop(): Promise<void> {
    this.child?.kill('SIGTERM');
    if (this.child !== undefined) await once(this.child, 'exit');
  }

  /** What the file output holds, each event once. */
  events(): ReceivedEvent[] {
    const text = existsSync(this.out) ? readFileSync(this.out, 'utf8') : '';
    const events = text
      .split('\n')
      .slice(0, -1)
      .map((one): ReceivedEvent => JSON.parse(one));
    return [...new Map(events.map((event) => [event.event.id, event])).values()];
  }

  mirrored(): ReceivedEvent[] {
    return this.events().filter((e) => e.event.action === 'message-mirrored');
  }

  /** Offset in the log where reading would begin after a restart. */
  savedTo(): number {
    const { sources } = JSON.parse(readFileSync(path.join(this.state, 'positions.json'), 'utf8'));
    const [log] = Object.values<{ cursors: Record<string, Cursor> }>(sources);
    return log?.cursors.out?.checkpoint.offset ?? 0;
  }

  assertClean(): void {
    for (const file of [...filesIn(this.state), this.out]) {
      if (!statSync(file).isSocket()) assertClean(readFileSync(file), file);
    }
    assertClean(Buffer.from(this.stderr), 'its own log');
  }
}

async function publish(port: number, from: number): Promise<void> {
  for (let n = from; n < from + MESSAGES; n++) {
    const who = ['-A', '127.9.8.7', '-i', 'planted-writer', '-u', 'planted-guest', '-V', '5'];
    const property = ['-D', 'publish', 'user-property', 'planted-property', 'planted-property'];
    const args = ['-p', `${port}`, ...who, ...property, '-q', '1', '-t', `plantedtopic/${n}`];
    await client('mosquitto_pub', [...args, '-m', payload(n)]);
  }
}

const field = (event: ReceivedEvent | undefined, name: string): unknown =>
  name.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], event);

describe('privacy on disk', needs(...MOSQUITTO), () => {
  it('killed with everything pending: no file holds a name, and after the restart the hidden fields are right', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const bulk = await BulkServer.start();
    t.after(() => bulk.stop());
    let isOpen = false;
    bulk.react = () => (isOpen ? undefined : { status: 503 });
    // A server that quotes what it refuses.
    bulk.judge = ({ source }) =>
      field(source as unknown as ReceivedEvent, 'event.action') === 'message-delivered'
        ? { status: 400, type: 'document_parsing_exception', reason: JSON.stringify(source) }
        : undefined;
    const bench = new Bench(t, directory, broker, bulk.url);
    bench.start();
    await until(
      () => broker.log().includes('Sending SUBACK to probe'),
      () => bench.stderr,
    );
    const reader = spawn('mosquitto_sub', [
      ...['-p', `${broker.port}`, '-A', '127.9.8.7', '-i', 'planted-reader', '-u', 'planted-owner'],
      ...['-t', 'plantedtopic/1', '--will-topic', 'plantedtopic/will', '--will-payload', 'x'],
    ]);
    t.after(() => reader.kill('SIGKILL'));
    await until(
      () => broker.log().includes('Sending SUBACK to planted-reader'),
      () => broker.log(),
    );
    await publish(broker.port, 0);
    bench.say(Array.from({ length: MESSAGES }, (_, n) => line(n)).join(''));
    const fromStdin = (): ReceivedEvent[] =>
      bench
        .events()
        .filter((e) => field(e, 'service.name') === 'another' && e.event.action === 'client-connected');
    const isReader = (e: ReceivedEvent): boolean =>
      field(e, 'mqtt.client.id') === privacy.digest('planted-reader');
    const seen = (action: string): boolean =>
      bench.events().some((e) => e.event.action === action && isReader(e));
    await until(
      () =>
        bench.mirrored().length === MESSAGES && fromStdin().length === MESSAGES && seen('client-connected'),
      () => `${bench.mirrored().length} messages, ${fromStdin().length} lines; ${bench.stderr}`,
    );
    // The table of connected clients is saved with them in it.
    const connected = bench.events().find((e) => e.event.action === 'client-connected' && isReader(e));
    await until(
      () => bench.savedTo() > (connected?.log?.offset ?? Number.POSITIVE_INFINITY),
      () => `${bench.savedTo()}`,
    );
    await bench.kill();
    bench.assertClean();
    const spool = JSON.parse((await cli(['spool', 'inspect', '--json', '-c', bench.config])).stdout);
    const behind = (input: string): unknown =>
      spool.streams
        .find((stream: { input: string }) => stream.input === input)
        .outputs.find((one: { output: string }) => one.output === 'search').recordsBehind;
    assert.ok(Number(behind('mirror')) >= MESSAGES && Number(behind('in')) >= MESSAGES, 'it was all there');
    for (const file of filesIn(bench.state)) assert.equal(statSync(file).mode & 0o777, 0o600, file);

    reader.kill('SIGTERM');
    await once(reader, 'exit');
    await publish(broker.port, MESSAGES);
    isOpen = true;
    bench.start();
    await until(
      () => bench.mirrored().length >= 2 * MESSAGES,
      () => bench.stderr,
    );
    await publish(broker.port, 2 * MESSAGES);
    bench.say(Array.from({ length: MESSAGES }, (_, n) => line(MESSAGES + n)).join(''));
    const dead = (): { event: ReceivedEvent }[] => {
      const file = path.join(bench.state, 'dead-letters', 'search.ndjson');
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      return text
        .split('\n')
        .slice(0, -1)
        .map((letter) => JSON.parse(letter));
    };
    const messages = [...Array(3 * MESSAGES).keys()].map((n) => privacy.digest(`plantedtopic/${n}`));
    const topicsOf = (events: readonly ReceivedEvent[]): unknown[] =>
      events
        .filter((e) => e.event.action === 'message-mirrored')
        .map((e) => field(e, 'mqtt.topic'))
        .filter((topic) => topic !== privacy.digest('plantedtopic/will'));
    const stored = (): ReceivedEvent[] =>
      [...bulk.stored.values()].map(({ source }) => source as unknown as ReceivedEvent);
    const actions = ['message-mirrored', 'message-delivered', 'client-connected', 'client-disconnected'];
    const idsOf = (events: readonly ReceivedEvent[]): string[] =>
      [...new Set(events.filter((e) => actions.includes(e.event.action)).map((e) => e.event.id))].toSorted();
    // What the server refuses is the last to come to rest: a stop would leave it for the next run.
    const settled = (): string[] => idsOf([...stored(), ...dead().map(({ event }) => event)]);
    await until(
      () =>
        topicsOf(bench.events()).length >= messages.length &&
        settled().length >= idsOf(bench.events()).length &&
        topicsOf(stored()).length >= messages.length &&
        fromStdin().length >= 2 * MESSAGES &&
        seen('client-disconnected') &&
        dead().length > 0,
      () =>
        `${topicsOf(bench.events()).length}, ${topicsOf(stored()).length}, ${fromStdin().length}; ${bench.stderr}`,
    );
    await bench.stop();
    bench.assertClean();
    for (const file of filesIn(bench.state)) assert.equal(statSync(file).mode & 0o777, 0o600, file);

    // Exactly the set, in both outputs.
    assert.deepEqual(topicsOf(bench.events()).toSorted(), messages.toSorted());
    assert.deepEqual(topicsOf(stored()).toSorted(), messages.toSorted());
    assert.equal(fromStdin().length, 2 * MESSAGES);
    assert.deepEqual(settled(), idsOf(bench.events()));

    // What was connected before the kill and left after it: told by the table.
    const gone = bench.events().find((e) => e.event.action === 'client-disconnected' && isReader(e));
    assert.equal(field(gone, 'user.name'), privacy.digest('planted-owner'));
    assert.equal(field(gone, 'source.ip'), '127.9.8.0');
    assert.equal(typeof field(gone, 'event.duration'), 'number');
    // The log tells who published what the mirror has received; of a queued message perhaps no more than the client.
    const joined = bench.mirrored().filter((e) => field(e, 'mqtt.correlation') === 'joined');
    for (const event of joined)
      assert.equal(field(event, 'mqtt.publisher.client.id'), privacy.digest('planted-writer'));
    const told = joined.filter((e) => field(e, 'user.name') !== undefined);
    for (const event of told) {
      assert.equal(field(event, 'user.name'), privacy.digest('planted-guest'));
      assert.equal(field(event, 'source.ip'), '127.9.8.0');
    }
    assert.ok(
      joined.length >= MESSAGES && told.length > 0,
      `${joined.length} joined, ${told.length} with a user`,
    );
    const shown = bench.mirrored().map((e) => field(e, 'mqtt.payload.text'));
    assert.ok(shown.includes('{"n":1,"pin":"[redacted]"}'), String(shown[1]));
  });
});
