import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../src/brokers/json/index.ts';
import type { CapturedPayload, FieldTable } from '../../../src/core/dialect.ts';
import { UnparsedRecord } from '../../../src/core/errors.ts';
import { capturePayload } from '../../../src/core/mqtt/payload.ts';
import { EMQX_STREAM, type Read, reader } from '../../support/emqx.ts';

const TABLE: FieldTable = {
  '@timestamp': 'at',
  'event.action': { key: 'kind', words: { pub: 'message-published', con: 'client-connected' } },
  'mqtt.client.id': 'client.id',
  'source.ip': 'client.ip',
  'source.port': 'client.port',
  'mqtt.topic': 't',
  'mqtt.qos': 'q',
  'mqtt.retained': 'r',
  'mqtt.connection.connected_at': 'since',
  'mqtt.client.attributes': 'client.more',
  'tls.client.x509.subject.common_name': 'cn',
  'mqtt.payload.text': 'p',
};

function read(fields: FieldTable, ...records: readonly unknown[]): Read[] {
  const payload = (bytes: Buffer, isCut: boolean) =>
    capturePayload(bytes, { capture: 'text', limit: 1024, redact: [] }, isCut);
  const { events, session } = reader(undefined, dialect, { ...EMQX_STREAM, fields, payload });
  for (const record of records)
    session.line(typeof record === 'string' ? record : JSON.stringify(record), EMQX_STREAM.seen, 0);
  return events;
}

describe('JSON lines of other senders', () => {
  it('are read by the table, with types as the fields have them', () => {
    const [event] = read(TABLE, {
      at: 1_747_204_840_137,
      kind: 'pub',
      client: { id: 'c1', ip: '10.0.0.7', port: '51022', more: { site: 'b' } },
      t: 'a/b/c',
      q: 1,
      r: false,
      since: 1_747_204_840,
      cn: 'device 7',
      p: '21.5',
      password: 'not named by the table',
    });
    assert.deepEqual(event, {
      code: 'json.record',
      action: 'message-published',
      provider: 'json',
      time: '2025-05-14T06:40:40.137Z',
      message: 'message-published a/b/c',
      constants: {},
      values: {
        'mqtt.client.id': 'c1',
        'source.ip': '10.0.0.7',
        'source.port': 51_022,
        'mqtt.topic': 'a/b/c',
        'mqtt.qos': 1,
        'mqtt.retained': false,
        'mqtt.connection.connected_at': '2025-05-14T06:40:40.000Z',
        'mqtt.client.attributes': { site: 'b' },
        'tls.client.x509.subject.common_name': ['device 7'],
        'mqtt.topic_root': 'a/b',
        'mqtt.topic_depth': 3,
        'mqtt.payload.size': 4,
        'mqtt.payload.encoding': 'utf8',
        'mqtt.payload.text': '21.5',
      },
    });
  });

  it('values of another type, and paths through what is no object, are absent', () => {
    const [event] = read(TABLE, {
      at: 'yesterday',
      kind: 'con',
      client: 'c1',
      t: { a: 1 },
      q: 1.5,
      r: 'yes',
      since: 'x',
      p: 7,
    });
    assert.equal(event?.action, 'client-connected');
    assert.equal(event.time, '2026-11-21T20:00:00.000Z');
    assert.deepEqual(event.values, {});
    const [other] = read(TABLE, '{"client":{"ip":"10.0.0","port":1e300,"id":""},"__proto__":{"t":"x"}}');
    assert.deepEqual(other?.values, {});
  });

  it('an unknown word is a broker-log, and nobody can speak for the probe', () => {
    const kinds = ['other', 'input-gap', 'sys-metrics', '__proto__', 'client-connected'];
    assert.deepEqual(
      read(TABLE, ...kinds.map((kind) => ({ kind }))).map(({ action, message }) => [action, message]),
      [
        ['broker-log', 'other'],
        ['broker-log', 'input-gap'],
        ['broker-log', 'sys-metrics'],
        ['broker-log', '__proto__'],
        ['client-connected', 'client-connected'],
      ],
    );
  });

  it('an action for all records; a payload in base64', () => {
    const table = { 'event.action': 'message-published', 'mqtt.payload.base64': 'data' };
    const [event] = read(table, { data: 'MjEuNQ==', 'event.action': 'x' });
    assert.equal(event?.action, 'message-published');
    assert.equal(event.values['mqtt.payload.text'], '21.5');
  });

  it('a sender cannot say what is kept of its payload', () => {
    const record = { kind: 'pub', t: 'a', payload_kept: { size: 7, text: 'forged' } };
    const stream = { fields: TABLE, payload: (): CapturedPayload => ({}) };
    const admitted = dialect.admit?.(Buffer.from(JSON.stringify({ ...record, p: 'x' })), false, stream);
    const [event] = read(TABLE, admitted?.toString());
    assert.deepEqual(
      [event?.values['mqtt.payload.size'], event?.values['mqtt.payload.text']],
      [1, undefined],
    );
    const { 'mqtt.payload.text': _, ...without } = TABLE;
    const [other] = read(without, record);
    assert.equal(other?.values['mqtt.payload.text'], undefined);
  });

  it('without a table nothing can be read', () => {
    const { session } = reader(undefined, dialect);
    assert.throws(() => session.line('{"a":1}', 0, 0), /no "fields" say how to read this/);
  });

  it('what is no object is unparsed, and tells nothing of it', () => {
    for (const text of ['{"password":"abc"', '[]', '7', 'null', 'password=abc'])
      assert.throws(
        () => read(TABLE, text),
        (error: unknown) => error instanceof UnparsedRecord && error.text === '',
      );
  });
});
