import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { EVENT } from '../../../../src/brokers/emqx/events/kinds.ts';
import { dialect } from '../../../../src/brokers/emqx/index.ts';
import { LOG } from '../../../../src/brokers/emqx/log/kinds.ts';
import { UnparsedRecord } from '../../../../src/core/errors.ts';
import { ACTIONS } from '../../../../src/ecs/actions.ts';
import { CATALOGUE } from '../../../../src/ecs/catalogue.ts';
import type { Field } from '../../../../src/ecs/fields/field.ts';
import { detectFraming } from '../../../../src/framing/detect.ts';
import { EMQX_STREAM, entriesOf, type Read, reader } from '../../../support/emqx.ts';

const GOLDEN = new URL('../../../golden/emqx/', import.meta.url);

/** What made each entry of the golden files: `kind` is the broker and the form. */
interface Label {
  readonly file: string;
  readonly line: number;
  readonly lines: number;
  readonly kind: string;
}

const LABELS: readonly Label[] = readFileSync(new URL('index.jsonl', GOLDEN), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));
const FILES = [...new Set(LABELS.map(({ file }) => file))];

const PROVIDERS: Readonly<Record<string, string>> = {
  'emqx.audit': 'emqx-audit',
  'emqx.audit.text': 'emqx-audit',
  'emqx.event': 'emqx-event',
  'emqx4.event': 'emqx-event',
  'emqx4.webhook': 'emqx-event',
  'emqx.sys': 'sys-topics',
  'emqx4.sys': 'sys-topics',
};

/** Events of a golden file by entry; numbers of an interval that is not over have none. */
function readFile(file: string): { line: number; lines: number; events: Read[] }[] {
  const { events, session } = reader();
  return entriesOf(readFileSync(new URL(file, GOLDEN))).map(({ text, line, lines }) => {
    const before = events.length;
    const isCaptured = file.includes('sys.') || file.includes('-sys');
    if (!isCaptured) session.line(text, EMQX_STREAM.seen, 0);
    else {
      const { topic, payload } = JSON.parse(text);
      const message = {
        topic,
        payload: Buffer.from(payload),
        qos: 0,
        retain: false,
        dup: false,
        seen: EMQX_STREAM.seen,
      };
      if (dialect.owns?.(topic) === true) session.message(message);
    }
    return { line, lines, events: events.slice(before) };
  });
}

describe('EMQX: golden files', () => {
  for (const file of FILES) {
    const labels = LABELS.filter((label) => label.file === file);

    it(`${file}: every event as it was looked over`, () => {
      const golden = new URL(
        `${file.replace(/\.(log|jsonl)$/, '')}-${file.endsWith('.log') ? 'log' : 'jsonl'}.events`,
        GOLDEN,
      );
      const text = readFile(file)
        .flatMap(({ events }) => events)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join('');
      if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(golden, text);
      const want = readFileSync(golden, 'utf8').split('\n');
      for (const [i, line] of text.split('\n').entries()) assert.equal(line, want[i], `event ${i}`);
    });

    it(`${file}: nothing stands around its lines`, () => {
      assert.equal(detectFraming(readFileSync(new URL(file, GOLDEN))), 'lines');
    });

    it(`${file}: one event for each entry, of the kind that it is`, () => {
      const entries = readFile(file);
      assert.deepEqual(
        entries.map(({ line, lines }) => [line, lines]),
        labels.map(({ line, lines }) => [line, lines]),
      );
      for (const [i, { events }] of entries.entries()) {
        const { kind = '', line } = labels[i] ?? {};
        const place = `${file}:${line} ${kind}`;
        const [event] = events;
        if (events.length === 0) {
          // The documents of whole intervals have golden files of their own.
          assert.ok(kind.endsWith('.sys'), place);
          continue;
        }
        assert.equal(events.length, 1, place);
        assert.equal(event?.provider, PROVIDERS[kind] ?? 'emqx-log', place);
        assert.equal(event?.code === 'emqx.crash', kind.endsWith('.crash') || isReport(event), place);
        assert.match(event?.code ?? '', /^[a-z0-9_.]{1,64}$/);
      }
    });
  }

  it('the text and the JSON of the same records give the same actions and fields', () => {
    for (const version of ['58', '62']) {
      const text = readFile(`emqx${version}-text.log`).flatMap(({ events }) => events);
      const json = readFile(`emqx${version}-json.jsonl`).flatMap(({ events }) => events);
      assert.equal(text.length, json.length);
      for (const [i, fromJson] of json.entries()) {
        const fromText = text[i];
        assert.equal(fromText?.action, fromJson.action, fromJson.message);
        assert.equal(fromText?.time, fromJson.time);
        if (fromText?.marks?.includes('ambiguous') === true) continue;
        for (const [field, value] of Object.entries(fromText?.values ?? {})) {
          if (field === 'mqtt.log.fields' || field === 'error.message') continue;
          assert.deepEqual(value, fromJson.values[field], `${fromJson.message} ${field}`);
        }
      }
    }
  });
});

/** Reports of OTP that the labels count among the free lines. */
function isReport(event: Read | undefined): boolean {
  return /^(Generic server|supervisor:|crasher:|\*\* Generic|=SUPERVISOR)/.test(event?.message ?? '');
}

const one = (text: string): Read | undefined => {
  const { events, session } = reader();
  session.line(text, EMQX_STREAM.seen, 0);
  return events[0];
};
const STAMP = '2025-05-14T06:40:40.137021+00:00';

describe('EMQX: events whose rule has left out their name', () => {
  it('are told by their fields, and say so', () => {
    for (const file of ['emqx44-events', 'emqx58-events', 'emqx62-events', 'events.real'])
      for (const line of readFileSync(new URL(`${file}.jsonl`, GOLDEN), 'utf8')
        .trim()
        .split('\n')) {
        const { event, ...rest } = JSON.parse(line);
        const { events, session } = reader();
        session.line(JSON.stringify({ event, ...rest }), EMQX_STREAM.seen, 0);
        session.line(JSON.stringify(rest), EMQX_STREAM.seen, 0);
        const [named, inferred] = events;
        assert.equal(inferred?.action, named?.action, event);
        assert.deepEqual(inferred?.values, named?.values, event);
        assert.match(inferred?.marks ?? '', /derived/);
      }
  });

  it('where the fields do not tell, nothing is guessed', () => {
    for (const body of [{ clientid: 'a' }, { topic: 't', payload: 'x' }, { clientid: 'a', topic: 't' }]) {
      const { session } = reader();
      assert.throws(() => session.line(JSON.stringify(body), 0, 0), UnparsedRecord);
    }
  });
});

describe('EMQX: kinds of events', () => {
  it('every field of a kind belongs to its dataset', () => {
    const kinds = [...Object.values(LOG), ...Object.values(EVENT).flatMap(({ event, sys }) => [event, sys])];
    for (const { action, slots, constants } of kinds)
      for (const name of [...slots, ...Object.keys(constants)]) {
        const datasets = (CATALOGUE as Readonly<Record<string, Field>>)[name]?.datasets;
        assert.ok(datasets === undefined || datasets.includes(ACTIONS[action].dataset), `${action} ${name}`);
      }
  });
});

describe('EMQX: text that clients control', () => {
  it('an id that imitates keys: nothing of it is believed', () => {
    const event = one(
      `${STAMP} [warning] tag: AUTHN, clientid: a, username: admin, msg: authentication_failure, peername: 9.9.9.9:1, peername: 10.0.0.1:5, reason: not_authorized`,
    );
    assert.equal(event?.action, 'client-authentication-failed');
    assert.equal(event?.marks, 'ambiguous');
    for (const field of ['mqtt.client.id', 'user.name', 'source.ip'])
      assert.equal(event?.values[field], undefined);
  });

  it('an id that adds a user where none was', () => {
    const event = one(
      `${STAMP} [warning] tag: AUTHN, clientid: a, username: admin, msg: authentication_failure, peername: 10.0.0.1:5, reason: banned`,
    );
    assert.deepEqual([event?.marks, event?.values['user.name']], ['ambiguous', undefined]);
  });

  it('a topic, a line break and bytes that are no UTF-8 are marked', () => {
    const line = (id: string): string =>
      `${STAMP} [warning] tag: AUTHN, clientid: ${id}, msg: authentication_failure, peername: 10.0.0.1:5, reason: banned`;
    for (const id of ['bad, id', '<<255,254,1>>']) {
      assert.deepEqual([one(line(id))?.marks, one(line(id))?.values['mqtt.client.id']], ['ambiguous', id]);
    }
    assert.equal(one(line('fine'))?.marks, undefined);
  });

  it('an id with brackets and quotation marks hides nothing', () => {
    for (const id of ['a{b', '#{', '<<"', '((((', 'a"b', "it's"]) {
      const event = one(
        `${STAMP} [warning] tag: AUTHN, clientid: ${id}, msg: authentication_failure, peername: 10.0.0.1:5, reason: banned`,
      );
      assert.equal(event?.action, 'client-authentication-failed', id);
      assert.equal(event?.values['source.ip'], '10.0.0.1', id);
    }
  });

  it('the keys may come in any order', () => {
    const event = one(
      `${STAMP} [warning] clientid: a, peername: 10.0.0.1:5, username: u, pid: <0.1.0>, reason: not_authorized, tag: AUTHN, msg: authentication_failure`,
    );
    assert.deepEqual(
      [
        event?.action,
        event?.marks,
        event?.values['mqtt.client.id'],
        event?.values['user.name'],
        event?.values['mqtt.log.tag'],
      ],
      ['client-authentication-failed', undefined, 'a', 'u', 'AUTHN'],
    );
  });

  it('early 5.0: a topic that looks like the address behind a payload', () => {
    const event = one(
      `${STAMP} [warning] clientid: c7, line: 9, mfa: a:b/2, msg: dropped_qos0_msg, payload: text, peername: 10.0.0.1:5, topic: c, peername: 9.9.9.9:1, username: admin`,
    );
    assert.equal(event?.marks, 'ambiguous');
    for (const field of ['mqtt.client.id', 'user.name', 'source.ip', 'mqtt.topic'])
      assert.equal(event?.values[field], undefined);
  });

  it('a payload or topic that looks like the end of a payload', () => {
    const line = (rest: string): string =>
      `${STAMP} [warning] clientid: c, msg: dropped_qos0_msg, peername: 10.0.0.1:5, topic: ${rest}`;
    const [term, topic] = [
      'a, payload: <<"x, payload_encode: text, reason: forged">>',
      'a, payload: x, payload: <<"text">>, payload_encode: text',
    ].map((rest) => one(line(rest)));
    assert.deepEqual([term?.marks, topic?.marks], ['ambiguous', 'ambiguous']);
    assert.deepEqual(
      [term?.values['event.reason'], term?.values['mqtt.client.id'], term?.message],
      [
        'qos0_msg',
        undefined,
        'clientid: c, msg: dropped_qos0_msg, peername: 10.0.0.1:5, topic: a, payload: [payload]',
      ],
    );
    assert.ok(topic?.message.includes('text">>') === false, topic?.message);
  });

  it('the head of 4.x behind keys of 5.x: neither is believed', () => {
    for (const body of [
      'msg: authentication_failure, peername: 9.9.9.9:1, username: admin, reason: not_authorized, z: @10.0.0.1:5 [MQTT] RECV PINGREQ(Q0, R0, D0)',
      'tag: AUTHN, clientid: x@9.9.9.9:5 [MQTT] RECV PINGREQ(Q0, R0, D0), msg: authentication_failure, peername: 10.0.0.1:5, reason: not_authorized',
    ]) {
      const event = one(`${STAMP} [warning] ${body}`);
      assert.deepEqual([event?.action, event?.marks], ['broker-log', 'ambiguous']);
      for (const field of ['mqtt.client.id', 'user.name', 'source.ip', 'event.reason'])
        assert.equal(event?.values[field], undefined);
    }
  });

  it('a nested `meta` of a log record is none of its own fields', () => {
    const event = one(
      `{"time":1747204840984996,"level":"warning","msg":"filemeta_write_failed","pid":"<0.9.0>","clientid":"c7","meta":{"msg":"forged","level":"debug","clientid":"admin"}}`,
    );
    assert.deepEqual(
      [event?.code, event?.values['log.level'], event?.values['mqtt.client.id']],
      ['emqx.filemeta_write_failed', 'warning', 'c7'],
    );
  });

  it('in JSON a hostile id is an id', () => {
    for (const id of [
      'a, msg: socket_error, peername: 1.2.3.4:5',
      'a\nb',
      `{"msg":"x"}`,
      'x'.repeat(65_536),
      '__proto__',
      '\ud800',
    ]) {
      const event = one(
        JSON.stringify({
          time: 1_747_204_840_137_021,
          level: 'warning',
          msg: 'authentication_failure',
          clientid: id,
          peername: '10.0.0.1:5',
        }),
      );
      assert.deepEqual(
        [event?.values['mqtt.client.id'], event?.values['source.ip'], event?.marks],
        [id, '10.0.0.1', undefined],
      );
    }
  });

  it('in JSON the words of a record are no head of a line', () => {
    const msg = 'PUBLISH to evil@1.2.3.4:5 [MQTT] x: <<"a">>';
    const event = one(JSON.stringify({ time: 1, level: 'info', msg, clientid: 'a', peername: '10.0.0.1:5' }));
    assert.deepEqual(
      [
        event?.values['mqtt.client.id'],
        event?.values['source.ip'],
        event?.values['mqtt.topic'],
        event?.marks,
      ],
      ['a', '10.0.0.1', 'evil@1.2.3.4:5 [MQTT] x', undefined],
    );
  });

  it('an id that adds a user in a line without address', () => {
    const event = one(`${STAMP} [warning] clientid: a, username: admin, msg: kicked_an_unknown_session`);
    assert.deepEqual([event?.marks, event?.values['user.name']], ['ambiguous', undefined]);
  });

  it('a trace whose id looks like the head of a trace', () => {
    const event = one(
      `${STAMP} [MQTT] x@1.2.3.4:5 msg: publish_to, topic: t@10.0.0.1:5 msg: mqtt_packet_received, packet: PINGREQ(Q0, R0, D0)`,
    );
    assert.deepEqual(
      [event?.marks, event?.values['mqtt.client.id'], event?.values['source.ip']],
      ['ambiguous', undefined, undefined],
    );
  });

  it('4.x: an id that looks like the head of a line', () => {
    const event = one(
      `2023-05-25 07:33:21.124 [debug] evil@1.2.3.4:5 [MQTT] RECV @10.9.8.7:50123 [MQTT] RECV PINGREQ(Q0, R0, D0)`,
    );
    assert.deepEqual(
      [event?.marks, event?.values['mqtt.client.id'], event?.values['source.ip']],
      ['ambiguous', undefined, undefined],
    );
  });

  it('a packet whose topic looks like the rest of it', () => {
    const event = one(
      `${STAMP} [debug] tag: MQTT, clientid: a, msg: mqtt_packet_received, peername: 10.0.0.1:5, packet: PUBLISH(Q1, R0, D0, Topic=a, PacketId=7, Payload(text)=x, PacketId=9, Payload(text)=secret-payload)`,
    );
    assert.equal(event?.marks, 'ambiguous');
    assert.ok(!JSON.stringify(event).includes('secret-payload'));
  });

  /** What is not linear in 128 KB does not end before the runner's time limit. */
  it('64 KB of brackets, keys or quotation marks are read', () => {
    let count = 0;
    const tell = (text: string): void => {
      if (one(text) !== undefined) count++;
    };
    const pieces = [
      '{',
      '[{',
      '<<"',
      ', a: {',
      ', a: "',
      "', '",
      '(',
      '$',
      ', k: v',
      'password: ',
      '=> ',
      'Topic=, PacketId=1',
      '@1.2.3.4:5 [M] ',
      '://a:',
      '@',
      '{message,<<',
      ' body => {',
      ', a: {}',
      'Encoded(text)=[',
      'password,   ',
    ];
    for (const piece of pieces) {
      const hostile = piece.repeat(Math.ceil(65_536 / piece.length));
      tell(
        `${STAMP} [warning] tag: AUTHN, clientid: ${hostile}, msg: authentication_failure, reason: ${hostile}`,
      );
      tell(
        `${STAMP} [debug] tag: MQTT, msg: mqtt_packet_received, packet: PUBLISH(Q0, R0, D0, Topic=${hostile}`,
      );
      tell(
        `2023-05-25 07:33:21.124 [warning] ${hostile}@10.9.8.7:50123 [Channel] Client ${hostile} (Username: 'u17') login failed for x`,
      );
      tell(JSON.stringify({ time: 1, level: 'info', msg: 'x', reason: hostile, info: hostile }));
    }
    assert.equal(count, 4 * pieces.length);
  });
});

describe('EMQX: older forms', () => {
  it('emqttd: its own words for packets, wills and traces', () => {
    const at = '2016-02-29 23:53:23.123 [info] <0.9.0>@emqttd_protocol:trace:266 Client(c@10.1.1.9:41022): ';
    const published = one(`${at}RECV PUBLISH(Q1, R1, D0, TopicName=a/b, PacketId=7, Payload=<<"21.4">>)`);
    assert.deepEqual(
      [
        published?.action,
        published?.values['mqtt.topic'],
        published?.values['mqtt.message_id'],
        published?.values['mqtt.payload.size'],
      ],
      ['message-published', 'a/b', 7, 4],
    );
    const connect = one(
      `${at}RECV CONNECT(Q0, R0, D0, ClientId=c, ProtoName=MQTT, ProtoVsn=4, CleanSess=true, KeepAlive=60, Username=bob, Password=******, Will(Qos=1, Retain=false, Topic=gone, Msg=bye))`,
    );
    assert.deepEqual([connect?.values['mqtt.will.topic'], connect?.values['mqtt.will.qos']], ['gone', 1]);
    assert.ok(!connect?.message.includes('bye'));
    const traced = one('23:53:23.123 [info] c-100 PUBLISH to a/b: <<"21.4">>');
    assert.deepEqual(
      [traced?.action, traced?.values['mqtt.client.id'], traced?.values['mqtt.topic']],
      ['message-published', 'c-100', 'a/b'],
    );
    assert.ok(!traced?.message.includes('21.4'));
  });

  it('a node that has started, and one whose applications are stopped', () => {
    const text = (msg: string): string => `2025-05-14T06:40:46.714029+00:00 [notice] msg: ${msg}`;
    assert.equal(one(text('emqx_is_running, description: EMQX, release: 5.8.9'))?.action, 'broker-started');
    assert.equal(one(text('stopping_emqx_apps'))?.action, 'broker-stopped');
    assert.equal(
      one('{"time":1747204846714029,"level":"notice","msg":"stopping_emqx_apps"}')?.action,
      'broker-stopped',
    );
  });

  it('5.0: trace points of the code name their entries by a key of their own', () => {
    const text = one(
      "2022-09-26T15:51:30.982183-03:00 [warning] '$kind': last_will_testament_publish_denied, clientid: c, line: 2132, mfa: emqx_channel:publish_will_msg/2, peername: 10.1.1.9:35228, topic: a/gone",
    );
    const json = one(
      '{"time":1664218290982183,"level":"warning","$kind":"last_will_testament_publish_denied","clientid":"c","peername":"10.1.1.9:35228","topic":"a/gone"}',
    );
    for (const event of [text, json])
      assert.deepEqual(
        [
          event?.action,
          event?.values['mqtt.client.id'],
          event?.values['source.ip'],
          event?.values['mqtt.topic'],
        ],
        ['publish-denied', 'c', '10.1.1.9', 'a/gone'],
      );
    const forged = one(
      "2022-09-26T15:51:30.982183-03:00 [warning] clientid: c, '$kind': last_will_testament_publish_denied, line: 1, mfa: m:f/2, msg: authentication_failure, peername: 10.1.1.9:35228",
    );
    assert.equal(forged?.action, 'broker-log');
  });

  it('4.x: a QoS 2 packet that was dropped, a refusal that is no denial', () => {
    const dropped = one(
      '2023-05-25 07:33:33.133 [warning] c@10.9.8.7:50123 [Session] Dropped the qos2 packet 77 due to awaiting_rel is full.',
    );
    assert.deepEqual([dropped?.action, dropped?.values['mqtt.message_id']], ['message-dropped', 77]);
    const invalid = one(
      '2023-05-25 07:33:33.133 [warning] c@10.9.8.7:50123 [Channel] Cannot publish message to a due to b due to Topic name invalid.',
    );
    assert.deepEqual(
      [invalid?.action, invalid?.values['mqtt.topic'], invalid?.values['event.reason']],
      ['message-dropped', 'a due to b', 'topic_name_invalid'],
    );
  });

  it('5.1: an action that is a map', () => {
    for (const action of ['#{action_type => subscribe,qos => 1}', { action_type: 'subscribe', qos: 1 }]) {
      const event = one(
        typeof action === 'string'
          ? `${STAMP} [warning] msg: authorization_permission_denied, mfa: m:f/3(1), peername: 10.0.0.1:5, clientid: a, topic: t/#, action: ${action}, source: file`
          : JSON.stringify({
              time: 1,
              level: 'warning',
              msg: 'authorization_permission_denied',
              clientid: 'a',
              topic: 't/#',
              action,
              source: 'file',
            }),
      );
      assert.deepEqual(
        [event?.action, event?.values['mqtt.subscription.qos'], event?.values['mqtt.acl.source']],
        ['subscribe-denied', 1, 'file'],
      );
    }
  });

  it('5.0.4 to 5.2: JSON behind a stamp and a level', () => {
    const head = '2025-05-14T06:40:40.137021+00:00 warning: ';
    const body = {
      tag: 'AUTHN',
      reason: 'banned',
      peername: '10.0.0.1:5',
      msg: 'authentication_failure',
      clientid: 'c7',
    };
    const line = head + JSON.stringify({ ...body, password: 'secret', payload: 'text' });
    const event = one(line);
    assert.deepEqual(
      [event?.action, event?.time, event?.values['log.level'], event?.values['mqtt.client.id']],
      ['client-authentication-failed', '2025-05-14T06:40:40.137Z', 'warning', 'c7'],
    );
    assert.equal(dialect.role?.(line), 'whole');
    assert.equal(dialect.original?.(line), head + JSON.stringify({ ...body, password: '******' }));
    assert.throws(() => one(`${line.slice(0, -20)}}`), UnparsedRecord);
  });

  it('up to 5.4 a user name is printed as a term; from 5.5 on it is what the client wrote', () => {
    const user = (text: string): unknown[] => {
      const event = one(`${STAMP} [warning] ${text}`);
      return [event?.values['user.name'], event?.marks];
    };
    const term = '<<"alice">>';
    const form52 = `msg: client_login_failed, mfa: a:b/2, line: 9, username: ${term}`;
    const form54 = `msg: client_login_failed, mfa: a:b/2(9), peername: 10.0.0.1:5, clientid: c, reason: x, username: ${term}`;
    const form55 = `msg: client_login_failed, mfa: a:b/2(9), peername: 10.0.0.1:5, clientid: c, username: ${term}, reason: x`;
    assert.deepEqual([form52, form54, form55].map(user), [
      ['alice', undefined],
      ['alice', undefined],
      [term, 'ambiguous'],
    ]);
  });

  it('stamps without date are of the last 24 hours', () => {
    assert.equal(one('19:00:00.500 [info] x')?.time, '2026-11-21T19:00:00.500Z');
    assert.equal(one('21:00:00.500 [info] x')?.time, '2026-11-20T21:00:00.500Z');
  });
});

describe('EMQX: what is no record', () => {
  for (const [name, line] of [
    [
      'a cut line',
      '{"time":1747204840137021,"level":"warning","msg":"authentication_failure","reason":"x","password":"planted',
    ],
    ['a doubled line', '{"time":1,"msg":"a","token":"planted"}{"time":2,"msg":"b"}'],
    ['a cut payload', '{"time":1,"level":"debug","msg":"publish_to","payload":"planted'],
    ['JSON of something else', '{"hello":"world","secret":"planted"}'],
  ] as const) {
    it(`${name} is told without what it must not tell`, () => {
      assert.throws(
        () => one(line),
        (error) =>
          error instanceof UnparsedRecord &&
          !error.text.includes('planted') &&
          !error.message.includes('planted') &&
          error.text.startsWith('{"'),
      );
    });
  }

  it('a message of an own topic that is no JSON', () => {
    const { session } = reader();
    const message = {
      topic: '$SYS/brokers/emqx@1.2.3.4/clients/a/connected',
      payload: Buffer.from('{"planted'),
      qos: 0,
      retain: false,
      dup: false,
      seen: 0,
    };
    assert.throws(
      () => session.message(message),
      (error) => error instanceof UnparsedRecord && !`${error.text}${error.message}`.includes('planted'),
    );
  });
});

describe('EMQX: units and absent values', () => {
  const sys = (name: string, body: object): Read | undefined => {
    const { events, session } = reader();
    const payload = Buffer.from(JSON.stringify(body));
    session.message({
      topic: `$SYS/brokers/emqx@10.0.0.2/${name}`,
      payload,
      qos: 0,
      retain: false,
      dup: false,
      seen: 0,
    });
    return events[0];
  };

  it('session expiry: seconds or milliseconds, by event and generation', () => {
    const expiry = (body: object): unknown =>
      one(JSON.stringify({ timestamp: 1, clientid: 'a', expiry_interval: 3_600_000, ...body }))?.values[
        'mqtt.session.expiry_interval'
      ];
    assert.equal(expiry({ event: 'client.connected', conn_props: { 'User-Property': {} } }), 3_600_000);
    assert.equal(expiry({ event: 'client.connack', conn_props: { 'User-Property': {} } }), 3600);
    assert.equal(expiry({ event: 'client.ping', conn_props: { 'User-Property': {} } }), 3600);
    assert.equal(expiry({ event: 'client.connack', conn_props: {} }), 3_600_000);
    assert.equal(
      sys('clients/a/connected', { protocol: 'mqtt', expiry_interval: 3_600_000, ts: 1 })?.values[
        'mqtt.session.expiry_interval'
      ],
      3600,
    );
  });

  it('3.x tells refused connections as connected', () => {
    assert.equal(
      sys('clients/a/connected', { connack: 0, ts: 1_575_105_101_147 })?.action,
      'client-connected',
    );
    assert.equal(
      sys('clients/a/connected', { connack: 134, ts: 1_575_105_101_147 })?.action,
      'client-authentication-failed',
    );
    assert.equal(
      sys('clients/a/connected', { connack: 138, ts: 1_575_105_101_147 })?.action,
      'client-connection-rejected',
    );
  });

  it('emqttd and 3.x: presence in seconds, alarms by topic and body', () => {
    const connected = sys('clients/ns/dev1/connected', {
      username: 'undefined',
      ipaddress: '10.0.0.1',
      session: true,
      protocol: 4,
      connack: 0,
      ts: 1_456_789_012,
    });
    assert.deepEqual(
      [
        connected?.time,
        connected?.values['mqtt.client.id'],
        connected?.values['user.name'],
        connected?.values['mqtt.clean_start'],
        connected?.values['mqtt.protocol_version'],
      ],
      ['2016-02-29T23:36:52.000Z', 'ns/dev1', undefined, false, '3.1.1'],
    );
    const alert = sys('alarms/high/cpu/alert', {
      severity: 'critical',
      title: 'cpu',
      summary: '99%',
      ts: 1_456_789_012,
    });
    assert.deepEqual(
      [alert?.action, alert?.values['mqtt.alarm.name'], alert?.time],
      ['alarm-raised', 'high/cpu', '2016-02-29T23:36:52.000Z'],
    );
    const v3 = sys('alarms/alert', {
      id: 'cpu_high',
      desc: { severity: 'critical', title: 't', summary: 's', timestamp: 1_575_105_101_147 },
    });
    assert.deepEqual([v3?.values['mqtt.alarm.name'], v3?.time], ['cpu_high', '2019-11-30T09:11:41.147Z']);
  });

  it('numbers that no index takes are absent', () => {
    for (const bad of ['1e400', '1.5', '99999999999999999999', '-1e400', '"x"', 'null', '{}']) {
      const line = `{"event":"client.disconnected","clientid":"a","timestamp":1,"connected_at":1747204840811,"disconnected_at":${bad},"qos":${bad},"keepalive":${bad},"sockport":${bad},"proto_ver":${bad},"expiry_interval":${bad},"conn_props":{"Message-Expiry-Interval":${bad}}}`;
      for (const event of [
        'client.disconnected',
        'client.connected',
        'session.subscribed',
        'message.publish',
        'client.connack',
      ]) {
        const values = one(line.replace('client.disconnected', event))?.values ?? {};
        for (const [name, value] of Object.entries(values))
          assert.ok(
            typeof value !== 'number' || (Number.isInteger(value) && value < 2 ** 63),
            `${event} ${name} ${bad}`,
          );
        assert.ok(Number(values['mqtt.qos'] ?? 0) <= 2);
      }
    }
  });

  it('both spellings of a delivery drop', () => {
    for (const event of ['delivery.dropped', 'message.delivery_dropped']) {
      const read = one(
        JSON.stringify({ event, timestamp: 1, reason: 'queue_full', clientid: 'a', topic: 't' }),
      );
      assert.deepEqual(
        [read?.action, read?.code, read?.constants['mqtt.drop.stage'], read?.values['event.reason']],
        ['message-dropped', `emqx.${event}`, 'delivery', 'queue_full'],
      );
    }
  });

  it('events by topic, where the body does not name them', () => {
    for (const [topic, action] of [
      ['$events/client_connected', 'client-connected'],
      ['$events/client/connected', 'client-connected'],
      ['$events/auth/check_authz_complete', 'publish-denied'],
      ['$events/sys/alarm_activated', 'alarm-raised'],
      ['$event/client_subscribed', 'subscription-added'],
    ] as const) {
      const { events, session } = reader();
      session.message({
        topic,
        payload: Buffer.from('{"clientid":"a"}'),
        qos: 0,
        retain: false,
        dup: false,
        seen: 0,
      });
      assert.equal(events[0]?.action, action, topic);
    }
  });
});
