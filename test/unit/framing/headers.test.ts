import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Mark } from '../../../src/core/event.ts';
import type { RecordHeader } from '../../../src/core/header.ts';
import type { JournalRecord } from '../../../src/core/source.ts';
import { canDetect, detectFraming, openDecoder, type TextFraming } from '../../../src/framing/detect.ts';
import { decodeRecords } from '../../../src/framing/journal-record/decode.ts';
import { encodeRecord } from '../../../src/framing/journal-record/encode.ts';
import { RecordIds } from '../../../src/framing/journal-record/ids.ts';
import { RecordBuffer } from '../../../src/framing/journal-record/run.ts';

interface Read {
  text: string;
  seen: number | undefined;
  marks: number;
  length: number | undefined;
  header: RecordHeader | undefined;
}

function read(
  framing: TextFraming,
  bytes: string | Buffer,
  options: { program?: string; timezone?: string; limit?: number } = {},
): Read[] {
  const { program, timezone, limit = 1e6 } = options;
  const decode = openDecoder(framing, {
    program: program ?? 'mosquitto',
    isChosen: program !== undefined,
    timezone,
  });
  const all: Read[] = [];
  const buffer = Buffer.from(bytes);
  const used = decode(buffer, 0, buffer.length, limit, true, (text, _start, marks, seen, length, header) => {
    all.push({ text, seen, marks, length, header });
    return true;
  });
  assert.equal(used, buffer.length);
  return all;
}

const one = (framing: TextFraming, line: string, options = {}): Read => {
  const [first, ...more] = read(framing, `${line}\n`, options);
  assert.ok(first !== undefined && more.length === 0);
  return first;
};

const TIME = Date.parse('2026-11-21T19:17:42.123Z');
const syslog = (fields: object): object => ({ 'log.syslog.appname': 'mosquitto', ...fields });

describe('headers of log systems', () => {
  it('syslog lines of every form', () => {
    const host = { 'log.syslog.hostname': 'h1', 'host.name': 'h1' };
    const cases: [string, number | undefined, object, string?][] = [
      [
        '2026-11-21T19:17:42.123456+00:00 h1 mosquitto[65]: text: here',
        TIME,
        syslog({ 'log.syslog.procid': '65', ...host }),
      ],
      ['2026-11-21T20:17:42.123+01:00 h1 mosquitto: text: here', TIME, syslog(host)],
      [
        '<30>2026-11-21T19:17:42.123Z h1 mosquitto[65]:text: here',
        TIME,
        syslog({ 'event.severity': 6, 'log.syslog.priority': 30, 'log.syslog.procid': '65', ...host }),
        'info',
      ],
      [
        '<158>1 2026-11-21T19:17:42.123Z h1 mosquitto 65 - - text: here',
        TIME,
        syslog({ 'event.severity': 6, 'log.syslog.priority': 158, 'log.syslog.procid': '65', ...host }),
        'info',
      ],
      [
        '<157>1 2026-11-21T19:17:42.123Z - mosquitto - ID7 [a@1 k="] \\" \\\\"][b] \ufefftext: here',
        TIME,
        syslog({ 'event.severity': 5, 'log.syslog.priority': 157 }),
        'notice',
      ],
      [
        '<155>1 - h1 mosquitto - - -  text: here',
        undefined,
        syslog({ 'event.severity': 3, 'log.syslog.priority': 155, ...host }),
        'error',
      ],
    ];
    for (const [line, seen, fields, level] of cases) {
      const got = one('syslog', line);
      assert.deepEqual(
        {
          text: got.text,
          seen: got.seen,
          fields: got.header?.fields,
          level: got.header?.level,
          marks: got.marks,
        },
        { text: 'text: here', seen, fields, level, marks: Mark.none },
        line,
      );
      assert.equal(got.header?.origin, 'broker');
      assert.equal(detectFraming(Buffer.from(`${line}\n`)), 'syslog', line);
    }
  });

  it('what journalctl prints, in each of its forms and in any language', () => {
    const time = Date.parse('2026-11-21T19:17:42Z');
    const cases: [string, number | undefined][] = [
      ['2026-11-21T20:17:42+0100', time],
      ['2026-11-21T20:17:42.123456+0100', time + 123],
      ['Sat 2026-11-21 20:17:42 CET', time],
      ['Sat 2026-11-21 20:17:42.123456 CET', time + 123],
      ['1795288662.123456', time + 123],
      ['nov. 21 20:17:42', undefined],
      ['\u043d\u043e\u044f 21 20:17:42', undefined],
      [' 11\u6708 21 20:17:42', undefined],
    ];
    for (const [stamp, seen] of cases) {
      const line = `${stamp} h1 mosquitto[65]: 1795288662: x`;
      const got = one('syslog', line, { timezone: 'Europe/Berlin' });
      assert.deepEqual(
        [got.text, got.seen, got.header?.fields],
        [
          '1795288662: x',
          seen,
          syslog({ 'log.syslog.procid': '65', 'log.syslog.hostname': 'h1', 'host.name': 'h1' }),
        ],
        line,
      );
      assert.equal(detectFraming(Buffer.from(`${line}\n`)), 'syslog', line);
    }
    const precise = one('syslog', 'Jan 05 12:00:00.123456 h mosquitto[1]: x', { timezone: 'UTC' });
    assert.equal(new Date(precise.seen ?? 0).toISOString().slice(4), '-01-05T12:00:00.123Z');
  });

  it('what journalctl prints around entries is nobody’s line, and does not hide the form of those behind', () => {
    const banners = [
      '-- Logs begin at Sat 2026-11-21 19:00:00 CET, end at Sun 2026-11-22 10:00:00 CET. --',
      '-- Journal begins at Sat 2026-11-21 19:00:00 CET. --',
      '-- Boot 0123456789abcdef0123456789abcdef --',
    ];
    for (const banner of banners) {
      const log = `${banner}\nNov 21 19:17:42 h mosquitto[1]: x\n-- Reboot --\n`;
      assert.equal(detectFraming(Buffer.from(log)), 'syslog', banner);
      assert.deepEqual(
        read('syslog', log).map(({ text, header }) => [text, header?.origin]),
        [
          [banner, 'other'],
          ['x', 'broker'],
          ['-- Reboot --', 'other'],
        ],
      );
      assert.equal(detectFraming(Buffer.from(`${banner}\n1795288662: x\n`)), 'lines');
      assert.equal(canDetect(Buffer.from(`${banner}\nNov 21`)), false);
      assert.equal(canDetect(Buffer.from(log)), true);
    }
    assert.equal(one('syslog', '-- x --').header?.origin, 'unknown');
  });

  it('the facility and level that busybox and OpenWrt write', () => {
    const fields = syslog({ 'event.severity': 5, 'log.syslog.priority': 29, 'log.syslog.procid': '65' });
    const host = { 'log.syslog.hostname': 'h1', 'host.name': 'h1' };
    for (const [line, expected] of [
      ['Sat Nov 21 19:17:42 2026 daemon.notice mosquitto[65]: x', fields],
      ['Nov 21 19:17:42 h1 daemon.notice mosquitto[65]: x', { ...fields, ...host }],
    ] as const) {
      const got = one('syslog', line, { timezone: 'UTC' });
      assert.deepEqual([got.text, got.header?.fields, got.header?.level], ['x', expected, 'notice'], line);
      assert.equal(detectFraming(Buffer.from(`${line}\n`)), 'syslog', line);
    }
    const logread = one('syslog', 'Sat Nov 21 19:17:42 2026 daemon.err mosquitto[65]: x', {
      timezone: 'UTC',
    });
    assert.deepEqual([logread.seen, logread.header?.level], [Date.parse('2026-11-21T19:17:42Z'), 'error']);
    assert.equal(one('syslog', 'Sat Nov 21 19:17:42 2026 kern.info kernel: [1.2] x').header?.origin, 'other');
  });

  it('stamps without a year or a zone: of the last twelve months, in the zone given', () => {
    const stampOf = (time: number): string => {
      const [, day = '', month, clock] =
        /(\d\d) (\w{3}) \d{4} ([\d:]{8})/.exec(new Date(time).toUTCString()) ?? [];
      return `${month} ${day.replace(/^0/, ' ')} ${clock}`;
    };
    const day = 86_400_000;
    for (const age of [0, 1, 40, 200, 360]) {
      const time = Math.floor(Date.now() / 1000) * 1000 - age * day;
      const got = one('syslog', `${stampOf(time)} h mosquitto[1]: x`, { timezone: 'UTC' });
      assert.equal(got.seen, time, String(age));
    }
    const berlin = one('syslog', 'Jan  5 12:00:00 h mosquitto[1]: x', { timezone: 'Europe/Berlin' });
    assert.equal(new Date(berlin.seen ?? 0).toISOString().slice(4), '-01-05T11:00:00.000Z');
    const datagram = one('syslog', '<158>Nov 21 19:17:42 mosquitto[65]: x');
    assert.deepEqual(
      [datagram.text, datagram.header?.fields],
      ['x', syslog({ 'event.severity': 6, 'log.syslog.priority': 158, 'log.syslog.procid': '65' })],
    );
  });

  it('lines of other programs are told apart; lines without a header are nobody’s', () => {
    const origin = (line: string, options = {}): string | undefined =>
      one('syslog', line, options).header?.origin;
    const at = '2026-11-21T19:17:42.123456+00:00 h';
    assert.equal(origin(`${at} mosquitto[1]: x`), 'broker');
    assert.equal(origin(`${at} mosquitto-edge[1]: x`), 'other');
    assert.equal(origin(`${at} mosquitto-edge[1]: x`, { program: 'mosquitto*' }), 'broker');
    // Docker's log drivers write what `tag` says, often the name of the image.
    const image = one('syslog', `${at} acme/addon-mosquitto:6.0.1/addon_mosquitto[453]: 1642965359: x`, {
      program: '*/addon_mosquitto',
    });
    assert.deepEqual(
      [image.header?.origin, image.text, image.header?.fields['log.syslog.procid']],
      ['broker', '1642965359: x', '453'],
    );
    assert.equal(one('syslog', `${at} mosquitto:x[y]: z`).text, 'x[y]: z');
    for (const line of [
      'CRON[2]: mosquitto[1]: x',
      'kernel: x',
      '-- MARK --',
      'last message repeated 3 times',
      'sshd(pam)[3]: x',
    ])
      assert.equal(origin(`${at} ${line}`), 'other', line);
    for (const line of [
      '1795288662: New connection from 1.2.3.4:5 on port 1883.',
      'New connection from 1.2.3.4:5 on port 1883.',
      '<192>Nov 21 19:17:42 h mosquitto[1]: x',
      '<1>1 2026-11-21T19:17:42Z h mosquitto - - [a x',
      '2026-11-21T19:17:42.123456+00:00',
      'Nov 99 19:17 h mosquitto[1]: x',
      '<',
    ]) {
      assert.equal(origin(line), 'unknown', line);
      assert.equal(one('syslog', line).text, line);
    }
    assert.equal(one('syslog', '').header, undefined);
  });

  it('a TAB that rsyslog or journalctl has replaced comes back, and no client id becomes one', () => {
    const cases: [string, string, boolean][] = [
      ['h mosquitto[1]: #011a/b (QoS 1)', '\ta/b (QoS 1)', false],
      ['h mosquitto[1]: #011a/b', '\ta/b', false],
      ['h mosquitto[1]: 1795288662: #011a/b (QoS 1)', '1795288662: \ta/b (QoS 1)', false],
      ['h mosquitto[1]: 21/Nov/2026 19:16:15: #011a/b', '21/Nov/2026 19:16:15: \ta/b', false],
      ['h mosquitto[1]: Sat Nov 21 19:16:15 2026: #011a/b', 'Sat Nov 21 19:16:15 2026: \ta/b', false],
      ['h mosquitto[1]: #011id 1 a/b', '#011id 1 a/b', true],
      ['h mosquitto[1]: #011odd filter (QoS 1)', '\todd filter (QoS 1)', true],
      ['h mosquitto[1]: Client x: #011y disconnected.', 'Client x: #011y disconnected.', false],
      [
        'h mosquitto[1]: 1795288662: Client #011 disconnected.',
        '1795288662: Client #011 disconnected.',
        false,
      ],
    ];
    for (const [escaped, expected, isAmbiguous] of cases) {
      for (const tab of ['#011', '        ']) {
        const [line, text] = [escaped.replace('#011', tab), expected.replace('#011', tab)];
        const got = one('syslog', `Nov 21 19:17:42 ${line}`);
        assert.deepEqual([got.text, got.marks === Mark.ambiguous], [text, isAmbiguous], line);
      }
    }
    const withLevel = (priority: number): string =>
      one('syslog', `<${priority}>1 2026-11-21T19:17:42Z h mosquitto 1 - - #011id 1 a/b`).text;
    assert.deepEqual([withLevel(159), withLevel(157)], ['\tid 1 a/b', '#011id 1 a/b']);
  });

  it('what is remembered from line to line changes nothing', () => {
    const word = (...words: string[]): fc.Arbitrary<string> => fc.constantFrom(...words);
    const line = fc
      .tuple(
        word('', '<158>', '<157>', '<9>'),
        word('', '1 '),
        word(
          ...['Nov 21 19:17:42', 'Nov 21 19:17:43', '2026-11-21T19:17:42.1Z', '-', ''],
          ...['2026-11-21T19:17:42+0100', 'nov 21 19:17:42', 'Sat Nov 21 19:17:42 2026', '1795288662.123456'],
        ),
        word(' h', ' h2', '', ' daemon.err', ' h daemon.err'),
        word(' mosquitto[1]:', ' mosquitto[12]:', ' mosquitto:', ' last', ' lastlog:', ' mosquitto 1 - -'),
        word(' x', 'x', '', ' Nov 21 19:17:42 h mosquitto[1]: y'),
      )
      .map((parts) => parts.join(''));
    const facts = ({ text, seen, header }: Read): unknown => [text, seen, header];
    fc.assert(
      fc.property(fc.array(line, { minLength: 2, maxLength: 12 }), (lines) => {
        const clean = lines.filter((l) => l !== '');
        const together = clean.length === 0 ? [] : read('syslog', `${clean.join('\n')}\n`).map(facts);
        assert.deepEqual(
          together,
          clean.map((l) => facts(one('syslog', l))),
        );
      }),
    );
  });

  it('entries of a real journal', () => {
    const bytes = readFileSync(new URL('../../data/journald.jsonl', import.meta.url));
    assert.equal(detectFraming(bytes), 'journald');
    const all = read('journald', bytes);
    const own = all.filter(({ header }) => header?.origin === 'broker');
    assert.deepEqual(
      all.filter(({ header }) => header?.origin === 'other').map(({ text }) => text.split(' ')[0]),
      ['Journal', 'Runtime', 'hello'],
    );
    const subscribed = own.find(({ text }) => text.endsWith('\ta/b (QoS 0)'));
    assert.equal(subscribed?.header?.level, 'debug');
    assert.equal(new Date(subscribed?.seen ?? 0).toISOString(), '2026-11-24T15:12:32.760Z');
    assert.deepEqual(subscribed?.header?.fields, {
      'event.severity': 7,
      'log.syslog.priority': 31,
      'log.syslog.appname': 'mosquitto',
      'log.syslog.procid': '18178',
      'log.syslog.hostname': 'plant-a',
      'host.name': 'plant-a',
    });
    // What came through standard output has the priority of all such lines.
    const printed = own.find(({ text }) => text === 'stdout line');
    assert.equal(printed?.header?.level, undefined);
    assert.equal(printed?.header?.fields['log.syslog.priority'], undefined);
  });

  it('messages that are no string, and lines that are no entry', () => {
    const entry = (message: string, more = ''): string =>
      `{"SYSLOG_IDENTIFIER":"mosquitto"${more},"MESSAGE":${message}}`;
    const texts = (line: string): unknown => {
      const { text, marks, header } = one('journald', line);
      return [text, marks, header?.origin];
    };
    assert.deepEqual(texts(entry('[65,195,164,27]')), ['Aä\x1b', Mark.none, 'broker']);
    assert.deepEqual(texts(entry('[255,65]')), ['\ufffdA', Mark.invalidUtf8, 'broker']);
    assert.deepEqual(texts(entry('["first","second"]')), ['first', Mark.none, 'broker']);
    assert.deepEqual(texts(entry('null')), ['', Mark.truncated, 'broker']);
    assert.deepEqual(texts('{"MESSAGE":"x"}'), ['x', Mark.none, 'other']);
    for (const line of ['{"A":1}', '[]', 'null', '{', '-- No entries --'])
      assert.deepEqual(texts(line), [line, Mark.none, 'unknown']);
    const cut = read('journald', `${entry(JSON.stringify('ä'.repeat(50)))}\n`, { limit: 20 });
    assert.deepEqual([cut[0]?.text, cut[0]?.length], ['ä'.repeat(10), 100]);
  });

  it('what docker, compose and kubectl print', () => {
    const stamp = '2026-11-21T19:17:42.123456789Z';
    const cases: [TextFraming, string, number | undefined, string | undefined][] = [
      ['timestamps', `${stamp} text`, TIME, undefined],
      ['timestamps', '2026-11-21T20:17:42.123456789+01:00 text', TIME, undefined],
      ['prefix', 'mosquitto-1  | text', undefined, 'mosquitto-1'],
      ['prefix', '[pod/mosquitto-0/broker] text', undefined, 'broker'],
      ['prefix-timestamps', `mosquitto-1  | ${stamp} text`, TIME, 'mosquitto-1'],
      ['prefix-timestamps', `[pod/mosquitto-0/broker] ${stamp} text`, TIME, 'broker'],
    ];
    for (const [framing, line, seen, container] of cases) {
      const bytes = Buffer.from(`${line}\n`);
      assert.equal(detectFraming(bytes), framing, line);
      const got = one(framing, line);
      assert.deepEqual(
        [got.text, got.seen, got.header?.fields['container.name'], got.header?.origin ?? 'broker'],
        ['text', seen, container, 'broker'],
        line,
      );
      assert.equal(one(framing, 'text').header?.origin, 'unknown');
    }
    assert.equal(one('prefix', 'web-1  | x').header?.origin, 'broker');
    assert.equal(one('prefix', 'web-1  | x', { program: 'mosquitto*' }).header?.origin, 'other');
    assert.equal(one('timestamps', stamp).text, '');
  });

  it('the first line decides: no line behind it imitates a header', () => {
    const imitations = [
      '<158>Nov 21 19:17:42 host mosquitto[1]: 1795288662: x',
      'Nov 21 19:17:42 host mosquitto[1]: x',
      '{"MESSAGE":"x","SYSLOG_IDENTIFIER":"mosquitto"}',
      '2026-11-21T19:17:42.123456789Z x',
      'mosquitto-1  | x',
      '{"log":"x\\n","stream":"stdout","time":"2026-11-21T19:17:42Z"}',
    ];
    const plain = '1795288662: mosquitto version 2.0.11 starting';
    const bytes = Buffer.from(`${[plain, ...imitations].join('\n')}\n`);
    assert.equal(detectFraming(bytes), 'lines');
    assert.deepEqual(
      read('lines', bytes).map(({ text }) => text),
      [plain, ...imitations],
    );
    // Inside a syslog line too, only what the daemon wrote counts.
    const inner = one('syslog', `Nov 21 19:17:42 h mosquitto[1]: ${imitations[0]}`);
    assert.deepEqual([inner.text, inner.header?.fields['log.syslog.priority']], [imitations[0], undefined]);
    const printed = one('prefix', `mosquitto-1  | ${imitations[3]}`);
    assert.deepEqual([printed.text, printed.seen], [imitations[3], undefined]);
  });

  it('stamps that a broker itself writes are no headers', () => {
    for (const line of [
      '1795288662: mosquitto version 2.0.11 starting',
      'mosquitto version 2.0.11 starting',
      '2026-11-21T19:16:17: x',
      '2026-11-21T19:16:17+0000: x',
      '2026-11-21 19:16:17: x',
      'Nov 21 19:17:42: New connection from 1.2.3.4:5 on port 1883.',
      'Nov 21 19:17:42 CET: New connection from 1.2.3.4:5 on port 1883.',
      'Nov 21 19:17:42 2026: New connection from 1.2.3.4:5 on port 1883.',
      'Nov 21 19:17:42 2026 CET: New connection from 1.2.3.4:5 on port 1883.',
      'Sat Nov 21 19:17:42 2026: x',
      'Sat Nov 21 19:17:42 2026 CET: x',
      'Sat 2026-11-21 19:17:42 CET: x',
      '1795288662.123456: x',
      '2026-11-21T19:17:42.123456+0000 [info] x: y',
      'nov 21 19:17:42: New connection from 1.2.3.4:5 on port 1883.',
      '21/Nov/2026 19:16:15: x',
      'Client a | b disconnected.',
      '',
    ])
      assert.equal(detectFraming(Buffer.from(`${line}\n`)), 'lines', line);
    assert.equal(
      detectFraming(Buffer.from('2026-11-21T19:17:42.123456789Z Client x: disconnected.\n')),
      'timestamps',
    );
    assert.equal(canDetect(Buffer.from('Nov 21 19:17:42 h mosq')), false);
    assert.equal(canDetect(Buffer.alloc(1024, 'x')), true);
  });

  it('a header goes through the journal of standard input, as the same object for the same header', () => {
    const { header } = one('syslog', '<158>1 2026-11-21T19:17:42Z h mosquitto 1 - - x');
    const record: JournalRecord = {
      type: 'line',
      seen: 1,
      text: Buffer.from('grün'),
      marks: Mark.ambiguous,
      header,
    };
    const run = new RecordBuffer(Buffer.alloc(1000));
    for (let i = 0; i < 2; i++) encodeRecord(record, i, new RecordIds(), run);
    const back: JournalRecord[] = [];
    decodeRecords(run.bytes, run.length, 0, (one) => {
      back.push(one);
      return 'more';
    });
    assert.deepEqual(back, [record, record]);
    const [first, second] = back.map((r) => (r.type === 'line' ? r.header : undefined));
    assert.ok(first !== undefined && first === second);
  });
});
