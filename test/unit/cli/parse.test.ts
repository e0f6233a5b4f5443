import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCapturedMessage } from '../../../src/cli/parse/captured-message.ts';
import { selection } from '../../../src/cli/parse/select.ts';
import { Summary } from '../../../src/cli/parse/summary.ts';
import { summaryText } from '../../../src/cli/parse/summary-text.ts';
import { TopCounter } from '../../../src/cli/parse/top.ts';
import { cell, fit } from '../../../src/cli/terminal.ts';
import { UsageError } from '../../../src/core/errors.ts';
import { safe } from '../../../src/core/text/safe.ts';
import { noTally } from '../../../src/pipeline/normalizer/tally.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const EVENT = {
  '@timestamp': '2026-11-24T10:00:00.000Z',
  message: 'a=b',
  event: { action: 'client-disconnected', code: 'x', category: ['network', 'session'] },
  mqtt: { client: { id: 'a*b' }, qos: 1, ambiguous: true, user_properties: { 'k.l': 'v' } },
  labels: { site: 'berlin' },
};

describe('which events parse lets through', () => {
  it('--where', () => {
    const cases: [string[], boolean][] = [
      [['event.action=client-disconnected'], true],
      [['event.action=client-*'], true],
      [['event.action=*connected*'], true],
      [['event.action=Client-*'], false],
      [['event.action!=client-*'], false],
      [['event.action=client-*', 'mqtt.qos=1', 'mqtt.ambiguous=true'], true],
      [['event.action=client-*', 'mqtt.qos=2'], false],
      [['event.category=session'], true],
      [['event.category!=session'], false],
      [['user.name='], true],
      [['user.name!='], false],
      [['user.name=*'], false],
      [['user.name!=root'], true],
      [['mqtt.client.id=*'], true],
      [['message=a=b'], true],
      [['labels.site=ber*'], true],
      [['labels.other!=x'], true],
      [['mqtt.user_properties.k.l=v'], true],
      [['@timestamp=2026-11-24T*'], true],
    ];
    for (const [where, want] of cases)
      assert.equal(selection({ where }, NOW)?.(EVENT), want, where.join(' '));
    assert.equal(selection({}, NOW), undefined);
  });

  it('--since and --until: times with and without a zone, and how long ago', () => {
    const passes = (options: object): boolean => selection(options, NOW)?.(EVENT) ?? true;
    const cases: [object, boolean][] = [
      [{ since: '2026-11-24T10:00:00Z' }, true],
      [{ since: '2026-11-24T10:00:00.001Z' }, false],
      [{ until: '2026-11-24T10:00:00Z' }, true],
      [{ until: '2026-11-24T09:59:59.999Z' }, false],
      [{ since: '2026-11-24T11:00', timezone: 'Europe/Berlin' }, true],
      [{ since: '2026-11-24T11:01', timezone: 'Europe/Berlin' }, false],
      [{ since: '2026-11-24 12:00+02:00' }, true],
      [{ since: '2026-11-24', until: '2026-11-25', timezone: 'UTC' }, true],
      [{ since: '2h' }, true],
      [{ since: '119m' }, false],
      [{ until: '1.5h' }, true],
      [{ since: '1d', until: '7200s' }, true],
      [{ since: '1w', until: '3h' }, false],
    ];
    for (const [options, want] of cases) assert.equal(passes(options), want, JSON.stringify(options));
  });

  it('says what to write instead', () => {
    for (const [options, message] of [
      [{ where: ['event.action'] }, /write FIELD=VALUE/],
      [{ where: ['event.acton=x'] }, /did you mean "event.action"\?/],
      [{ where: ['zzz.zzz=x'] }, /docs\/fields.md/],
      [{ since: 'yesterday' }, /write a time such as/],
      [{ until: '2026-13-01T00:00' }, /write a time such as/],
      [{ until: '2026-02-30' }, /write a time such as/],
    ] as const)
      assert.throws(
        () => selection(options, NOW),
        (error) => error instanceof UsageError && message.test(error.message),
        JSON.stringify(options),
      );
  });
});

describe('captured messages', () => {
  const read = (more: object): ReturnType<typeof readCapturedMessage> =>
    readCapturedMessage(JSON.stringify({ topic: 't', qos: 0, retain: 0, ...more }), 5);

  it('payloads of %j and %J, told apart by their length', () => {
    const cases: [object, string, number?][] = [
      [{ payload: 'text', payloadlen: 4 }, 'text'],
      [{ payload: 'text' }, 'text'],
      [{ payload: '"quoted"', payloadlen: 8 }, '"quoted"'],
      [{ payload: 'quoted', payloadlen: 8 }, '"quoted"'],
      [{ payload: { a: [1] }, payloadlen: 9 }, '{"a":[1]}'],
      [{ payload: { a: [1] }, payloadlen: 12 }, '{"a":[1]}', 12],
      [{ payload: 42, payloadlen: 2 }, '42'],
      [{ payload: null, payloadlen: 0 }, ''],
      [{ payload: null, payloadlen: 4 }, 'null'],
      [{ payload: null }, ''],
      [{}, ''],
      [{ payload: '\ufffd', payloadlen: 3 }, '\ufffd'],
      [{ payload: '\ufffd', payloadlen: 7 }, '\ufffd', 7],
    ];
    for (const [more, text, size] of cases) {
      const message = read(more);
      assert.deepEqual([message?.payload.toString(), message?.size], [text, size], JSON.stringify(more));
    }
  });

  it('times of 2.0 and 2.1, flags, properties', () => {
    const seen = (tst: unknown): number | undefined => read({ tst })?.seen;
    const noon = Date.parse('2026-11-24T12:00:00.032Z');
    assert.equal(seen('2026-11-24T12:00:00.032529Z+0000'), noon);
    assert.equal(seen('2026-11-24T13:00:00.032529Z+0100'), noon);
    assert.equal(seen('2026-11-24T06:30:00.032529-0530'), noon);
    assert.equal(seen('2026-11-24T12:00:00.032Z'), noon);
    assert.equal(seen('soon'), 5);
    assert.equal(seen(17), 5);
    const message = read({
      qos: 2,
      mid: 7,
      retain: 1,
      properties: {
        'content-type': 'text/plain',
        'response-topic': 'r',
        'correlation-data': 'c',
        'payload-format-indicator': 1,
        'message-expiry-interval': 30,
        'subscription-identifier': 4,
        'user-properties': { k: 'v' },
      },
    });
    assert.deepEqual([message?.qos, message?.retain, message?.packetId], [2, true, 7]);
    assert.deepEqual(message?.properties, {
      contentType: 'text/plain',
      responseTopic: 'r',
      correlationData: 'Yw==',
      payloadFormatIndicator: true,
      messageExpiryInterval: 30,
      subscriptionIdentifiers: [4],
      userProperties: { k: 'v' },
    });
    for (const line of ['', '{', 'null', '[]', '{"payload":"x"}', '{"topic":1}', 'Error: not JSON'])
      assert.equal(readCapturedMessage(line, 5), undefined, line);
  });
});

describe('the summary', () => {
  const event = (action: string, more: object = {}, time = '2026-11-24T10:00:00.000Z'): unknown => ({
    '@timestamp': time,
    message: 'm',
    event: {
      action,
      code: 'mosquitto.log',
      dataset: 'mqtt.connection',
      ...(more as { event?: object }).event,
    },
    mqtt: (more as { mqtt?: object }).mqtt,
    source: (more as { source?: object }).source,
    service: { version: '2.0.11' },
  });
  const summaryOf = (events: unknown[]): Summary => {
    const summary = new Summary();
    summary.add(Buffer.from(events.map((one) => `${JSON.stringify(one)}\n`).join('')));
    return summary;
  };

  it('holds actions, reasons, clients, sources, pauses, doubts; at most 80 columns', () => {
    const client = (id: string): object => ({ mqtt: { client: { id } } });
    const summary = summaryOf([
      ...Array.from({ length: 6 }, () => event('message-published', client('sensor'))),
      event('client-disconnected', { ...client('sensor'), event: { reason: 'connection_lost' } }),
      event('client-disconnected', { ...client('x\u202e\u001b[2J\n'), event: { reason: 'connection_lost' } }),
      event('client-authentication-failed', {
        event: { reason: 'not_authorized' },
        source: { ip: '10.0.0.9' },
        mqtt: { ambiguous: true, truncated: true, client: { id: '漢'.repeat(60) } },
      }),
      event('broker-log', {}, '2026-11-24T10:10:00.000Z'),
      event('broker-log', {}, '2026-11-24T10:09:00.000Z'),
    ]);
    summary.tally({ ...noTally(), records: 20, empty: 2, foreign: 3, unparsed: 4, events: 11 });
    const text = summaryText(summary, false);
    for (const wanted of [
      /^11 events from 20 lines \(2 empty, 3 of other programs\)$/m,
      /^2026-11-24 10:00:00 to 2026-11-24 10:10:00 UTC, 10 min 0 s$/m,
      /at most 9 in one second \(2026-11-24 10:00:00\)/,
      /^broker version 2\.0\.11$/m,
      /^ {2}message-published +6 +54\.5 % {2}█/m,
      /^ {2}connection_lost +2 +sensor +1$/m,
      /^ {2}client-authentication-failed +1 {2}not_authorized$/m,
      /^ {2}10\.0\.0\.9 +1 +sensor +7$/m,
      /^ {2}10 min 0 s +from 2026-11-24 10:00:00 to 2026-11-24 10:10:00$/m,
      /the time went back 1 time$/m,
      /ambiguous: .* 1$/m,
      /truncated .* 1$/m,
      /unparsed: .* 4$/m,
      /^ {2}mosquitto\.log +2$/m,
    ])
      assert.match(text, wanted);
    assert.equal(/[\u0000-\u0009\u000b-\u001f\u202e]/.test(text), false);
    for (const line of text.split('\n')) assert.ok([...line].length <= 80, line);
    const coloured = summaryText(summary, true);
    assert.equal(coloured.replace(/\u001b\[\d+m/g, '').replace(/ +$/gm, ''), text);
  });

  it('the clock of each way of observation goes on by itself', () => {
    const from = (provider: string, time: string): unknown =>
      event('broker-log', { event: { provider } }, `2026-11-24T10:00:${time}Z`);
    const { steps } = summaryOf([
      from('mqtt-mirror', '01.900'),
      // Log lines hold whole seconds.
      from('mosquitto-log', '01.000'),
      from('mqtt-mirror', '02.100'),
      from('mosquitto-log', '00.000'),
    ]);
    assert.equal(steps, 1);
  });

  it('of nothing', () => {
    assert.match(summaryText(new Summary(), false), /^0 events\n/);
  });

  it('finds the most frequent of any number of names, in bounded memory', () => {
    const counter = new TopCounter();
    for (let i = 0; i < 300_000; i++) {
      counter.add(`throwaway-${i}`);
      if (i % 100 === 0) counter.add('frequent');
    }
    const [[name, count] = ['', 0]] = counter.top(1);
    assert.equal(name, 'frequent');
    assert.ok(count <= 3000 && count + counter.missed >= 3000);
    assert.ok(counter.size <= 20_000);
    const exact = new TopCounter();
    for (const key of ['a', 'b', 'a']) exact.add(key);
    assert.deepEqual(
      [exact.top(9), exact.missed],
      [
        [
          ['a', 2],
          ['b', 1],
        ],
        0,
      ],
    );
  });

  it('texts for terminals: nothing that it could obey, no more columns than there are', () => {
    assert.equal(
      safe('a\u001b[31m\u0000\u202e\u200b\ufeff\u2028é漢👍'),
      'a\\u{1b}[31m\\u{0}\\u{202e}\\u{200b}\\u{feff}\\u{2028}é漢👍',
    );
    for (const [text, columns, want] of [
      ['abc', 3, 'abc'],
      ['abcd', 3, 'ab…'],
      ['漢漢', 4, '漢漢'],
      ['漢漢漢', 5, '漢漢…'],
      ['漢漢漢', 4, '漢…'],
      ['a\nb', 6, 'a…'],
      ['a\nb', 7, 'a\\u{a}b'],
      ['x'.repeat(100_000), 5, 'xxxx…'],
      ['', 2, ''],
    ] as const)
      assert.equal(fit(text, columns), want, text);
    assert.equal(cell('漢', 4), '漢  ');
  });
});
