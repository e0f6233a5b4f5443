import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/mosquitto/index.ts';
import { collect, one, type Read, read, SEEN, STREAM } from '../../../support/mosquitto-reading.ts';

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
    ['broker-7 2026-11-21T19:16:17: ', '2026-11-21T19:16:17.000Z'],
    ['2026-11-21T19:16:17.000Z: ', '2026-11-21T19:16:17.000Z'],
    ['gw 2 1700000000: ', '2023-11-14T22:13:20.000Z'],
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

  describe('the tag that syslog(3) writes on a console', () => {
    const fields = (lines: readonly string[]): unknown[] => read(lines).map((e) => [e.code, e.message]);

    it('is no part of the message', () => {
      assert.deepEqual(
        fields([
          'mosquitto[1]: mosquitto version 1.4.12 (build date 2017-06-01 13:03:46+0000) starting',
          'mosquitto[1]: Opening ipv4 listen socket on port 1883.',
          'another program',
          'mosquitto[1]: Client c1 disconnected.',
        ]),
        [
          ['mosquitto.starting', 'mosquitto version 1.4.12 (build date 2017-06-01 13:03:46+0000) starting'],
          ['mosquitto.listening', 'Opening ipv4 listen socket on port 1883.'],
          ['mosquitto.continuation', 'another program'],
          ['mosquitto.client_disconnected_normally', 'Client c1 disconnected.'],
        ],
      );
    });

    it('stands before a stamp too', () => {
      const lines = [
        '1700000000: mosquitto version 2.0.22 starting',
        '1700000001: No will message specified.',
      ];
      const events = read(lines.map((line) => `mosquitto[71]: ${line}`));
      assert.deepEqual(
        events.map((e) => [e.message, e.time]),
        [
          ['mosquitto version 2.0.22 starting', '2023-11-14T22:13:20.000Z'],
          ['No will message specified.', '2023-11-14T22:13:21.000Z'],
        ],
      );
    });

    it('has another number when the broker has started anew, and at no other time', () => {
      assert.deepEqual(
        fields([
          'mosquitto[1]: mosquitto version 2.0.22 running',
          ...Array.from({ length: 100 }, () => 'mosquitto[1]: No will message specified.'),
          'mosquitto[2]: Client c1 disconnected.',
          'mosquitto[7]: mosquitto version 2.0.22 starting',
          'mosquitto[7]: Client c1 disconnected.',
        ]).slice(101),
        [
          ['mosquitto.continuation', 'mosquitto[2]: Client c1 disconnected.'],
          ['mosquitto.starting', 'mosquitto version 2.0.22 starting'],
          ['mosquitto.client_disconnected_normally', 'Client c1 disconnected.'],
        ],
      );
    });

    it('has no time: a line has its own', () => {
      const events: Read[] = [];
      const session = dialect.open(STREAM, collect(events));
      for (const seconds of [0, 60])
        session.line('mosquitto[1]: No will message specified.', SEEN + seconds * 1000, 0);
      assert.deepEqual(
        events.map((e) => e.time),
        ['2026-11-21T20:00:00.000Z', '2026-11-21T20:01:00.000Z'],
      );
    });

    it('is a client’s text in a log that has other lines', () => {
      for (const stamp of ['', '1700000000: ']) {
        const lines = [`${stamp}mosquitto version 2.0.22 running`, 'mosquitto[1]: Client c1 disconnected.'];
        assert.doesNotMatch(read(lines)[1]?.code ?? '', /disconnected/, stamp);
      }
    });
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

  it('what an authentication plugin prints with epoch seconds of its own has its time', () => {
    const events = read([
      '2026-11-21T19:16:17: mosquitto version 1.6.12 starting',
      '1700000000: |-- *** auth-plug: startup',
      '2026-11-21T19:16:18: Config loaded from /m.conf.',
      '1700000001: |-- getuser(a) AUTHENTICATED=1 by http',
      '1700000002: Client admin disconnected.',
    ]);
    assert.deepEqual(
      events.map((e) => [e.code.slice(10), e.time.slice(0, 10), e.message.slice(0, 10)]),
      [
        ['starting', '2026-11-21', 'mosquitto '],
        ['log', '2023-11-14', '|-- *** au'],
        ['config_loaded', '2026-11-21', 'Config loa'],
        ['log', '2023-11-14', '|-- getuse'],
        ['continuation', '2026-11-21', '1700000002'],
      ],
    );
    const broken = read([
      '2026-11-21T19:16:17: mosquitto version 2.0.11 starting',
      "2026-11-21T19:16:18: New client connected from 10.0.0.5:51234 as c (p2, c1, k60, u'cn",
      '1700000001: |-- getuser(a) AUTHENTICATED=1 by http',
      "').",
    ]);
    assert.deepEqual(
      broken.slice(2).map((e) => [e.action, e.time.slice(0, 10)]),
      [
        ['broker-log', '2026-11-21'],
        ['broker-log', '2026-11-21'],
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
