import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { brokers } from '../../../src/brokers/index.ts';
import { readCapturedMessage } from '../../../src/cli/parse/captured-message.ts';
import type { Dialect, MqttMessage } from '../../../src/core/dialect.ts';
import type { Emit, JsonObject } from '../../../src/core/event.ts';
import { CATALOGUE } from '../../../src/ecs/catalogue.ts';
import type { Field } from '../../../src/ecs/fields/field.ts';
import { EMQX_STREAM } from '../../support/emqx.ts';

/**
 * Captures of `$SYS`, several intervals each: `mosquitto20` from a running 2.0.11, the others with the topics that the
 * sources of those versions publish.
 */
const GOLDEN = new URL('../../golden/sys/', import.meta.url);
const FILES = readdirSync(GOLDEN).filter((file) => file.endsWith('.jsonl'));
const FIELDS: Readonly<Record<string, Field | undefined>> = CATALOGUE;

interface Told {
  readonly action: string;
  readonly time: string;
  readonly message: string;
  readonly version: string | undefined;
  readonly values: JsonObject;
}

function messagesOf(file: string): MqttMessage[] {
  const lines = readFileSync(new URL(file, GOLDEN), 'utf8').trimEnd().split('\n');
  return lines.flatMap((line) => readCapturedMessage(line, 0) ?? []);
}

const load = async (file: string): Promise<Dialect> =>
  (await (file.startsWith('mosquitto') ? brokers.mosquitto : brokers.emqx).load()).dialect;

/** Reads messages; a new session goes on from the state of the one before every `cut` messages. */
function read(dialect: Dialect, messages: readonly MqttMessage[], cut = Number.POSITIVE_INFINITY): Told[] {
  const told: Told[] = [];
  const emit: Emit = ({ action, slots }, time, message, values) => {
    const named = slots.map((slot, i) => [slot, values[i]]).filter(([, value]) => value !== undefined);
    const { version } = session;
    const at = new Date(time).toISOString();
    told.push({ action, time: at, message, version, values: Object.fromEntries(named) });
  };
  let session = dialect.open(EMQX_STREAM, emit);
  for (const [i, message] of messages.entries()) {
    if ((i + 1) % cut === 0)
      session = dialect.open(EMQX_STREAM, emit, JSON.parse(JSON.stringify(session.state())));
    if (dialect.owns?.(message.topic) === true) session.message(message);
  }
  return told;
}

function leaves(value: unknown, name = 'mqtt.broker'): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[name, value]];
  return Object.entries(value).flatMap(([key, below]) => leaves(below, `${name}.${key}`));
}

const message = (topic: string, text: string, seen = 0): MqttMessage => ({
  topic,
  payload: Buffer.from(text),
  qos: 0,
  retain: false,
  dup: false,
  seen,
});

describe('$SYS: golden files', () => {
  for (const file of FILES) {
    it(`${file}: every document as it was looked over`, async () => {
      const golden = new URL(file.replace('.jsonl', '.events'), GOLDEN);
      const text = read(await load(file), messagesOf(file))
        .map((event) => `${JSON.stringify(event)}\n`)
        .join('');
      if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(golden, text);
      assert.equal(text, readFileSync(golden, 'utf8'));
    });

    it(`${file}: every number has a field with a type and a metric; nothing is left for mqtt.sys.other`, async () => {
      const messages = messagesOf(file);
      const documents = read(await load(file), messages);
      assert.ok(documents.length >= 2);
      const told = new Set<unknown>();
      for (const { values } of documents) {
        assert.equal(values['mqtt.sys.other'], undefined);
        for (const [name, value] of leaves(values['mqtt.broker'])) {
          assert.ok(FIELDS[name]?.metric !== undefined, name);
          assert.ok(
            typeof value === 'number' && (FIELDS[name].type === 'float' || Number.isInteger(value)),
            name,
          );
          told.add(value);
        }
      }
      // The composed captures have another number for each topic and interval.
      const from = documents[0]?.time ?? '';
      for (const { topic, payload, seen } of messages) {
        const text = payload.toString();
        if (seen <= Date.parse(from) || !/^[\d.]+$/.test(text) || /\/(version|uptime)$/.test(topic)) continue;
        assert.ok(told.has(Number(text)), `${topic} ${text}`);
      }
    });

    it(`${file}: a session that goes on from a saved state tells the same`, async () => {
      const dialect = await load(file);
      const messages = messagesOf(file);
      assert.deepEqual(read(dialect, messages, 7), read(dialect, messages));
    });
  }

  it('Mosquitto: what was said before a restart is in no later document', async () => {
    const documents = read(await load('mosquitto21'), messagesOf('mosquitto21.jsonl'));
    const after = documents.filter(({ version }) => version === '2.1.3');
    assert.equal(after.length, 2);
    for (const { values } of after)
      assert.deepEqual(
        leaves(values['mqtt.broker'])
          .map(([name]) => name)
          .sort(),
        [
          'mqtt.broker.clients.total',
          'mqtt.broker.messages.stored',
          'mqtt.broker.publish.sent',
          'mqtt.broker.uptime',
        ],
      );
  });
});

describe('$SYS: intervals', () => {
  const NODE = '$SYS/brokers/emqx@10.0.0.2/';
  const interval = (second: number, names: readonly string[], value: number): MqttMessage[] =>
    names.map((name) => message(`${NODE}${name}`, `${value}`, second * 1000));
  const A = 'metrics/bytes/received';
  const B = 'metrics/bytes/sent';
  const C = 'metrics/packets/sent';

  it('a document as soon as the topic has come that ended the interval before', async () => {
    const dialect = await load('emqx');
    const messages = [interval(1, [A, B, C], 1), interval(61, [A, B, C], 2)].flat();
    assert.deepEqual(
      read(dialect, messages).map(({ time, values }) => [time, values['mqtt.broker']]),
      [['1970-01-01T00:01:01.000Z', { bytes: { received: 2, sent: 2 }, packets: { sent: 2 } }]],
    );
    assert.deepEqual(read(dialect, messages.slice(0, -1)), []);
  });

  it('a topic that comes behind what seemed to be the last one ends the intervals to come', async () => {
    const names = [
      [A, B],
      [A, B],
      [A, B, C],
      [A, B, C],
      [A, B, C],
    ];
    const messages = names.flatMap((some, i) => interval(60 * i, some, i));
    const documents = read(await load('emqx'), messages).map(
      ({ values }) => leaves(values['mqtt.broker']).length,
    );
    assert.deepEqual(documents, [2, 2, 3, 3]);
  });

  it('an interval without its last topic is told when the next one begins', async () => {
    const messages = [
      [A, B, C],
      [A, B],
      [A, B],
      [A, B],
    ].flatMap((some, i) => interval(60 * i, some, i));
    assert.deepEqual(
      read(await load('emqx'), messages).map(({ time }) => time.slice(14, 19)),
      ['01:00', '02:00', '03:00'],
    );
  });

  it('where nothing follows, the interval in hand is told, the first one too', async () => {
    const dialect = await load('emqx');
    const told: number[] = [];
    const session = dialect.open(EMQX_STREAM, (_, time) => told.push(time));
    for (const one of interval(1, [A, B], 1)) session.message(one);
    session.finish?.();
    session.finish?.();
    assert.deepEqual(told, [1000]);
  });

  it('a node that is no longer listed is forgotten: nothing is told of it later', async () => {
    const messages = [
      ...interval(0, [A, B], 1),
      ...interval(60, [A], 2),
      message('$SYS/brokers', 'emqx@10.0.0.3', 90_000),
      ...interval(120, [A, B], 3),
    ];
    assert.deepEqual(read(await load('emqx'), messages), []);
  });

  it('what nobody knows goes to mqtt.sys.other, bounded; what is no number has no field', async () => {
    const wild = Array.from({ length: 300 }, (_, i) => `metrics/invented/${i}/${'x'.repeat(480)}`);
    const strange = [A, B, 'metrics/constructor', 'stats/__proto__/count', ...wild];
    const messages = [...interval(0, strange, 1), ...interval(60, strange, 2)];
    messages.push(
      message(`${NODE}${A}`, 'a lot', 120_000),
      ...interval(120, [B], 3),
      ...interval(180, [A, B], 4),
    );
    const [first, second] = read(await load('emqx'), messages);
    const other = Object.entries(first?.values['mqtt.sys.other'] ?? {});
    assert.ok(other.length === 100 && other.every(([key]) => key.length < 600));
    assert.deepEqual(second?.values['mqtt.broker'], { bytes: { sent: 3 } });
  });

  it('where clients may publish there, they fill neither memory nor state', async () => {
    const dialect = await load('emqx');
    const session = dialect.open(EMQX_STREAM, () => {});
    const long = 'x'.repeat(60_000);
    for (let i = 0; i < 2000; i++) {
      session.message(message(`${NODE}metrics/${i}${long}`, '1'));
      session.message(message(`${NODE}metrics/${i}`, long));
    }
    assert.equal(dialect.owns?.(`$SYS/brokers/${long}/metrics/a`), false);
    assert.ok(JSON.stringify(session.state()).length < 100_000);
  });

  it('a topic with the name of something that every object has is one that nobody knows', async () => {
    const dialect = await load('mosquitto');
    const names = ['constructor', '__proto__', 'toString', 'load/valueOf', 'clients/total', 'uptime'];
    const messages = [0, 10, 20, 30].flatMap((second) =>
      names.map((name) =>
        message(`$SYS/broker/${name}`, name === 'uptime' ? `${second} seconds` : `${second}`, second * 1000),
      ),
    );
    const documents = read(dialect, messages, 5);
    assert.deepEqual(
      documents.map(({ values }) => leaves(values['mqtt.broker'])),
      [10, 20, 30].map((second) => [
        ['mqtt.broker.clients.total', second],
        ['mqtt.broker.uptime', second],
      ]),
    );
    assert.deepEqual(Object.keys(documents[0]?.values['mqtt.sys.other'] ?? {}), names.slice(0, 4));
    const levels: unknown[] = [];
    dialect
      .open(EMQX_STREAM, ({ level }) => levels.push(level))
      .message(message('$SYS/broker/log/constructor', 'any text'));
    assert.deepEqual(levels, [undefined]);
  });

  it('states of bridges are no numbers, and log topics none either', async () => {
    const dialect = await load('mosquitto');
    assert.equal(dialect.owns?.('$SYS/broker/connection/remote/state'), false);
    assert.equal(dialect.owns?.('$SYS/broker/uptime'), true);
    assert.equal(dialect.owns?.('a/$SYS/broker/uptime'), false);
  });
});
