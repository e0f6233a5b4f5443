import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type JsonObject, Mark, type Slot } from '../../../src/core/event.ts';
import { EVENT_ID_COLUMN } from '../../../src/core/output.ts';
import { CATALOGUE, type FieldName, fieldType } from '../../../src/ecs/catalogue.ts';
import { Encoder } from '../../../src/ecs/encoder.ts';
import { EventBuffer } from '../../../src/ecs/event-buffer.ts';
import { defineKind } from '../../../src/ecs/kind.ts';

const KIND = defineKind({
  code: 'test.kind',
  action: 'message-published',
  constants: { 'mqtt.packet.type': 'publish' },
  slots: [
    'mqtt.client.id',
    'mqtt.topic',
    'mqtt.qos',
    'mqtt.retained',
    'event.reason',
    'mqtt.user_properties',
    'related.ip',
    'source.ip',
  ],
});
const BOOLEANS: readonly FieldName[] = ['mqtt.retained', 'mqtt.duplicate', 'mqtt.clean_start'];
/** Slots that a kind may have. */
const MOST = 52;
const ENVELOPE = {
  'agent.type': 'brokertap',
  'log.file.path': '/ü/a.log',
  labels: { 'a"b': 'ß' },
  tags: ['t'],
};
const ORIGIN = {
  record: 'ab'.repeat(18),
  offset: 77,
  length: undefined,
  original: undefined,
  created: '2026-01-01T00:00:00.000Z',
};

function encode(
  message: string,
  values: readonly Slot[],
  marks: number = Mark.none,
): { text: string; events: Record<string, never>[] } {
  const out = new EventBuffer(64);
  const encoder = new Encoder(ENVELOPE, 'test', 'default');
  encoder.encode(out, ORIGIN, 0, 5, KIND, 0, message, values, marks);
  encoder.encode(out, ORIGIN, 1, 6, KIND, 1, 'plain', ['c'], marks);
  const { bytes, ends } = out.contents();
  const text = bytes.toString('utf8');
  assert.deepEqual([...ends], [Buffer.byteLength(`${text.split('\n')[0]}\n`), Buffer.byteLength(text)]);
  return {
    text,
    events: text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  };
}

/** Any text: all planes, control characters, lone surrogates. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)),
    fc.constantFrom('"', '\\', '\n', '\u2028', '😀', 'a'),
  ),
});

describe('encoder', () => {
  it('writes what JSON.parse reads back, whatever the text', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (message, client, key) => {
        const { events } = encode(message, [client, undefined, 1, true, undefined, { [key]: client }]);
        const [event] = events as unknown as [JsonObject & { event: JsonObject; mqtt: JsonObject }];
        assert.equal(event.message, message.toWellFormed());
        assert.deepEqual(event.mqtt.client, { id: client.toWellFormed() });
        assert.deepEqual(
          event.mqtt.user_properties,
          Object.fromEntries([[key.toWellFormed().replaceAll('\0', '\ufffd'), client.toWellFormed()]]),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('puts event.id at its column and leaves absent values out', () => {
    const { text, events } = encode('m', [
      undefined,
      't/é',
      undefined,
      undefined,
      'why',
      undefined,
      ['1.2.3.4'],
      '1.2.3.4',
    ]);
    assert.equal(text.slice(EVENT_ID_COLUMN, EVENT_ID_COLUMN + 40), `${ORIGIN.record}0000`);
    assert.deepEqual(events[0], {
      event: {
        id: `${ORIGIN.record}0000`,
        sequence: 5,
        created: ORIGIN.created,
        reason: 'why',
        kind: 'event',
        category: ['network'],
        type: ['info', 'protocol'],
        action: 'message-published',
        outcome: 'success',
        module: 'mqtt',
        dataset: 'mqtt.message',
        provider: 'test',
        code: 'test.kind',
      },
      '@timestamp': '1970-01-01T00:00:00.000Z',
      message: 'm',
      log: { offset: 77, file: { path: '/ü/a.log' } },
      mqtt: { topic: 't/é', packet: { type: 'publish' } },
      related: { ip: ['1.2.3.4'] },
      source: { ip: '1.2.3.4' },
      data_stream: { type: 'logs', dataset: 'mqtt.message', namespace: 'default' },
      agent: { type: 'brokertap' },
      labels: { 'a"b': 'ß' },
      tags: ['t'],
    });
  });

  it('gives each event its own times, also when earlier ones come again', () => {
    const out = new EventBuffer(64);
    const encoder = new Encoder(ENVELOPE, 'test', 'default');
    const day = Date.UTC(2026, 0, 1);
    const times = [day + 7, day + 42, day + 7, day + 999, day + 1000, -1, day + 7];
    const created = [1, 1, 2, 2, 1, 1, 1].map((second) => `2026-01-01T00:00:0${second}.000Z`);
    for (const [i, time] of times.entries())
      encoder.encode(out, { ...ORIGIN, created: created[i] ?? '' }, 0, i, KIND, time, 'm', ['c']);
    const told = out
      .contents()
      .bytes.toString('utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      told.map((event) => [event['@timestamp'], event.event.created]),
      times.map((time, i) => [new Date(time).toISOString(), created[i]]),
    );
  });

  it('tells true from false, also in a kind with as many slots as there can be', () => {
    const texts = (Object.keys(CATALOGUE) as FieldName[]).filter(
      (name) => !(name in ENVELOPE) && fieldType(name) === 'keyword',
    );
    const slots: FieldName[] = [...BOOLEANS, ...texts.slice(0, MOST - BOOLEANS.length)];
    for (const width of [BOOLEANS.length, 22, 23, MOST]) {
      const kind = defineKind({ code: 'test.wide', action: 'broker-log', slots: slots.slice(0, width) });
      fc.assert(
        fc.property(
          fc.array(fc.option(fc.boolean(), { nil: undefined }), { minLength: 3, maxLength: 3 }),
          (flags) => {
            const out = new EventBuffer(4096);
            const texts = slots.slice(3, width).map(() => 'x');
            new Encoder({}, 'test', 'default').encode(out, ORIGIN, 0, 0, kind, 0, 'm', [...flags, ...texts]);
            const event = JSON.parse(out.contents().bytes.toString());
            const { retained, duplicate, clean_start } = event.mqtt ?? {};
            assert.deepEqual([retained, duplicate, clean_start], flags);
          },
        ),
      );
    }
    const tooWide = defineKind({ code: 'test.wide', action: 'broker-log', slots: [...slots, 'mqtt.qos'] });
    const out = new EventBuffer(64);
    assert.throws(
      () => new Encoder({}, 'test', 'default').encode(out, ORIGIN, 0, 0, tooWide, 0, 'm', []),
      RangeError,
    );
  });

  it('tells marks', () => {
    const { events } = encode('m', ['c'], Mark.invalidUtf8 | Mark.truncated | Mark.ambiguous | Mark.derived);
    const [event] = events as unknown as [JsonObject];
    assert.deepEqual(event.tags, ['t', 'invalid_utf8']);
    assert.deepEqual(event.mqtt, {
      client: { id: 'c' },
      packet: { type: 'publish' },
      truncated: true,
      ambiguous: true,
      derived: true,
    });
  });
});
