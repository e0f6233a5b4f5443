import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dialect } from '../../../src/brokers/hicap/index.ts';
import { UnparsedRecord } from '../../../src/core/errors.ts';
import { Mark } from '../../../src/core/event.ts';
import { capturePayload, type PayloadPolicy } from '../../../src/core/mqtt/payload.ts';
import { EMQX_STREAM, type Read, reader } from '../../support/emqx.ts';

const GOLDEN = new URL('../../golden/hicap/', import.meta.url);
const FILES = readdirSync(GOLDEN).filter((name) => name.endsWith('.jsonl'));

/** Events of lines, with payloads kept as the policy says. */
function read(lines: readonly string[], policy?: Partial<PayloadPolicy>, marks: number = Mark.none): Read[] {
  const whole = { capture: 'none' as const, limit: 1024, redact: [], ...policy };
  const payload = (bytes: Buffer, isCut: boolean) => capturePayload(bytes, whole, isCut);
  const { events, session } = reader(undefined, dialect, policy ? { ...EMQX_STREAM, payload } : EMQX_STREAM);
  for (const line of lines) session.line(line, EMQX_STREAM.seen, marks);
  return events;
}

function linesOf(file: string): string[] {
  return readFileSync(new URL(file, GOLDEN), 'utf8').split('\n').slice(0, -1);
}

/** A record as the broker writes it. */
function publish(fields: object): string {
  const mqtt = {
    action: 'PUBLISH',
    topic: 'a/b',
    clientIP: '127.0.0.1',
    port: 1883,
    clientID: 'c',
    tsUTC: '2026-11-21T19:23:59Z (GMT)',
    ...fields,
  };
  const pairs = Object.entries(mqtt).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
  return `{"mqtt": {${pairs.join(', ')}}}`;
}

describe('HICAP: golden files', () => {
  for (const file of FILES) {
    it(`${file}: every event as it was looked over`, () => {
      const golden = new URL(file.replace('.jsonl', '.events'), GOLDEN);
      const lines = linesOf(file);
      const events = read(lines, { capture: 'text', limit: 64 });
      assert.equal(events.length, lines.length, 'one event for each record');
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(golden, text);
      const want = readFileSync(golden, 'utf8').split('\n');
      for (const [i, line] of text.split('\n').entries()) assert.equal(line, want[i], `event ${i}`);
    });
  }

  it('every record is told by its own rule', () => {
    const codes = new Set(FILES.flatMap((file) => read(linesOf(file)).map(({ code }) => code)));
    assert.deepEqual([...codes].sort(), [
      'hicap.connect',
      'hicap.disconnect',
      'hicap.publish',
      'hicap.shutdown',
      'hicap.startup',
      'hicap.subscribe',
    ]);
  });
});

describe('HICAP', () => {
  it('a payload is kept as the setting says, and is never in the message', () => {
    const line = publish({ payload: Buffer.from('secret 21.5').toString('base64') });
    const kept = (policy?: Partial<PayloadPolicy>): unknown => {
      const [event] = read([line], policy);
      assert.equal(event?.values['mqtt.payload.size'], 11);
      assert.ok(!event.message.includes('secret'));
      const { 'mqtt.payload.text': text, 'mqtt.payload.base64': base64 } = event.values;
      return [text, base64, event.values['mqtt.payload.hash.sha256']];
    };
    assert.deepEqual(kept(), [undefined, undefined, undefined]);
    assert.deepEqual(kept({ capture: 'text' }), ['secret 21.5', undefined, undefined]);
    assert.deepEqual(kept({ capture: 'base64' }), [undefined, 'c2VjcmV0IDIxLjU=', undefined]);
    assert.match(String((kept({ capture: 'hash' }) as unknown[])[2]), /^[0-9a-f]{64}$/);
    const [decoded] = read([publish({ payload: 'eyJ0IjoxfQ==' })], { decode: 'json' });
    assert.deepEqual(decoded?.values['mqtt.payload.json'], { t: 1 });
  });

  it('all five refusals', () => {
    const lines = [1, 2, 3, 4, 5, 99].map((errCode) =>
      publish({ action: 'CONNECT', success: false, state: 'REFUSED', errCode, clientID: null }),
    );
    assert.deepEqual(
      read(lines).map(({ action, values }) => [action, values['event.reason']]),
      [
        ['client-connection-rejected', 'unsupported_protocol_version'],
        ['client-connection-rejected', 'client_identifier_not_valid'],
        ['client-connection-rejected', 'server_unavailable'],
        ['client-authentication-failed', 'bad_user_name_or_password'],
        ['client-authentication-failed', 'not_authorized'],
        ['client-connection-rejected', 'other_error'],
      ],
    );
  });

  it('nulls, wrong types and what no client sends are absent fields, never a forged one', () => {
    const odd = {
      topic: 7,
      clientIP: 'unix',
      port: 70_000,
      clientID: '',
      sslSN: [],
      sslCN: 1,
      payload: null,
    };
    const [event] = read([publish({ ...odd, tsUTC: 'yesterday' })]);
    assert.equal(event?.time, '2026-11-21T20:00:00.000Z');
    assert.deepEqual(event.values, { 'source.address': 'unix', 'mqtt.payload.size': 0 });
    const text = 'x", "topic": "forged", "action": "CONNECT';
    const [hostile] = read([publish({ clientID: text, topic: `${text}\n{"mqtt": {}}` })]);
    assert.equal(hostile?.action, 'message-published');
    assert.equal(hostile.values['mqtt.client.id'], text);
    assert.equal(hostile.values['mqtt.topic'], `${text}\n{"mqtt": {}}`);
  });

  it('a mapped IPv4 address is one', () => {
    const [event] = read([publish({ clientIP: '::ffff:10.0.0.7' })]);
    assert.equal(event?.values['source.ip'], '10.0.0.7');
  });

  it('an action that is not known is a broker-log with its fields, without a payload', () => {
    const [event] = read([publish({ action: 'UNSUBSCRIBE', payload: 'c2VjcmV0' })]);
    assert.equal(event?.action, 'broker-log');
    assert.equal(event.message, 'UNSUBSCRIBE');
    assert.ok(!JSON.stringify(event).includes('c2VjcmV0'));
  });

  it('a record that was cut in its payload is told, with what is there of it', () => {
    const line = publish({ payload: Buffer.alloc(3000, 'abc').toString('base64') });
    const [event] = read([line.slice(0, line.length - 1001)], { capture: 'text', limit: 8 }, Mark.truncated);
    assert.equal(event?.action, 'message-published');
    assert.equal(event.values['mqtt.payload.text'], 'abcabcab');
    assert.equal(event.values['mqtt.payload.truncated'], true);
    assert.equal(event.values['mqtt.payload.size'], undefined);
    assert.equal(event.values['mqtt.topic'], 'a/b');
  });

  it('what is no whole record is unparsed, and tells no payload', () => {
    const whole = publish({ payload: Buffer.alloc(300, 'secret').toString('base64') });
    const cases = [
      whole.slice(0, 60),
      whole.slice(0, -2),
      `${whole}${whole}`,
      whole.slice(100),
      '{"mqtt": []}',
      '{"action": "PUBLISH"}',
      '[1]',
      'null',
      '\u0000\u001b[31m',
    ];
    for (const text of cases)
      assert.throws(
        () => read([text]),
        (error: unknown) => {
          assert.ok(error instanceof UnparsedRecord, text);
          assert.ok(!error.text.includes('c2VjcmV0'), error.text);
          return true;
        },
      );
  });
});
