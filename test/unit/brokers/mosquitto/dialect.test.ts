import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/mosquitto/index.ts';
import type { Session, StreamInfo } from '../../../../src/core/dialect.ts';
import { type Emit, type JsonObject, Mark } from '../../../../src/core/event.ts';

const GOLDEN = new URL('../../../golden/mosquitto/', import.meta.url);
const STREAM: StreamInfo = { ownClients: new Set(['own']), topicRoot: 2, timezone: 'UTC' };
const SEEN = Date.UTC(2026, 10, 21, 20);

/** One event, as the golden files have it. */
interface Read {
  readonly code: string;
  readonly action: string;
  readonly level?: string;
  readonly time: string;
  readonly message: string;
  readonly values: JsonObject;
  readonly marks?: string;
}

function collect(into: Read[]): Emit {
  return (kind, time, message, values, marks = 0) => {
    const reason = kind.constants['event.reason'];
    const named = {
      ...(reason !== undefined && { 'event.reason': reason }),
      ...Object.fromEntries(
        kind.slots.map((slot, i) => [slot, values[i]]).filter(([, v]) => v !== undefined),
      ),
    };
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
      ...(kind.level && { level: kind.level }),
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

  it('a connect over WebSockets whose address is what the client says it is', () => {
    const [, , forged, connack] = read([
      '1700000000: mosquitto version 2.0.18 starting',
      '1700000000: Opening websockets listen socket on port 9001.',
      '1700000001: New client connected from 1.2.3.4:5 as victim (p2, c1, k60).:44116 as foo (p2, c1, k60).',
      '1700000001: Sending CONNACK to foo (0, 0)',
    ]);
    assert.deepEqual([forged?.values, forged?.marks], [{}, 'ambiguous']);
    assert.equal(connack?.values['mqtt.client.id'], 'foo');
    const zone = one('1700000001: New client connected from fe80::1%x:44116 as foo (p2, c1, k60).');
    assert.deepEqual([zone?.values['source.ip'], zone?.values['mqtt.client.id']], [undefined, 'foo']);
    const [, announced] = read([
      '1700000001: New connection from 1.2.3.4:5 on port 1883.',
      '1700000001: New client connected from 1.2.3.4:5 as a:1 as b (p2, c1, k60).',
    ]);
    assert.equal(announced?.values['mqtt.client.id'], 'a:1 as b');
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

  it('an address in brackets behind an id is believed only of 2.1.1 and later, and of known clients', () => {
    const line = '1700000000: Client x [9.9.9.9:1] disconnected: Broken pipe.';
    assert.deepEqual([one(line)?.values['source.ip'], one(line)?.marks], [undefined, 'ambiguous']);
    const after = (version: string): Read | undefined =>
      read([`1700000000: mosquitto version ${version} starting`, line])[1];
    assert.deepEqual(
      [after('2.0.18')?.values['mqtt.client.id'], after('2.0.18')?.values['source.ip']],
      ['x [9.9.9.9:1]', undefined],
    );
    assert.deepEqual(
      [after('2.1.1')?.values['mqtt.client.id'], after('2.1.1')?.values['source.ip']],
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
    ['2026.11.21 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['2026/11/21 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['21.11.2026 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['21-11-2026 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['11/21/2026 07:16:17 PM: ', '2026-11-21T19:16:17.000Z'],
    ['11/21/26 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['21.11.26 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['26-11-21 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['20261121T191617: ', '2026-11-21T19:16:17.000Z'],
    ['20261121 191617: ', '2026-11-21T19:16:17.000Z'],
    ['20261121191617: ', '2026-11-21T19:16:17.000Z'],
    ['2026-11-21T19:16:17+01:00: ', '2026-11-21T18:16:17.000Z'],
    ['2026-11-21 19:16:17 -0500: ', '2026-11-22T00:16:17.000Z'],
    ['2026-11-21 19:16:17 UTC: ', '2026-11-21T19:16:17.000Z'],
    ['2026-11-21 19:16:17 CET: ', '2026-11-21T18:16:17.000Z'],
    ['21/Nov/2026:19:16:17 +0100: ', '2026-11-21T18:16:17.000Z'],
    ['21-Nov-2026 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['21 November 2026 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['November 21, 2026 07:16:17 pm: ', '2026-11-21T19:16:17.000Z'],
    ['Sat, 21 Nov 2026 19:16:17 +0000: ', '2026-11-21T19:16:17.000Z'],
    ['Sat Nov 21 19:16:17 UTC 2026: ', '2026-11-21T19:16:17.000Z'],
    ['Saturday 21 November 2026 19:16: ', '2026-11-21T19:16:00.000Z'],
    ['Nov  1 19:16:15: ', '2026-11-01T19:16:15.000Z'],
    ['21 Nov  9:16:15: ', '2026-11-21T09:16:15.000Z'],
    ['[2026-11-21 19:16:17]: ', '2026-11-21T19:16:17.000Z'],
    ['[1700000000]: ', '2023-11-14T22:13:20.000Z'],
    ['mosq 2026-11-21: 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['2026-11-21: 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['2026-325 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['2026-W47-6 19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['19:16:17: ', '2026-11-21T19:16:17.000Z'],
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

  it('reads every directive of a form that the configuration gives', () => {
    const forms: readonly (readonly [string, string, string])[] = [
      ['%s', '1700000000', '2023-11-14T22:13:20.000Z'],
      ['%FT%TZ', '2026-11-21T19:16:17Z', '2026-11-21T19:16:17.000Z'],
      ['%c', 'Sat Nov 21 19:16:17 2026', '2026-11-21T19:16:17.000Z'],
      ['%D %r', '11/21/26 07:16:17 PM', '2026-11-21T19:16:17.000Z'],
      ['%e.%-m.%Y %k:%M', ' 1.2.2026  7:05', '2026-02-01T07:05:00.000Z'],
      ['%y%j %R', '26325 19:16', '2026-11-21T19:16:00.000Z'],
      ['%A, %d. %B %Y, %I:%M %P', 'Saturday, 21. November 2026, 07:16 pm', '2026-11-21T19:16:00.000Z'],
      ['%C%y-%m-%d %OH:%M:%S', '2026-11-21 19:16:17', '2026-11-21T19:16:17.000Z'],
      ['%G-W%V-%u %T %z', '2026-W47-6 19:16:17 +0200', '2026-11-21T17:16:17.000Z'],
      ['100%% %T', '100% 19:16:17', '2026-11-21T19:16:17.000Z'],
      ['%Y: %m: %d: %T', '2026: 11: 21: 19:16:17', '2026-11-21T19:16:17.000Z'],
    ];
    for (const [stamp, text, want] of forms) {
      const [event] = read([`${text}: x: y`], { ...STREAM, stamp });
      assert.deepEqual([event?.time, event?.message], [want, 'x: y'], stamp);
    }
  });

  it('day and month are told apart by the first number above twelve; before, the day stands first', () => {
    const times = (lines: readonly string[]): string[] => read(lines).map((e) => e.time.slice(0, 10));
    const line = (date: string): string => `${date}/2026 19:16:17: No will message specified.`;
    assert.deepEqual(times([line('05/11'), line('13/11')]), ['2026-11-05', '2026-11-13']);
    assert.deepEqual(times([line('11/05'), line('11/13'), line('11/06')]), [
      '2026-05-11',
      '2026-11-13',
      '2026-11-06',
    ]);
  });

  it('with AM and PM the month of a date with slashes stands first, until a number tells', () => {
    const times = (lines: readonly string[]): string[] => read(lines).map((e) => e.time.slice(0, 16));
    const line = (date: string): string => `${date} 07:16:17 PM: No will message specified.`;
    assert.deepEqual(times([line('11/05/2026'), line('11/13/2026')]), [
      '2026-11-05T19:16',
      '2026-11-13T19:16',
    ]);
    assert.deepEqual(times([line('11/05/26')]), ['2026-11-05T19:16']);
    assert.deepEqual(times([line('05/11/2026'), line('13/11/2026')]), [
      '2026-05-11T19:16',
      '2026-11-13T19:16',
    ]);
  });

  it('a log may begin with a line that is all text of a client: the form is learnt from the first message', () => {
    const lines = ['c1 1 a/b', 'c1 a/b', 'Received PINGREQ from c1', 'Client c1 disconnected.'];
    for (const stamp of ['Broker 10:00:00: ', 'Tue 24.11.26, 10:00 Uhr: ']) {
      assert.deepEqual(
        read(lines.map((line) => stamp + line))
          .slice(2)
          .map((e) => [e.message, e.time.slice(11, 16), e.values['mqtt.client.id']]),
        [
          ['Received PINGREQ from c1', '10:00', 'c1'],
          ['Client c1 disconnected.', '10:00', 'c1'],
        ],
      );
    }
    assert.deepEqual(
      read([...lines, '1700000000: Client c1 disconnected.']).map((e) => e.code.slice(10)),
      ['log', 'log', 'pingreq_received', 'client_disconnected_normally', 'log'],
    );
  });

  it('the hour that comes twice: order tells, and where it cannot, the event says so', () => {
    const berlin = { ...STREAM, timezone: 'Europe/Berlin' };
    const at = (time: string): string => `2026-10-25T${time}: No will message specified.`;
    const told = (times: readonly string[]): string[] =>
      read(times.map(at), berlin).map((e) => `${e.time.slice(11, 16)}${e.marks ? ` ${e.marks}` : ''}`);
    assert.deepEqual(told(['01:59:00', '02:10:00', '02:50:00', '02:05:00', '02:50:00', '03:00:00']), [
      '23:59',
      '00:10',
      '00:50',
      '01:05',
      '01:50',
      '02:00',
    ]);
    assert.deepEqual(told(['02:10:00', '02:50:00', '02:05:00']), [
      '00:10 ambiguousTime',
      '00:50 ambiguousTime',
      '01:05',
    ]);
    assert.deepEqual(told(['00:10:00', '02:50:00']), ['22:10', '00:50 ambiguousTime']);
  });

  it('follows a form that changes at a start or after a reload, and nowhere else', () => {
    const events = read([
      '1700000000: Error: Unknown configuration variable "x".',
      '2026-11-21T19:16:17: mosquitto version 2.0.18 starting',
      '2026-11-21T19:16:18: No will message specified.',
      '1700000000: Client admin disconnected.',
      '2026-11-21T19:16:19: Reloading config.',
      'No will message specified.',
      '1700000000: x 1 y',
      'mosquitto version 2.0.18 terminating',
      '1700000000: mosquitto version 2.0.18 starting',
      '1700000001: No will message specified.',
    ]);
    assert.deepEqual(
      events.map((e) => [e.code.slice(10), e.time.slice(0, 10)]),
      [
        ['unknown_variable', '2023-11-14'],
        ['starting', '2026-11-21'],
        ['no_will', '2026-11-21'],
        ['continuation', '2026-11-21'],
        ['reloading', '2026-11-21'],
        ['no_will', '2026-11-21'],
        ['log', '2026-11-21'],
        ['terminating', '2026-11-21'],
        ['starting', '2023-11-14'],
        ['no_will', '2023-11-14'],
      ],
    );
  });

  it('the second line of a message has the time of the first', () => {
    const times = (...lines: string[]): string[] => read(lines).map(({ time }) => time.slice(0, 10));
    assert.deepEqual(
      times(
        '1700000000: mosquitto version 2.0.20 starting',
        '1700000000: Config loaded from /m.conf.',
        '1700000000: Warning: File /mosquitto/acl has world readable permissions. Future versions will refuse to load this file.',
        'To fix this, use `chmod 0700 /mosquitto/acl`.',
        '1700000001: New client connected from 10.0.0.1 as x',
        'y (c1, k60).',
        '1700000002: Client a disconnected.',
      ),
      Array(7).fill('2023-11-14'),
    );
  });

  it('a line without stamp where lines have one is no message', () => {
    const events = read([
      '1700000000: No will message specified.',
      '1700000000: Client a disconnected.',
      'Client b disconnected.',
      '1700000001: Client c disconnected.',
    ]);
    assert.deepEqual(
      events.map((e) => [e.action, e.time.slice(17, 19)]),
      [
        ['broker-log', '20'],
        ['client-disconnected', '20'],
        ['broker-log', '00'],
        ['client-disconnected', '21'],
      ],
    );
  });
});

describe('Mosquitto: what lines tell of each other', () => {
  const start = '1700000000: mosquitto version 2.0.18 starting';
  const opened = (ip: string, port: number): string =>
    `1700000000: New connection from ${ip}:${port} on port 1883.`;

  it('the end of a connection has peer, user, protocol and times of its begin; unknown ones are absent', () => {
    const [, , end, other] = read([
      start,
      "1700000000: New client connected from 10.0.0.1:4000 as a (p5, c1, k60, u'u').",
      '1700000090: Client a has exceeded timeout, disconnecting.',
      '1700000091: Client b closed its connection.',
    ]);
    assert.deepEqual(end?.values, {
      'event.reason': 'keep_alive_timeout',
      'mqtt.client.id': 'a',
      'source.ip': '10.0.0.1',
      'source.port': 4000,
      'user.name': 'u',
      'mqtt.protocol_version': '5.0',
      'event.start': '2023-11-14T22:13:20.000Z',
      'event.end': '2023-11-14T22:14:50.000Z',
      'event.duration': 90_000_000_000,
    });
    assert.deepEqual(other?.values, { 'event.reason': 'connection_lost', 'mqtt.client.id': 'b' });
  });

  it('a refused login has the address only where no other connection can be meant', () => {
    const refused = '1700000000: Client a disconnected, not authorised.';
    const address = (lines: readonly string[]): unknown => read(lines).at(-1)?.values['source.ip'];
    assert.equal(address([start, opened('10.0.0.1', 1), refused]), '10.0.0.1');
    assert.equal(address([start, opened('10.0.0.1', 1), opened('10.0.0.2', 2), refused]), undefined);
    assert.equal(address([start, opened('10.0.0.1', 1), opened('10.0.0.1', 2), refused]), '10.0.0.1');
    assert.equal(address([opened('10.0.0.1', 1), refused]), undefined);
    const websockets = '1700000000: Opening websockets listen socket on port 9001.';
    assert.equal(address([start, websockets, opened('10.0.0.1', 1), refused]), undefined);
    const connected = '1700000000: New client connected from 10.0.0.1:1 as b (p2, c1, k60).';
    assert.equal(
      address([start, opened('10.0.0.1', 1), connected, opened('10.0.0.2', 2), refused]),
      '10.0.0.2',
    );
  });

  it('a client that is called as the broker calls nobody: its end is its own while no other connection waits', () => {
    const connected = '1700000000: New client connected from 10.0.0.1:1 as <unknown> (p2, c1, k60).';
    const end = '1700000001: Client <unknown> closed its connection.';
    const lines = [start, opened('10.0.0.1', 1), connected, end];
    const own = read(lines).at(-1);
    assert.deepEqual([own?.values['mqtt.client.id'], own?.values['source.port']], ['<unknown>', 1]);
    const after = read([...lines, opened('10.0.0.2', 2), end]).at(-1);
    assert.deepEqual([after?.values['mqtt.client.id'], after?.values['source.ip']], [undefined, '10.0.0.2']);
    const either = read([start, opened('10.0.0.1', 1), connected, opened('10.0.0.2', 2), end]).at(-1);
    assert.deepEqual([either?.values, either?.marks], [{ 'event.reason': 'connection_lost' }, 'ambiguous']);
    const refused = read([
      '1700000000: Opening websockets listen socket on port 9001.',
      connected,
      opened('10.0.0.2', 2),
      '1700000001: Sending CONNACK to 10.0.0.2 (0, 5)',
      '1700000001: Client <unknown> disconnected, not authorised.',
    ]).at(-1);
    assert.deepEqual([refused?.values['source.ip'], refused?.marks], ['10.0.0.2', undefined]);
    const named = read([
      '1700000000: Opening websockets listen socket on port 9001.',
      connected,
      '1700000001: Invalid protocol "x" in CONNECT from 10.0.0.3.',
      '1700000001: Client <unknown> disconnected due to protocol error.',
    ]).at(-1);
    assert.deepEqual([named?.values['source.ip'], named?.marks], ['10.0.0.3', undefined]);
  });

  it('an end that is told twice, the second time of nobody, is not the end of a connection that waits', () => {
    const [end, echo, other] = read([
      start,
      opened('10.0.0.1', 1),
      '1700000000: New client connected from 10.0.0.1:1 as a (p5, c1, k60).',
      opened('10.0.0.2', 2),
      '1700000001: Client a disconnected due to protocol error.',
      '1700000001: Client <unknown> disconnected due to protocol error.',
      '1700000002: Client <unknown> closed its connection.',
    ]).slice(-3);
    assert.equal(end?.values['source.ip'], '10.0.0.1');
    assert.deepEqual(echo?.values, { 'event.reason': 'protocol_error' });
    assert.deepEqual(other?.values, { 'event.reason': 'connection_lost' });
  });

  it('a timeout that 1.5 tells in two lines is one end', () => {
    const connected = '1700000000: New client connected from 10.0.0.1 as a (c1, k60).';
    const timeout = '1700000090: Client a has exceeded timeout, disconnecting.';
    const socket = (id: string): string => `1700000090: Socket error on client ${id}, disconnecting.`;
    const ends = (...lines: string[]): unknown[] =>
      read(lines)
        .slice(1)
        .map(({ code, action, values }) => [code.slice(10), action, values['mqtt.client.id']]);
    const end = ['client_timeout', 'client-disconnected', 'a'];
    assert.deepEqual(ends(connected, timeout, socket('a')), [end, ['socket_error', 'broker-log', 'a']]);
    assert.deepEqual(ends(connected, timeout, socket('b')), [
      end,
      ['socket_error', 'client-disconnected', 'b'],
    ]);
    assert.deepEqual(ends(connected, timeout, connected, socket('a')).at(-1), [
      'socket_error',
      'client-disconnected',
      'a',
    ]);
    // Nor does the second line take another connection for the one that has ended.
    const open = (ip: string): string => `1700000000: New connection from ${ip} on port 1883.`;
    const nobody = '1700000090: Client <unknown> has exceeded timeout, disconnecting.';
    const start15 = '1700000000: mosquitto version 1.5.8 starting';
    const unnamed = read([start15, open('10.0.0.1'), nobody, open('10.0.0.2'), nobody, socket('<unknown>')]);
    assert.deepEqual(
      unnamed.slice(4).map(({ action, values }) => [action, values['source.ip']]),
      [
        ['client-disconnected', '10.0.0.2'],
        ['broker-log', undefined],
      ],
    );
    const health = read([
      start15,
      open('10.0.0.1'),
      socket('<unknown>'),
      open('10.0.0.2'),
      socket('<unknown>'),
    ]);
    assert.deepEqual(
      health.slice(2).map(({ action, values }) => [action, values['source.ip']]),
      [
        ['client-disconnected', '10.0.0.1'],
        ['network-connection-opened', '10.0.0.2'],
        ['client-disconnected', '10.0.0.2'],
      ],
    );
    assert.deepEqual(ends(connected, socket('a'), socket('a')), [
      ['socket_error', 'client-disconnected', 'a'],
      ['socket_error', 'client-disconnected', 'a'],
    ]);
  });

  it('the last words of 2.0 for a socket end a connection', () => {
    const [, , , bad, none] = read([
      start,
      opened('10.0.0.1', 1),
      '1700000000: New client connected from 10.0.0.1:1 as a (p5, c1, k60).',
      '1700000004: Bad socket read/write on client a: Unknown error.',
      '1700000005: Bad socket read/write on client <unknown>: Malformed UTF-8',
    ]);
    assert.deepEqual(
      [bad?.action, bad?.values['event.reason'], bad?.values['source.port'], bad?.values['event.duration']],
      ['client-disconnected', 'socket_error', 1, 4_000_000_000],
    );
    assert.equal(none?.values['mqtt.client.id'], undefined);
  });

  it('a connection that is refused with the id of a connected client does not end that client', () => {
    const allowed = '(QoS too high, retain not supported, or bad AUTH method).';
    const lines = (refusal: readonly string[], end: string): Read[] =>
      read([
        start,
        opened('10.0.0.1', 1),
        '1700000000: New client connected from 10.0.0.1:1 as a (p5, c1, k60).',
        opened('10.0.0.2', 2),
        ...refusal,
        end,
      ]).slice(-2);
    const [refused, own] = lines(
      [
        '1700000001: Sending CONNACK to a (0, 140)',
        `1700000001: Client a disconnected due to using not allowed feature ${allowed}`,
      ],
      '1700000002: Client a closed its connection.',
    );
    assert.deepEqual(
      [refused?.action, refused?.values['source.ip'], refused?.values['event.start']],
      ['client-connection-rejected', '10.0.0.2', undefined],
    );
    assert.deepEqual([own?.action, own?.values['source.ip']], ['client-disconnected', '10.0.0.1']);
    const [untold, still] = lines(
      [`1700000001: Client a disconnected due to using not allowed feature ${allowed}`],
      '1700000002: Client a closed its connection.',
    );
    assert.deepEqual([untold?.values['source.ip'], still?.values['source.ip']], [undefined, '10.0.0.1']);
    const [peer, last] = lines(
      ['1700000001: Client a [10.0.0.2:2] disconnected: connection closed by client.'],
      '1700000002: Client a [10.0.0.1:1] disconnected: connection closed by client.',
    );
    assert.deepEqual(
      [peer?.action, peer?.values['event.start'], last?.values['event.start']],
      ['client-connection-rejected', undefined, '2023-11-14T22:13:20.000Z'],
    );
  });

  it('a connection without address: of a bridge, or behind a proxy', () => {
    const end = (text: string): Read | undefined =>
      read(['1700000000: mosquitto version 2.1.2 starting', opened('10.0.0.1', 1), `1700000001: ${text}`]).at(
        -1,
      );
    const bridge = end('Client local.b [(null):0] disconnected: connection closed by client.');
    assert.deepEqual(bridge?.values, { 'event.reason': 'connection_lost', 'mqtt.client.id': 'local.b' });
    assert.equal(bridge?.action, 'bridge-disconnected');
    const nobody = end('Client (null) [(null):0] disconnected: bad socket read/write: Invalid input');
    assert.deepEqual(nobody?.values, { 'event.reason': 'socket_error', 'error.message': 'Invalid input' });
    const unbound = end('Client a [:0] disconnected: exceeded timeout.');
    assert.deepEqual(unbound?.values, { 'event.reason': 'keep_alive_timeout', 'mqtt.client.id': 'a' });
    const full = end('Client connection from (null) denied: max_connections exceeded.');
    assert.deepEqual(
      [full?.action, full?.values],
      ['client-connection-rejected', { 'event.reason': 'quota_exceeded' }],
    );
  });

  it('a bridge that could not send its CONNECT has its id where the line before tells it', () => {
    const failed = '1700000000: Error creating bridge: Broken pipe.';
    const [, told] = read(['1700000000: Bridge vm.b sending CONNECT', failed]);
    assert.deepEqual(told?.values, { 'mqtt.client.id': 'vm.b', 'error.message': 'Broken pipe' });
    assert.deepEqual(one(failed)?.values, { 'error.message': 'Broken pipe' });
  });

  it('a bridge that fails at once has its name and its other broker', () => {
    const failed = '1700000000: Error creating bridge: Name does not resolve.';
    const connecting = '1700000000: Connecting bridge cloud (broker.example.org:8883)';
    const bridge = {
      'mqtt.bridge.name': 'cloud',
      'destination.address': 'broker.example.org',
      'destination.port': 8883,
    };
    const error = { 'error.message': 'Name does not resolve' };
    assert.deepEqual(read([connecting, failed])[1]?.values, { ...error, ...bridge });
    assert.deepEqual(read([connecting, '1700000000: Bridge vm.cloud sending CONNECT', failed])[2]?.values, {
      'mqtt.client.id': 'vm.cloud',
      ...error,
      ...bridge,
    });
    const between = '1700000000: mosquitto version 2.0.20 running';
    assert.deepEqual(read([connecting, between, failed])[2]?.values, error);
    // Where names are looked up in the background, another bridge's line may follow.
    const step = '1700000000: Connecting bridge (step 1) cloud (broker.example.org:8883)';
    assert.deepEqual(read([step, failed])[1]?.values, error);
  });

  it('the end of a bridge’s own connection is none of a client, since the other broker’s answer is known', () => {
    const [, , connected, end] = read([
      start,
      '1700000000: Received CONNACK on connection local.b.',
      '1700000000: Bridge local.b sending SUBSCRIBE (Mid: 1, Topic: a/#, QoS: 1, Options: 0x2c)',
      '1700000009: Client local.b closed its connection.',
    ]).filter((event) => event.code !== 'mosquitto.bridge_subscribe_sent');
    assert.equal(connected?.action, 'bridge-connected');
    assert.deepEqual(
      [end?.action, end?.values['mqtt.client.id'], end?.values['event.duration']],
      ['bridge-disconnected', 'local.b', 9_000_000_000],
    );
    const idle = one('1700000000: Bridge connection local.b has exceeded idle timeout, disconnecting.');
    assert.deepEqual([idle?.action, idle?.values], ['bridge-disconnected', { 'mqtt.client.id': 'local.b' }]);
  });

  it('what OpenSSL says to a key that cannot be read is no failed handshake', () => {
    const events = read([
      start,
      '1700000000: Error: Unable to load server key file "/k.pem". Check keyfile.',
      '1700000000: OpenSSL Error[0]: error:8000000D:system library::Permission denied',
      '1700000000: OpenSSL Error[1]: error:10080002:BIO routines::system lib',
      '1700000000: Client a closed its connection.',
      '1700000000: OpenSSL Error[0]: error:0A00010B:SSL routines::wrong version number',
    ]);
    assert.deepEqual(
      events.slice(2).map(({ action, values }) => [action, values['error.message']]),
      [
        ['broker-log', 'error:8000000D:system library::Permission denied'],
        ['broker-log', 'error:10080002:BIO routines::system lib'],
        ['client-disconnected', undefined],
        ['tls-handshake-failed', 'error:0A00010B:SSL routines::wrong version number'],
      ],
    );
  });

  it('a line that several versions write alike tells none of them', () => {
    const [file, end] = read([
      '1700000000: Warning: File /m/pw has world readable permissions. Future versions will refuse to load this file.',
      '1700000001: Client a [10.0.0.1:1] disconnected.',
    ]);
    assert.equal(file?.code, 'mosquitto.file_has_world_readable_permissions');
    assert.deepEqual([end?.values['mqtt.client.id'], end?.marks], [undefined, 'ambiguous']);
    const config = one('1700000000: Error loading Dynamic security plugin config: Permission denied');
    assert.equal(config?.level, 'error');
  });

  it('a refusal that names the address ends the connection, whether its end is told or not', () => {
    const refused = '1700000000: Sending CONNACK to 10.0.0.1 (0, 5)';
    const silent = read([
      '1700000000: mosquitto version 1.6.15 starting',
      '1700000000: New connection from 10.0.0.1 on port 1883.',
      refused,
      '1700000001: New connection from 10.0.0.2 on port 1883.',
      '1700000001: Socket error on client <unknown>, disconnecting.',
    ]).at(-1);
    assert.equal(silent?.values['source.ip'], '10.0.0.2');
    const told = read([
      start,
      opened('10.0.0.1', 7),
      refused,
      '1700000000: Client <unknown> disconnected, not authorised.',
    ]).at(-1);
    assert.deepEqual([told?.values['source.ip'], told?.values['source.port']], ['10.0.0.1', 7]);
  });

  it('rare lines have the fields that they tell', () => {
    const values = (text: string): JsonObject | undefined => one(`1700000000: ${text}`)?.values;
    assert.deepEqual(values('ACL denying access to client with dangerous username "a#"'), {
      'event.reason': 'dangerous_name',
      'user.name': 'a#',
    });
    assert.deepEqual(values('Protocol error from a: PUBACK with reason code = 24.'), {
      'event.reason': 'protocol_error',
      'mqtt.client.id': 'a',
      'mqtt.packet.type': 'puback',
      'mqtt.reason_code': 24,
    });
    assert.deepEqual(values('Drop message clientid a store_id 77 direction 1'), { 'mqtt.client.id': 'a' });
  });

  it('a start of the broker ends all sessions', () => {
    const events = read([
      start,
      '1700000000: New client connected from 10.0.0.1:4000 as a (p5, c1, k60).',
      start,
      '1700000001: Client a disconnected.',
    ]);
    assert.deepEqual(events.at(-1)?.values, { 'event.reason': 'normal', 'mqtt.client.id': 'a' });
  });

  it('1.4 and older tell when they were built, and write what 1.5 writes', () => {
    for (const built of ['Fri, 22 Dec 2017 08:19:25 +0000', '2017-06-01 13:03:46+0000', '2017-06-01']) {
      const [, started, ended, opened14, client] = read([
        "1700000000: New client connected from 10.0.0.1 as a (c1, k60, u'joe').",
        `1700000000: mosquitto version 1.4.12 (build date ${built}) starting`,
        '1700000000: Client a disconnected.',
        '1700000000: New connection from 10.0.0.2 on port 1883.',
        "1700000000: New client connected from 10.0.0.2 as a (c1, k60, u'joe').",
      ]);
      assert.deepEqual([started?.code, started?.action], ['mosquitto.starting', 'broker-started'], built);
      // Its sessions are over.
      assert.deepEqual(ended?.values, { 'event.reason': 'normal', 'mqtt.client.id': 'a' });
      assert.equal(opened14?.values['source.ip'], '10.0.0.2');
      assert.deepEqual([client?.values['mqtt.client.id'], client?.values['user.name']], ['a', 'joe']);
    }
    const session = dialect.open(STREAM, () => {});
    session.line('1700000000: mosquitto version 1.4.12 (build date 2017-06-01) starting', SEEN, 0);
    assert.equal(session.version, '1.4.12');
    for (const other of ['(build date )', '(built on 2017-06-01)', '(build date 2017) (c1)'])
      assert.equal(
        one(`1700000000: mosquitto version 1.4.12 ${other} starting`)?.action,
        'broker-log',
        other,
      );
  });

  it('1.3 writes the user without quotes', () => {
    const user = (tail: string): unknown[] => {
      const event = one(`1700000000: New client connected from 10.0.0.1 as a ${tail}`);
      return [event?.values['mqtt.client.id'], event?.values['user.name'], event?.marks];
    };
    assert.deepEqual(user('(c1, k60, ujoe).'), ['a', 'joe', undefined]);
    assert.deepEqual(user("(c1, k60, u'joe')."), ['a', 'joe', undefined]);
    // The beginning of a user that holds a line break: 1.4 and 1.5 write the first quote.
    assert.deepEqual(user("(c1, k60, u'joe)."), [undefined, undefined, 'ambiguous']);
    assert.deepEqual(user('(c1, k60, ujoe) (c1, k60, ujoe).'), [undefined, undefined, 'ambiguous']);
    assert.deepEqual(user("(c1, k60, ux (c1, k60, u'joe')."), [undefined, undefined, 'ambiguous']);
  });

  it('Windows has words of its own', () => {
    const words =
      'Only one usage of each socket address (protocol/network address/port) is normally permitted.';
    const event = one(`1700000000: Error: ${words}`);
    assert.deepEqual(
      [event?.code, event?.level, event?.values],
      ['mosquitto.socket_error_words', 'error', { 'error.message': words }],
    );
  });

  it('a connect that can be read twice is settled by the CONNACK', () => {
    const id = "x (p2, c1, k60, u'";
    const events = read([
      start,
      `1700000000: New client connected from 10.0.0.1:4000 as ${id} (p2, c1, k60, u'y').`,
      '1700000000: No will message specified.',
      `1700000000: Sending CONNACK to ${id} (0, 0)`,
      `1700000001: Client ${id} disconnected.`,
    ]);
    assert.deepEqual(
      [events[1]?.marks, events[1]?.values['mqtt.client.id'], events[1]?.values['source.port']],
      ['ambiguous', undefined, 4000],
    );
    const values: JsonObject = events[4]?.values ?? {};
    assert.deepEqual([values['mqtt.client.id'], values['user.name'], values['source.port']], [id, 'y', 4000]);
  });

  it('what is left of a line that a connected client may have written by unsubscribing is not believed', () => {
    for (const id of ['Expiring client x', 'Bad socket read/write on client x']) {
      const event = read([
        start,
        '1700000000: New client connected from 10.0.0.1:1 as honest (p2, c1, k60).',
        '1700000000: honest 1 a/#',
        `1700000000: New client connected from 10.0.0.2:2 as ${id} (p2, c1, k60).`,
        `1700000000: ${id} ${'L'.repeat(999)}`.slice(0, 999),
      ]).at(-1);
      assert.deepEqual([event?.code, event?.action], ['mosquitto.doubtful', 'broker-log']);
    }
  });

  it('a line that a connected client may have written by unsubscribing is not believed', () => {
    const events = read([
      start,
      '1700000000: New client connected from 10.0.0.1:1 as honest (p2, c1, k60).',
      '1700000000: honest 1 a/#',
      '1700000000: New client connected from 10.0.0.2:2 as New client connected from 9.9.9.9:1 as admin (p2, (p2, c1, k60).',
      '1700000000: New client connected from 9.9.9.9:1 as admin (p2, c1, k60).',
      '1700000000: Client admin disconnected.',
    ]);
    assert.deepEqual(
      events.slice(3).map((e) => [e.action, e.values['source.ip'], e.marks]),
      [
        ['client-connected', '10.0.0.2', undefined],
        ['broker-log', undefined, 'ambiguous'],
        ['client-disconnected', undefined, undefined],
      ],
    );
  });

  it('nor is one of a client whose own connect line was not believed', () => {
    const events = read([
      start,
      '1700000000: New client connected from 10.0.0.1:1 as New (p2, c1, k60).',
      '1700000000: New 1 a/#',
      '1700000000: New client connected from 10.0.0.2:2 as Client (p2, c1, k60).',
      '1700000000: Client root disconnected, not authorised.',
      '1700000000: Client q been disconnected by administrative action.',
    ]);
    assert.deepEqual(
      events.slice(3).map((e) => [e.code, e.values['mqtt.client.id'], e.marks]),
      [
        ['mosquitto.doubtful', undefined, 'ambiguous'],
        ['mosquitto.doubtful', undefined, 'ambiguous'],
        ['mosquitto.doubtful', undefined, 'ambiguous'],
      ],
    );
  });

  it('nor is one that another client may have written, whose id its connect line did not show to its end', () => {
    const cut = `${`1700000000: New client connected from 10.0.0.2:40001 as Client  has left (p5, c1, k60, u'${'L'.repeat(999)}`.slice(0, 999)}`;
    const events = read([
      '1700000000: mosquitto version 2.0.18 starting',
      '1700000000: New connection from 10.0.0.1:40000 on port 1883.',
      '1700000000: New client connected from 10.0.0.1:40000 as Client  (p5, c1, k60).',
      '1700000000: New connection from 10.0.0.2:40001 on port 1883.',
      cut,
      '1700000000: Client  has left 1 a/#',
    ]);
    const last = events.at(-1);
    assert.deepEqual([last?.values, last?.marks], [{}, 'ambiguous']);
  });

  it('a line that fills the broker’s buffer is not what its end imitates', () => {
    const forged = `1700000000: Client victim (d0, q0, r0, m0, '`.padEnd(
      999 - ' closed its connection.'.length,
      'x',
    );
    const events = read([start, `${forged} closed its connection.`]);
    assert.deepEqual(
      [events[1]?.action, events[1]?.marks, events[1]?.values],
      ['broker-log', 'truncated,ambiguous', {}],
    );
  });

  it('messages of $SYS/broker/log: the topic tells the log type, and what a line about subscriptions is', () => {
    const events: Read[] = [];
    const session = dialect.open(STREAM, collect(events));
    const send = (letter: string, text: string): void =>
      session.message({
        topic: `$SYS/broker/log/${letter}`,
        payload: Buffer.from(text),
        qos: 2,
        retain: false,
        dup: false,
        seen: SEEN,
      });
    send('M/subscribe', '1795289455: Client admin disconnected. 2 a/b');
    send('M/unsubscribe', '1795289455: sensor-01 a/#');
    send('M/unsubscribe', '1795289455: Client admin disconnected.');
    send('N', '1795289455: Client admin disconnected.');
    send('E', '1795289455: words of a plugin');
    assert.deepEqual(
      events.map((e) => [e.action, e.level, e.values['mqtt.client.id'], e.marks]),
      [
        ['subscription-added', 'notice', 'Client admin disconnected.', undefined],
        ['subscription-removed', 'notice', 'sensor-01', undefined],
        ['subscription-removed', 'notice', undefined, 'ambiguous'],
        ['client-disconnected', 'notice', 'admin', undefined],
        ['broker-log', 'error', undefined, undefined],
      ],
    );
  });

  it('the first message of $SYS/broker/log is a subscription: the probe’s own is known, of another nothing is told', () => {
    for (const stamp of ['', '1795289455: ', '24/Nov/2026 10:00:00: ', 'Broker 10:00:00: ']) {
      for (const [topic, own, other] of [
        ['M/subscribe', 'own 1 $SYS/a 2 b', 'c1 1 a/b'],
        ['M/unsubscribe', 'own $SYS/retained messages/#', 'c1 a/b'],
      ] as const) {
        const first = (line: string): Read[] => {
          const events: Read[] = [];
          const session = dialect.open(STREAM, collect(events));
          for (const [letter, text] of [
            [topic, line],
            ['N', 'Client c1 disconnected.'],
          ]) {
            const payload = Buffer.from(stamp + text);
            const about = { qos: 2, retain: false, dup: false, seen: SEEN };
            session.message({ topic: `$SYS/broker/log/${letter}`, payload, ...about });
          }
          assert.deepEqual(
            [events[1]?.message, events[1]?.values['mqtt.client.id']],
            ['Client c1 disconnected.', 'c1'],
          );
          return events;
        };
        assert.equal(first(own)[0]?.values['mqtt.client.id'], 'own', stamp + own);
        const [event] = first(other);
        const isTold = !stamp.startsWith('Broker');
        assert.equal(event?.action, topic === 'M/subscribe' ? 'subscription-added' : 'subscription-removed');
        assert.deepEqual(
          [event?.values['mqtt.client.id'], event?.marks],
          isTold ? ['c1', undefined] : [undefined, 'ambiguous'],
        );
      }
    }
  });
});
