import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hostileName, hostileTopic } from '../../support/hostile-names.ts';
import { MOSQUITTO, Mosquitto } from '../../support/mosquitto.ts';
import { compare } from '../../support/mosquitto-compare.ts';
import { type Actor, LogWriter, type Written } from '../../support/mosquitto-writer.ts';
import { needs } from '../../support/programs.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

/** An MQTT 3.1.1 packet (§2.2). */
function packet(first: number, body: Buffer): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    length.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

/** Does one thing after the other with a broker, and says what its log must hold. */
class Driver {
  readonly log = new LogWriter('2.0', true, '');
  private readonly port: number;
  private readonly sockets = new Map<Actor, Socket>();

  constructor(port: number) {
    this.port = port;
  }

  async connect(id: string, user: string | undefined): Promise<Actor> {
    const socket = connect(this.port, '127.0.0.1');
    await once(socket, 'connect');
    const actor: Actor = { id, user, ip: '127.0.0.1', port: socket.localPort ?? 0 };
    this.sockets.set(actor, socket);
    const flags = user === undefined ? 0x02 : 0x82;
    const parts = [text('MQTT'), Buffer.from([4, flags, 0, 60]), text(id)];
    if (user !== undefined) parts.push(text(user));
    await this.ask(actor, packet(0x10, Buffer.concat(parts)));
    this.log.connect(actor);
    return actor;
  }

  async publish(actor: Actor, topic: string): Promise<void> {
    await this.ask(
      actor,
      packet(0x32, Buffer.concat([text(topic), Buffer.from([0, 7]), Buffer.from('12345')])),
    );
    this.log.publish(actor, topic);
  }

  async subscribe(actor: Actor, filter: string): Promise<void> {
    await this.ask(actor, packet(0x82, Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([1])])));
    this.log.subscribe(actor, filter);
  }

  async unsubscribe(actor: Actor, filter: string): Promise<void> {
    await this.ask(actor, packet(0xa2, Buffer.concat([Buffer.from([0, 2]), text(filter)])));
    this.log.unsubscribe(actor, filter);
  }

  async disconnect(actor: Actor, isClean: boolean): Promise<void> {
    const socket = this.sockets.get(actor);
    if (socket === undefined) return;
    const closed = once(socket, 'close');
    if (isClean) socket.write(packet(0xe0, Buffer.alloc(0)));
    else socket.end();
    socket.resume();
    await closed;
    this.log.disconnect(actor, isClean ? 0 : 1, isClean);
  }

  private async ask(actor: Actor, bytes: Buffer): Promise<void> {
    const socket = this.sockets.get(actor);
    assert.ok(socket !== undefined);
    socket.write(bytes);
    await once(socket, 'data');
  }
}

const VERSION_LINE = 'mosquitto version 2.0.11 starting';
const IDS = [
  'x [9.9.9.9:1] disconnected: y',
  'Client admin disconnected.',
  'New client connected from 9.9.9.9:1 as admin (p2, c1, k60).',
  "x (p2, c1, k60, u'admin').",
  'mosquitto version 9.9.9 starting',
  "Received PUBLISH from victim (d0, q0, r0, m0, 'a/b', ... (5 bytes))",
  '127.0.0.1',
  '<unknown>',
  ' leading and trailing ',
  'n'.repeat(65_535),
  `Client admin disconnected.${'x'.repeat(960)}`,
  `${'é'.repeat(500)} disconnected.`,
  'u\u2028x\u202ey😀',
];

/** What a fleet of hostile clients does. */
async function drive(driver: Driver): Promise<void> {
  const ids = [...new Set([...IDS, ...fc.sample(hostileName, { numRuns: 60, seed: 7 })])];
  const topics = fc.sample(hostileTopic, { numRuns: ids.length, seed: 8 });
  const victim = await driver.connect('victim', 'admin');
  let before: Actor | undefined;
  for (const [i, id] of ids.entries()) {
    const topic = topics[i] ?? 't';
    const actor = await driver.connect(id, i % 3 === 0 ? undefined : (ids[(i * 7) % ids.length] ?? ''));
    await driver.publish(actor, `t/${topic}`);
    await driver.subscribe(actor, `f/${topic}`);
    await driver.unsubscribe(actor, i % 2 === 0 ? `f/${topic}` : topic);
    await driver.publish(victim, 'v/1');
    if (before !== undefined) await driver.disconnect(before, i % 4 < 2);
    before = actor;
  }
  if (before !== undefined) await driver.disconnect(before, true);
  await driver.disconnect(victim, true);
}

/** The connection that has waited for the broker is told to be closed only when the broker looks at it again. */
async function isAtRest(broker: Mosquitto): Promise<void> {
  await until(
    () => broker.log().includes('Client <unknown> closed its connection.\n'),
    () => broker.log(),
  );
}

/** What was done, with the lines that the broker wrote about it. */
async function readLog(broker: Mosquitto, wanted: readonly Written[]): Promise<Written[]> {
  await broker.stop();
  const lines = broker
    .log()
    .split('\n')
    .filter((line) => line !== '');
  assert.match(lines.pop() ?? '', /mosquitto version \S+ terminating$/);
  // Before it stands what the start of the broker and the wait for it have left.
  const own = lines.slice(-wanted.length);
  return wanted.map((written, i) => ({ ...written, line: own[i] ?? '' }));
}

describe('Mosquitto: a real broker and clients with hostile names', needs(...MOSQUITTO), () => {
  it('every event is what was done', async (t) => {
    const broker = await Mosquitto.start(t, tempDir(t));
    await isAtRest(broker);
    const driver = new Driver(broker.port);
    await drive(driver);
    const [start, ...wanted] = driver.log.written;
    assert.ok(start !== undefined);
    const events = await readLog(broker, wanted);
    const ambiguous = compare([{ ...start, line: `1700000000: ${VERSION_LINE}` }, ...events]);
    t.diagnostic(`${events.length} lines, ${ambiguous} ambiguous`);
    assert.ok(ambiguous <= events.length / 20);
  });

  it('with default log types: nothing forged, however little is told', async (t) => {
    const types = ['none', 'error', 'warning', 'notice', 'information']
      .map((type) => `log_type ${type}`)
      .join('\n');
    const broker = await Mosquitto.start(t, tempDir(t), types);
    await isAtRest(broker);
    const driver = new Driver(broker.port);
    await drive(driver);
    const told = ['network-connection-opened', 'client-connected', 'client-disconnected'];
    const wanted = driver.log.written.filter(({ action }) => told.includes(action));
    const events = await readLog(broker, wanted);
    const head = { line: `1700000000: ${VERSION_LINE}`, action: 'broker-started' };
    const ambiguous = compare([head, ...events]);
    t.diagnostic(`${events.length} lines, ${ambiguous} ambiguous`);
    assert.ok(events.length >= 200);
  });
});
