import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dialect } from '../../../src/brokers/mosquitto/index.ts';
import type { Session, StreamInfo } from '../../../src/core/dialect.ts';
import { type Emit, type JsonObject, Mark } from '../../../src/core/event.ts';

const GOLDEN = new URL('../../golden/mosquitto/', import.meta.url);
const STREAM: StreamInfo = { ownClients: new Set(['own']), topicRoot: 2, timezone: 'UTC' };
const SEEN = Date.UTC(2026, 10, 21, 20);

/** One event, as the golden files have it. */
interface Read {
  readonly code: string;
  readonly action: string;
  readonly time: string;
  readonly message: string;
  readonly values: JsonObject;
  readonly marks?: string;
}

function collect(into: Read[]): Emit {
  return (kind, time, message, values, marks = 0) => {
    const named = Object.fromEntries(
      kind.slots.map((slot, i) => [slot, values[i]]).filter(([, v]) => v !== undefined),
    );
    if (kind.verbatim === true) {
      const texts = values.filter((value) => typeof value === 'string');
      for (const text of texts)
        assert.ok(message.includes(text), `${kind.code}: “${text}” is not in the message`);
    }
    const set = Object.entries(Mark)
      .filter(([, bit]) => (marks & bit) !== 0)
      .map(([name]) => name);
    into.push({
      code: kind.code,
      action: kind.action,
      time: new Date(time).toISOString(),
      message: message.length > 300 ? `${message.slice(0, 300)}… ${message.length}` : message,
      values: JSON.parse(JSON.stringify(named).slice(0, 100_000)),
      ...(set.length > 0 && { marks: set.join() }),
    });
  };
}

function read(lines: readonly string[], stream: StreamInfo = STREAM): Read[] {
  const events: Read[] = [];
  const session = dialect.open(stream, collect(events));
  for (const line of lines) session.line(line, SEEN, 0);
  return events;
}

const one = (line: string): Read | undefined => read([line])[0];

describe('Mosquitto: golden files', () => {
  for (const name of readdirSync(GOLDEN).filter((file) => file.endsWith('.log'))) {
    const lines = readFileSync(new URL(name, GOLDEN), 'utf8')
      .split('\n')
      .filter((line) => line !== '');

    it(`${name}: every event as it was looked over`, () => {
      const golden = new URL(name.replace('.log', '.jsonl'), GOLDEN);
      const events = read(lines);
      const text = `${events.map((event) => JSON.stringify(event)).join('\n')}\n`;
      if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(golden, text);
      const want = readFileSync(golden, 'utf8').split('\n');
      for (const [i, line] of text.split('\n').entries()) assert.equal(line, want[i], `event ${i}`);
      assert.ok(events.length >= lines.length);
    });

    it(`${name}: a session that is saved and opened again gives the same events`, () => {
      const whole = read(lines);
      const step = Math.max(1, Math.floor(lines.length / 40));
      for (let cut = 0; cut < lines.length; cut += step) {
        const events: Read[] = [];
        let session: Session = dialect.open(STREAM, collect(events));
        for (const [i, line] of lines.entries()) {
          if (i === cut)
            session = dialect.open(STREAM, collect(events), JSON.parse(JSON.stringify(session.state())));
          session.line(line, SEEN, 0);
        }
        assert.deepEqual(events, whole, `cut at line ${cut}`);
      }
    });
  }
});

describe('Mosquitto: text that clients control', () => {
  it('a connect whose id looks like the tail of the line', () => {
    const event = one(
      "1700000000: New client connected from 127.0.0.1:4000 as x (p2, c1, k60, u'admin'). (p2, c1, k60).",
    );
    assert.deepEqual(
      [event?.values['mqtt.client.id'], event?.values['user.name'], event?.marks],
      ["x (p2, c1, k60, u'admin').", undefined, undefined],
    );
  });

  it('a connect with user that can be read twice: no user is believed', () => {
    const event = one(
      "1700000000: New client connected from 127.0.0.1:4000 as x (p2, c1, k60, u'a') (p2, c1, k60, u'b').",
    );
    assert.deepEqual([event?.values['user.name'], event?.marks], [undefined, 'ambiguous']);
  });

  it('a PUBLISH whose topic and id look like one: the connected client decides', () => {
    const id = "Received PUBLISH from victim (d0, q0, r0, m0, 'a/b', ... (5 bytes))";
    const line = `1700000000: Received PUBLISH from ${id} (d0, q1, r0, m7, '${id}', ... (9 bytes))`;
    assert.equal(one(line)?.marks, 'ambiguous');
    const [, event] = read([`1700000000: New client connected from 1.2.3.4:5 as ${id} (p2, c1, k60).`, line]);
    assert.deepEqual(
      [
        event?.values['mqtt.client.id'],
        event?.values['mqtt.topic'],
        event?.values['mqtt.message_id'],
        event?.marks,
      ],
      [id, id, 7, undefined],
    );
  });

  it('a subscription whose line imitates another is believed to be that subscription only', () => {
    const id = 'mosquitto version 9.9.9 terminating';
    const events = read([
      `1: x`,
      `Received SUBSCRIBE from ${id}`,
      '\ta/# (QoS 1)',
      `${id} 1 a/#`,
      `Sending SUBACK to ${id}`,
    ]);
    assert.deepEqual(
      events.slice(1).map((e) => e.action),
      ['packet-received', 'subscription-requested', 'subscription-added', 'packet-sent'],
    );
  });

  it('an address in brackets behind an id is believed only of 2.1 and of known clients', () => {
    const line = '1700000000: Client x [9.9.9.9:1] disconnected: y.';
    assert.deepEqual([one(line)?.values['source.ip'], one(line)?.marks], [undefined, 'ambiguous']);
    const after = (version: string): Read | undefined =>
      read([`1700000000: mosquitto version ${version} starting`, line])[1];
    assert.deepEqual(
      [after('2.0.18')?.values['mqtt.client.id'], after('2.0.18')?.values['source.ip']],
      ['x [9.9.9.9:1]', undefined],
    );
    assert.deepEqual(
      [after('2.1.0')?.values['mqtt.client.id'], after('2.1.0')?.values['source.ip']],
      ['x', '9.9.9.9'],
    );
  });

  it('a client id that looks like an address is no address', () => {
    const event = one('1700000000: Sending CONNACK to 10.0.0.1 (0, 5)');
    assert.deepEqual(
      [event?.values['source.ip'], event?.values['mqtt.client.id'], event?.marks],
      [undefined, '10.0.0.1', 'ambiguous'],
    );
    const [, real] = read([
      '1700000000: New connection from 10.0.0.1:5 on port 1883.',
      '1700000000: Sending CONNACK to 10.0.0.1 (0, 5)',
    ]);
    assert.deepEqual([real?.values['source.ip'], real?.values['mqtt.client.id']], ['10.0.0.1', undefined]);
  });

  it('in a log without stamps a text that looks like one is no stamp', () => {
    const events = read(['No will message specified.', '1: a 0 x/y', '1600000000: Client q disconnected.']);
    assert.deepEqual(
      events.map((e) => e.time),
      Array(3).fill(new Date(SEEN).toISOString()),
    );
  });
});

describe('Mosquitto: stamps', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['1700000000: ', '2023-11-14T22:13:20.000Z'],
    ['2026-11-21T19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['2026-11-21T19:16:17+0130: ', '2026-11-21T17:46:17.000Z'],
    ['2026-11-21T19:16:17Z: ', '2026-11-21T19:16:17.000Z'],
    ['2026-11-21 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['21/Nov/2026 19:16:15: ', '2026-11-21T19:16:15.000Z'],
    ['Nov 21 19:16:15: ', '2026-11-21T19:16:15.000Z'],
    ['Sat Nov 21 19:16:15 2026: ', '2026-11-21T19:16:15.000Z'],
    ['Time error: ', new Date(SEEN).toISOString()],
  ];
  for (const [stamp, want] of cases) {
    it(`reads ${stamp.trim()}`, () => {
      const event = one(`${stamp}No will message specified.`);
      assert.deepEqual([event?.time, event?.message], [want, 'No will message specified.']);
    });
  }

  it('takes local time in the zone of the input, also across the change of the clock', () => {
    const berlin = { ...STREAM, timezone: 'Europe/Berlin' };
    const times = read(
      [
        '2026-07-01T12:00:00: a',
        '2026-12-01T12:00:00: a',
        '2026-03-29T03:30:00: a',
        '2026-10-25T01:59:59: a',
      ],
      berlin,
    ).map((e) => e.time);
    assert.deepEqual(times, [
      '2026-07-01T10:00:00.000Z',
      '2026-12-01T11:00:00.000Z',
      '2026-03-29T01:30:00.000Z',
      '2026-10-24T23:59:59.000Z',
    ]);
  });

  it('follows a form that the configuration gives', () => {
    const [event] = read(['21.11.26 07:16:15 PM: x'], { ...STREAM, stamp: '%d.%m.%y %I:%M:%S %p' });
    assert.deepEqual([event?.time, event?.message], ['2026-11-21T19:16:15.000Z', 'x']);
  });
});
