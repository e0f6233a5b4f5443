import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../../src/core/errors.ts';
import type { Action } from '../../../src/core/event.ts';
import { ACTIONS } from '../../../src/ecs/actions.ts';
import { CATALOGUE } from '../../../src/ecs/catalogue.ts';
import { EventDatabase } from '../../../src/query/database.ts';
import { questionSql } from '../../../src/query/question-sql.ts';
import { QUESTIONS } from '../../../src/questions/index.ts';
import { PARAMETERS } from '../../../src/questions/question.ts';

type Event = Parameters<EventDatabase['insert']>[0];

let ids = 0;
const event = (action: string, more: Event = {}, id = String(ids++)): Event => ({
  event: { id, action, dataset: ACTIONS[action as Action]?.dataset, ...(more.event as object) },
  '@timestamp': '2026-11-21T20:00:00.125Z',
  ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'event')),
});

function ask(
  sql: string,
  events: readonly Event[],
  parameters: Readonly<Record<string, string | null>> = {},
): Record<string, unknown>[] {
  const database = new EventDatabase(sql);
  try {
    for (const one of events) database.insert(one);
    const { columns, rows } = database.answer(parameters);
    return [...rows].map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  } finally {
    database.close();
  }
}

const nothing = Object.fromEntries(Object.keys(PARAMETERS).map((name) => [name, null]));

describe('query: the table of events', () => {
  it('has a column for each field of the catalogue, and only what is asked for is stored', () => {
    const rows = ask('SELECT * FROM events', [event('client-connected')]);
    assert.deepEqual(Object.keys(rows[0] ?? {}), Object.keys(CATALOGUE));
    assert.deepEqual(ask('SELECT count(*) AS n FROM events', [event('a'), event('b')]), [{ n: 2 }]);
  });

  it('numbers are numbers, true is 1, objects and arrays are JSON, what is absent is NULL', () => {
    const one = event('client-connected', {
      source: { ip: '10.0.0.1', port: 5 },
      mqtt: {
        clean_start: true,
        user_properties: { a: 'b' },
        broker: { load: { sockets: { '1min': 0.5 } } },
      },
      related: { ip: ['10.0.0.1'] },
      labels: { site: 'x', 'a.b': 'y' },
    });
    const sql = `SELECT "source.port" + 1 AS port, "mqtt.clean_start" AS clean, "related.ip" AS ips,
      json_extract("mqtt.user_properties", '$.a') AS a, json_extract("labels", '$.site') AS site,
      "mqtt.broker.load.sockets.1min" AS load, "user.name" AS user FROM events`;
    assert.deepEqual(ask(sql, [one]), [
      { port: 6, clean: 1, ips: '["10.0.0.1"]', a: 'b', site: 'x', load: 0.5, user: null },
    ]);
  });

  it('numbers beyond 2^53 are no obstacle', () => {
    const long = event('client-disconnected', { event: { duration: 12_345_678_901_234_567_000 / 2 } });
    assert.equal(typeof ask('SELECT "event.duration" AS d FROM events', [long])[0]?.d, 'number');
  });

  it('an event that is there twice counts once', () => {
    assert.deepEqual(
      ask('SELECT count(*) AS n FROM events', [
        event('a', {}, 'x'),
        event('a', {}, 'x'),
        event('a', {}, 'y'),
      ]),
      [{ n: 2 }],
    );
  });

  it('more sets of fields than statements are kept', () => {
    const fields = Object.keys(CATALOGUE).filter((name) => name.startsWith('mqtt.broker.packets.'));
    const events = Array.from({ length: 2500 }, (_, i) => {
      const packets: Record<string, Record<string, number>> = {};
      for (const [bit, field] of fields.slice(0, 12).entries()) {
        const [, , , name = '', leaf = ''] = field.split('.');
        if ((i & (1 << bit)) !== 0 && leaf !== '') packets[name] = { ...packets[name], [leaf]: i };
      }
      return event('sys-metrics', { mqtt: { broker: { packets } } });
    });
    assert.deepEqual(ask('SELECT count(*) AS n, count(DISTINCT "event.id") AS d FROM events', events), [
      { n: 2500, d: 2500 },
    ]);
    assert.equal(ask('SELECT * FROM events', events).length, 2500);
  });

  for (const [sql, sentence] of [
    [
      'SELECT mqtt.client.id FROM events',
      /write the field mqtt\.client\.id in double quotes: "mqtt\.client\.id"/,
    ],
    [
      'SELECT "mqtt.cliend.id" FROM events',
      /there is no column mqtt\.cliend\.id; did you mean "mqtt\.client\.id"\?/,
    ],
    ['SELECT * FROM logs', /no such table: logs; there are events and emqx_full_link_events/],
    ['SELEC 1', /near "SELEC": syntax error/],
    ['SELECT 1; SELECT 2', /write one statement/],
    ['DELETE FROM events', /questions only read/],
    ['DROP TABLE events', /questions only read/],
    ['INSERT INTO events ("event.id") VALUES (1)', /questions only read/],
    ["ATTACH 'x.db' AS y", /questions only read/],
    ['PRAGMA query_only = 0', /questions only read/],
    ["SELECT load_extension('x')", /not authorized|no such function/],
    ['-- nothing', /this is no SQL/],
  ] as const)
    it(`one sentence for: ${sql}`, () => {
      assert.throws(
        () => ask(sql, []),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, sentence);
          assert.ok(!error.message.includes('\n'));
          return true;
        },
      );
    });

  it('a mistake that shows only in an event is one sentence too', () => {
    assert.throws(
      () => ask("SELECT json_extract(message, '$.a') FROM events", [event('a', { message: 'no JSON' })]),
      (error) => error instanceof UsageError && error.message.includes('malformed JSON'),
    );
  });
});

describe('query: the wide table of EMQX', () => {
  const COLUMNS =
    'timestamp event clientid username peername sockname node topic id from_clientid from_username qos payload reason reason_code action result authz_source keepalive clean_start expiry_interval connected_at disconnected_at publish_received_at client_attrs';

  it('has its 25 columns, in its order', () => {
    const [row] = ask('SELECT * FROM emqx_full_link_events', [event('client-connected')]);
    assert.equal(Object.keys(row ?? {}).join(' '), COLUMNS);
  });

  it('every column is filled from the field that it is', () => {
    const full = event('publish-denied', {
      event: { outcome: 'failure', reason: 'why' },
      user: { name: 'u' },
      source: { ip: '2001:db8::7', port: 1 },
      destination: { ip: '10.0.0.1', port: 1883 },
      service: { name: 'plant', node: { name: 'emqx@a' } },
      mqtt: {
        client: { id: 'c', attributes: { tns: 'x' } },
        publisher: { client: { id: 'p' }, user: { name: 'pu' } },
        topic: 'a/b',
        message: { id: 'M', received_at: '2026-11-21T20:00:00.001Z' },
        qos: 1,
        payload: { text: '{}' },
        acl: { source: 'file' },
        keep_alive: 60,
        clean_start: false,
        session: { expiry_interval: 3600 },
        connection: {
          connected_at: '2026-11-21T19:00:00.123Z',
          disconnected_at: '2026-11-21T19:30:00.999Z',
        },
      },
    });
    assert.deepEqual(ask('SELECT * FROM emqx_full_link_events', [full]), [
      {
        timestamp: '2026-11-21 20:00:00.125',
        event: 'client.check_authz_complete',
        clientid: 'c',
        username: 'u',
        peername: '2001:db8::7:1',
        sockname: '10.0.0.1:1883',
        node: 'emqx@a',
        topic: 'a/b',
        id: 'M',
        from_clientid: 'p',
        from_username: 'pu',
        qos: 1,
        payload: '{}',
        reason: 'why',
        reason_code: null,
        action: 'publish',
        result: 'deny',
        authz_source: 'file',
        keepalive: 60,
        clean_start: 0,
        expiry_interval: 3600,
        connected_at: Date.parse('2026-11-21T19:00:00.123Z'),
        disconnected_at: Date.parse('2026-11-21T19:30:00.999Z'),
        publish_received_at: Date.parse('2026-11-21T20:00:00.001Z'),
        client_attrs: '{"tns":"x"}',
      },
    ]);
  });

  it('events by the names of EMQX; what it does not have is no row', () => {
    const events = [
      event('message-dropped', { mqtt: { drop: { stage: 'delivery' } } }),
      event('message-dropped', { mqtt: { drop: { stage: 'publish' } } }),
      event('packet-sent', {
        mqtt: { packet: { type: 'connack' } },
        event: { outcome: 'failure', reason: 'banned' },
      }),
      event('packet-sent', { mqtt: { packet: { type: 'suback' } } }),
      event('client-authenticated', { event: { outcome: 'success' } }),
      event('subscription-added', {
        mqtt: { subscription: { filter: 'a/#', share_group: 'g', granted_qos: 2 } },
      }),
      event('broker-log'),
    ];
    assert.deepEqual(
      ask('SELECT event, topic, qos, reason, reason_code FROM emqx_full_link_events', events),
      [
        { event: 'delivery.dropped', topic: null, qos: null, reason: null, reason_code: null },
        { event: 'message.dropped', topic: null, qos: null, reason: null, reason_code: null },
        { event: 'client.connack', topic: null, qos: null, reason: null, reason_code: 'banned' },
        {
          event: 'client.check_authn_complete',
          topic: null,
          qos: null,
          reason: null,
          reason_code: 'success',
        },
        { event: 'session.subscribed', topic: '$share/g/a/#', qos: 2, reason: null, reason_code: null },
      ],
    );
  });

  it('times compare with texts and with now() - INTERVAL', () => {
    const at = (ms: number): Event => ({
      ...event('client-connected'),
      '@timestamp': new Date(ms).toISOString(),
    });
    const events = [
      at(Date.now() - 30 * 60_000),
      at(Date.now() - 3 * 3_600_000),
      at(Date.UTC(2026, 0, 1, 12)),
    ];
    const count = (where: string): unknown =>
      ask(`SELECT count(*) AS n FROM emqx_full_link_events WHERE ${where}`, events)[0]?.n;
    assert.equal(count("timestamp >= now() - INTERVAL '1 hour'"), 1);
    assert.equal(count('"timestamp" > now() - interval \'1 day\''), 2);
    assert.equal(count("timestamp BETWEEN '2026-01-01 11:59:59' AND '2026-01-01 12:00:01'"), 1);
    assert.equal(count("timestamp < '2026-01-01'"), 0);
    assert.equal(count('timestamp <= now()'), 3);
  });
});

describe('query: the questions that ship', () => {
  const who = (client: string, more: Event = {}): Event => ({
    user: { name: `user-of-${client}` },
    source: { ip: client === 'a' ? '10.20.0.1' : '192.0.2.1' },
    ...more,
    mqtt: { client: { id: client }, ...(more.mqtt as object) },
  });
  const topic = (name: string, stage?: string): Event => ({
    mqtt: { topic: name, ...(stage && { drop: { stage } }) },
  });
  const EVENTS = [
    event('client-connected', who('a')),
    event('client-authentication-failed', who('a')),
    event('client-connection-rejected', who('b')),
    event('packet-sent', who('b', { mqtt: { packet: { type: 'connack' } }, event: { outcome: 'failure' } })),
    event('packet-sent', who('b', { mqtt: { packet: { type: 'connack' } }, event: { outcome: 'success' } })),
    event('publish-denied', who('a', topic('plant/1/temp'))),
    event('subscribe-denied', who('b', { mqtt: { subscription: { filter: 'plant/#' } } })),
    event('message-dropped', who('a', topic('plant/1/temp', 'publish'))),
    event('message-dropped', who('a', topic('plant/2/temp', 'delivery'))),
    event('message-dropped', who('b', topic('other', 'delivery'))),
  ];
  const count = (name: string, parameters: Readonly<Record<string, string>> = {}): number =>
    QUESTIONS.filter((question) => question.name === name).flatMap((question) =>
      ask(questionSql(question), EVENTS, { ...nothing, ...parameters }),
    ).length;

  it('each finds its events; a drop at publish and one at delivery are told apart', () => {
    assert.deepEqual(
      ['authentication-failures', 'acl-denials', 'publish-drops', 'delivery-drops', 'client-life'].map(
        (name) => [name, count(name)],
      ),
      [
        ['authentication-failures', 3],
        ['acl-denials', 2],
        ['publish-drops', 1],
        ['delivery-drops', 2],
        ['client-life', EVENTS.length],
      ],
    );
  });

  it('each is narrowed by client, user, address, topic and event', () => {
    assert.equal(count('client-life', { client: 'a' }), 5);
    assert.equal(count('client-life', { user: 'user-of-b' }), 5);
    assert.equal(count('client-life', { source: '10.20.' }), 5);
    assert.equal(count('client-life', { source: '0.' }), 0);
    assert.equal(count('client-life', { topic: 'plant/+/temp' }), 3);
    assert.equal(count('client-life', { event: 'message-dropped' }), 3);
    assert.equal(count('client-life', { event: 'delivery.dropped' }), 2);
    assert.equal(count('delivery-drops', { client: 'b', topic: '#' }), 1);
    for (const { name } of QUESTIONS) assert.equal(count(name, { client: 'nobody' }), 0);
  });
});
