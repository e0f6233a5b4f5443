import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { EVENT } from '../../../../src/brokers/emqx/events/kinds.ts';
import { dialect } from '../../../../src/brokers/emqx/index.ts';
import { LOG } from '../../../../src/brokers/emqx/log/kinds.ts';
import { UnparsedRecord } from '../../../../src/core/errors.ts';
import { ACTIONS } from '../../../../src/ecs/actions.ts';
import { CATALOGUE } from '../../../../src/ecs/catalogue.ts';
import type { Field } from '../../../../src/ecs/fields/field.ts';
import { EMQX_STREAM, one, type Read, reader } from '../../../support/emqx.ts';

const GOLDEN = new URL('../../../golden/emqx/', import.meta.url);
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

  it('of few columns too, where one of them is of one event alone', () => {
    const told = (body: object): unknown => one(JSON.stringify(body))?.action;
    assert.equal(told({ topic: 't', reason: 'no_subscribers', qos: 1, node: 'a@b' }), 'message-dropped');
    const answer = { clientid: 'c', reason_code: 'success', connected_at: 1645003578536 };
    assert.equal(told(answer), 'packet-sent');
    assert.equal(told({ clientid: 'c', keepalive: 60, is_bridge: false }), 'client-connected');
    assert.equal(told({ ...answer, disconnected_at: 1645003578536 }), 'client-disconnected');
  });

  it('where the fields do not tell, nothing is guessed', () => {
    for (const body of [
      { topic: 't', qos: 1, reason: 'full' },
      { clientid: 'a' },
      { topic: 't', payload: 'x' },
      { clientid: 'a', topic: 't' },
    ]) {
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

  it('emqttd 0.x: packets that it traces, and connections whose bytes are none', () => {
    const told = (text: string, ...fields: string[]): unknown[] => {
      const event = one(`10:05:43.162 [info] ${text}`);
      return [event?.action, ...fields.map((field) => event?.values[field])];
    };
    const who = ['mqtt.client.id', 'source.ip', 'source.port'];
    assert.deepEqual(
      [
        told('RECV from c-7@10.1.1.9:36558: PUBACK(Qos=0, Retain=false, Dup=false, PacketId=1)', ...who),
        told('SEND to @10.1.1.9:36558: PINGRESP(Qos=0, Retain=false, Dup=false)', ...who),
        told(
          'MQTT detected framing error invalid_len for connection "10.1.1.9:36558 -> 10.1.1.1:1883"',
          ...who,
        ),
        told('MQTT protocol error "10.1.1.9:36558 -> 10.1.1.1:1883" for connection {a,b}', ...who),
      ],
      [
        ['message-acknowledged', 'c-7', '10.1.1.9', 36558],
        ['packet-sent', undefined, '10.1.1.9', 36558],
        ['protocol-error', undefined, '10.1.1.9', 36558],
        ['protocol-error', undefined, '10.1.1.9', 36558],
      ],
    );
    assert.deepEqual(
      told(
        'RECV from c@10.1.1.9:36558: PUBLISH(Qos=1, Retain=true, Dup=false, TopicName=a/b, PacketId=7, Payload=<<"21.4">>)',
        ...[
          'mqtt.topic',
          'mqtt.qos',
          'mqtt.retained',
          'mqtt.duplicate',
          'mqtt.message_id',
          'mqtt.payload.size',
        ],
      ),
      ['message-published', 'a/b', 1, true, false, 7, 4],
    );
    const forged = one(
      '10:05:43.162 [info] RECV from x@10.9.9.9:1: PUBACK(Qos=0, Retain=false, Dup=false)@10.1.1.9:36558: PINGREQ(Qos=0, Retain=false, Dup=false)',
    );
    assert.deepEqual(
      [forged?.action, forged?.marks, forged?.values['source.ip']],
      ['broker-log', 'ambiguous', undefined],
    );
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

  it('the function that wrote an entry: without a name, as a tuple', () => {
    const logger = (text: string): unknown => one(`${STAMP} [warning] ${text}`)?.values['log.logger'];
    const said = 'exception: error, line: 116, mfa: minirest_handler:apply_callback/3, path: /listeners';
    assert.equal(logger(said), 'minirest_handler:apply_callback/3');
    assert.equal(logger(`${said}, mfa: x:y/1`), undefined);
    assert.equal(
      logger("'$kind': gen_rpc_dispatcher_start, file: a.erl, line: 52, mfa: {gen_rpc_dispatcher,init,0}"),
      'gen_rpc_dispatcher:init/0',
    );
  });

  it('keys in quotation marks are keys', () => {
    const at = '2025-09-29T20:05:04.056633+00:00 [debug] ';
    for (const [span, value] of [
      ['{complete,true}', '{complete,true}'],
      ['start', 'start'],
    ]) {
      const event = one(`${at}table: emqx_config, '$kind': ensure_local_table, '$span': ${span}`);
      assert.deepEqual(
        [event?.code, event?.values['mqtt.log.fields'], event?.marks],
        ['emqx.ensure_local_table', { table: 'emqx_config', $span: value }, undefined],
      );
    }
    const hidden = one(`${at}msg: x, 'api-key': abcdef, 'other-name': <<"b">>`);
    assert.deepEqual(hidden?.values['mqtt.log.fields'], { 'api-key': '******', 'other-name': 'b' });
    assert.ok(!hidden?.message.includes('abcdef'));
    const forged = one(`${at}tag: MQTT, clientid: a, '$kind': b, msg: c, peername: 10.1.1.9:35228`);
    assert.deepEqual([forged?.marks, forged?.values['mqtt.client.id']], ['ambiguous', undefined]);
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

  it('5.0.0 to 5.0.3: traces without blanks between pairs', () => {
    const head = '2022-07-01T19:50:33+00:00 [SUBSCRIBE] c7@10.0.0.1:5';
    const event = one(`${head} msg: subscribe, sub_id: c7,sub_opts: [nl: 0,qos: 1,rap: 0,rh: 2],topic: a/#`);
    assert.deepEqual(
      [
        event?.action,
        event?.values['mqtt.subscription.filter'],
        event?.values['mqtt.subscription.qos'],
        event?.values['mqtt.subscription.retain_handling'],
      ],
      ['subscription-requested', 'a/#', 1, 2],
    );
    const published = one(
      '2022-07-01T19:50:33+00:00 [PUBLISH] c7@10.0.0.1:5 msg: publish_to, topic: a, payload: x,y: z',
    );
    assert.equal(published?.values['mqtt.topic'], 'a');
    assert.ok(published?.message.endsWith(', topic: a, payload: [payload]'), published?.message);
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

  it('stamps of several days may come in any order', () => {
    const { events, session } = reader();
    const stamps = [
      '2025-05-14T23:59:59.999000+00:00',
      '2025-05-15T00:00:00.001000+00:00',
      '2025-05-14 23:59:59.999',
      '2025-05-14T23:59:59.999+02:00',
      '2024-02-29T00:00:00Z',
      '2025-05-14T00:00:00,5Z',
    ];
    for (const stamp of stamps) session.line(`${stamp} [info] x`, EMQX_STREAM.seen, 0);
    assert.deepEqual(
      events.map(({ time }) => time),
      [
        '2025-05-14T23:59:59.999Z',
        '2025-05-15T00:00:00.001Z',
        '2025-05-14T23:59:59.999Z',
        '2025-05-14T21:59:59.999Z',
        '2024-02-29T00:00:00.000Z',
        '2025-05-14T00:00:00.500Z',
      ],
    );
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

describe('EMQX 6.3', () => {
  it('tells by default which source has denied access', () => {
    const entry = { level: 'warning', tag: 'AUTHZ', clientid: 'c1', module: 'emqx_authz_http', topic: 'a/b' };
    const denied = one(
      JSON.stringify({
        ...entry,
        msg: 'authorization_source_denied',
        authorize_type: 'http',
        action: { action_type: 'publish', qos: 1, retain: false },
      }),
    );
    const printed = one(
      '2026-03-20T11:08:39.568980+01:00 [warning] tag: AUTHZ, clientid: c1, msg: authorization_source_denied, peername: 10.0.0.1:5, topic: a/#, module: emqx_authz_file, action: SUBSCRIBE(Q1), authorize_type: file',
    );
    assert.deepEqual(
      [denied, printed].map((event) => [event?.action, event?.values['mqtt.acl.source']]),
      [
        ['publish-denied', 'http'],
        ['subscribe-denied', 'file'],
      ],
    );
    const rejected = one(
      JSON.stringify({ ...entry, tag: 'AUTHN', msg: 'authenticator_rejection', reason: 'not_authorized' }),
    );
    assert.deepEqual([rejected?.action, rejected?.values['event.reason']], ['broker-log', 'not_authorized']);
  });
});

describe('EMQX 5.9 and later: limits', () => {
  it('are the reason that MQTT has for them, of publications and of subscriptions', () => {
    const told = (msg: string): unknown[] => {
      const event = one(
        `2026-03-20T11:08:39.568980+01:00 [warning] tag: QUOTA, clientid: c1, msg: ${msg}, peername: 10.0.0.1:5, reason: {failed_to_consume_from_limiter,{{listener,'tcp:default'},messages}}`,
      );
      return [event?.action, event?.values['event.reason'], event?.values['error.message']];
    };
    const limiter = "{failed_to_consume_from_limiter,{{listener,'tcp:default'},messages}}";
    assert.deepEqual(told('cannot_publish_to_topic_due_to_quota_exceeded'), [
      'message-dropped',
      'quota_exceeded',
      limiter,
    ]);
    assert.deepEqual(told('cannot_subscribe_to_topic_filters_due_to_quota_exceeded'), [
      'subscribe-denied',
      'quota_exceeded',
      limiter,
    ]);
  });
});
