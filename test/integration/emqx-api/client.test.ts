import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import test from 'node:test';
import type { ApiAccess } from '../../../src/emqx-api/access.ts';
import { EmqxApi } from '../../../src/emqx-api/api.ts';
import { type ClientRow, Clients } from '../../../src/emqx-api/clients.ts';
import { Authority } from '../../support/certificates.ts';
import { accessTo, secretFile } from '../../support/emqx-server/access.ts';
import { EmqxServer, type Fault } from '../../support/emqx-server/server.ts';
import { clientRow } from '../../support/emqx-server/tables.ts';
import { type Cleanup, tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

const signal = new AbortController().signal;

function open(t: Cleanup, access: ApiAccess): { api: EmqxApi; clients: Clients } {
  const api = new EmqxApi(access);
  t.after(() => api.close());
  return { api, clients: new Clients(api) };
}

function openClients(t: Cleanup, server: EmqxServer): { api: EmqxApi; clients: Clients } {
  return open(t, accessTo(t, server));
}

async function everyone(clients: Clients): Promise<ClientRow[]> {
  const rows: ClientRow[] = [];
  for await (const page of clients.all(signal)) rows.push(...page);
  return rows;
}

test('every client is found over many pages, and the next ones are asked for while one is worked on', async (t) => {
  const server = await EmqxServer.start(t);
  for (let n = 0; n < 2500; n++) server.add(clientRow(n));
  const { clients } = open(t, accessTo(t, server));
  const pages = (): string[] => server.requests.filter((request) => request.includes('/clients?'));
  const ids: string[] = [];
  for await (const rows of clients.all(signal)) {
    ids.push(...rows.map(({ id }) => id));
    await until(
      () => pages().length === Math.min(3, Math.ceil(ids.length / 1000) + 2),
      () => pages().join('\n'),
    );
  }
  assert.equal(ids.length, 2500);
  assert.equal(new Set(ids).size, 2500);
  assert.ok(pages().every((request) => request.includes('fields=clientid%2C')));
});

test('a list without a count, and one that is longer or shorter than its count', async (t) => {
  for (const [count, pages] of [
    [undefined, 5],
    [1500, 5],
    [9000, 5],
  ] as const) {
    const server = await EmqxServer.start(t);
    let under = 0;
    let most = 0;
    server.onRequest = (_method, url) => {
      const page = Number(url.searchParams.get('page'));
      if (page === 0) return undefined;
      most = Math.max(most, ++under);
      setTimeout(() => under--, 20);
      const data =
        page > pages
          ? []
          : Array.from({ length: 1000 }, (_, n) => ({ clientid: `${page}-${n}`, connected: true }));
      const meta = { page, limit: 1000, count, hasnext: page < pages };
      return { status: 200, body: JSON.stringify({ data, meta }), delayMs: 20 };
    };
    const { clients } = openClients(t, server);
    const rows = await everyone(clients);
    assert.equal(new Set(rows.map(({ id }) => id)).size, 5000, `count ${count}`);
    assert.ok(most <= 3, 'three at a time');
  }
});

test('clients with the longest names that MQTT has make pages smaller, and hide nobody', async (t) => {
  const server = await EmqxServer.start(t);
  const long = 'x'.repeat(65_500);
  for (let n = 0; n < 600; n++) server.add(clientRow(n, { clientid: `${n}-${long}`, username: long }));
  for (let n = 600; n < 1200; n++) server.add(clientRow(n));
  const { clients } = openClients(t, server);
  for (let poll = 0; poll < 2; poll++)
    assert.equal(new Set((await everyone(clients)).map(({ id }) => id)).size, 1200);
  const whole = server.requests.filter((request) => request.includes('limit=1000'));
  assert.ok(whole.length <= 3, `${whole.length} requests for what is too much`);
});

test('a row has what the table of EMQX tells, of 5.x and of 4.x alike', async (t) => {
  for (const generation of [5, 4] as const) {
    const server = await EmqxServer.start(t, { generation });
    server.add(
      clientRow(7, { 'recv_msg.dropped': 3, mqueue_dropped: 2, inflight_cnt: 1, clientid: 'a/b+c ü' }),
    );
    const { clients, api } = open(t, accessTo(t, server));
    const expected: ClientRow = {
      id: 'a/b+c ü',
      user: 'plant-0',
      node: 'emqx@10.20.0.2',
      connected: true,
      ip: '10.21.0.7',
      port: 20_007,
      createdAt: generation === 5 ? Date.UTC(2026, 10, 21, 8, 0, 0, 7) : Date.UTC(2026, 10, 21, 8),
      connectedAt: generation === 5 ? Date.UTC(2026, 10, 21, 8, 0, 1, 7) : Date.UTC(2026, 10, 21, 8, 0, 1),
      disconnectedAt: undefined,
      keepAlive: 60,
      protocol: 5,
      cleanStart: true,
      expiryInterval: 7200,
      subscriptions: 4,
      inflight: 1,
      queued: 0,
      counters: {
        recv_msg: 388,
        'recv_msg.dropped': 3,
        send_msg: 16,
        'send_msg.dropped': 0,
        recv_pkt: 410,
        send_pkt: 407,
        recv_oct: 18_238,
        send_oct: 5129,
        mqueue_dropped: 2,
      },
    };
    assert.deepEqual(await everyone(clients), [expected]);
    assert.deepEqual(await clients.one('a/b+c ü', signal), expected);
    assert.equal(await clients.one('nobody', signal), undefined);
    assert.equal(await api.version(signal), generation === 5 ? 'v5' : 'v4');
  }
});

test('times of any offset, with and without milliseconds; what is no time is none', async (t) => {
  const server = await EmqxServer.start(t);
  const times: readonly [string, number | undefined][] = [
    ['2026-11-21T13:30:00.007+05:30', Date.UTC(2026, 10, 21, 8, 0, 0, 7)],
    ['2026-02-28T22:00:01.000-03:00', Date.UTC(2026, 2, 1, 1, 0, 1)],
    ['2026-11-21T09:00:00+01:00', Date.UTC(2026, 10, 21, 8)],
    ['2026-11-21T08:00:00.123Z', Date.UTC(2026, 10, 21, 8, 0, 0, 123)],
    ['2026-11-21T09:00:00.123456+01:00', Date.UTC(2026, 10, 21, 8, 0, 0, 123)],
    ['2026-11-21T0x:00:00.000+01:00', undefined],
    ['undefined.undefined.undefined', undefined],
  ];
  for (const [n, [created_at]] of times.entries()) server.add(clientRow(n, { created_at }));
  const rows = await everyone(open(t, accessTo(t, server)).clients);
  assert.deepEqual(
    rows.map(({ createdAt }) => createdAt),
    times.map(([, at]) => at),
  );
});

test('a server that does not take "fields" is asked for everything, once and for all', async (t) => {
  const server = await EmqxServer.start(t);
  server.add(clientRow(1));
  server.onRequest = (_method, url) =>
    url.searchParams.has('fields')
      ? { status: 400, body: '{"code":"BAD_REQUEST","message":"unknown fields"}' }
      : undefined;
  const { clients } = open(t, accessTo(t, server));
  assert.equal((await everyone(clients)).length, 1);
  assert.equal((await everyone(clients)).length, 1);
  assert.equal(server.requests.filter((request) => request.includes('fields=')).length, 1);
});

test('a user logs in, and again when the token has run out', async (t) => {
  const server = await EmqxServer.start(t);
  server.add(clientRow(1));
  const login = {
    key: undefined,
    secretFile: undefined,
    user: 'admin',
    passwordFile: secretFile(t, 'public-1'),
  };
  const { clients } = open(t, accessTo(t, server, login));
  assert.equal((await everyone(clients)).length, 1);
  assert.equal(server.logins, 1);
  server.tokens.clear();
  assert.equal((await everyone(clients)).length, 1);
  assert.equal(server.logins, 2);
});

test('a secret that was replaced is used from the next request on', async (t) => {
  const server = await EmqxServer.start(t);
  const file = secretFile(t, 'secret-1');
  const { clients } = open(t, accessTo(t, server, { secretFile: file }));
  await everyone(clients);
  server.keys.set('key-1', { secret: 'secret-2' });
  await assert.rejects(everyone(clients), /expired/);
  writeFileSync(file, 'secret-2');
  assert.deepEqual(await everyone(clients), []);
});

const html: Fault = { status: 502, contentType: 'text/html', body: '<html>Bad gateway</html>' };

test('what passes is tried three times, what does not once', async (t) => {
  const server = await EmqxServer.start(t);
  server.add(clientRow(1));
  const { clients } = open(t, accessTo(t, server));
  let faults: Fault[] = [html, { hangUp: true }];
  server.onRequest = () => faults.shift();
  assert.equal((await everyone(clients)).length, 1, 'the third attempt succeeds');
  faults = [html, html, html];
  await assert.rejects(everyone(clients), /answers 502 with text\/html where EMQX answers with JSON/);
  assert.equal(faults.length, 0);
  faults = [{ status: 403, body: '{"code":"UNAUTHORIZED_ROLE","message":"no"}' }, html];
  await assert.rejects(everyone(clients), /UNAUTHORIZED_ROLE, no\): the key or user may not do this/);
  assert.equal(faults.length, 1);
});

/** One clear sentence each; none of them repeats a secret. */
const TROUBLES: readonly [
  name: string,
  fault: Fault | undefined,
  access: Partial<ApiAccess>,
  words: RegExp,
][] = [
  [
    'HTML of a proxy',
    { ...html, status: 200 },
    {},
    /200 with text\/html where EMQX answers with JSON.*check api_url$/,
  ],
  [
    'a login page',
    { status: 302, headers: { location: 'https://sso/login' } },
    {},
    /sends us to https:\/\/sso\/login: set api_url/,
  ],
  [
    'an unknown or expired key',
    undefined,
    { key: 'key-2' },
    /BAD_API_KEY_OR_SECRET.*the key has expired or is disabled/,
  ],
  ['no key', undefined, { key: undefined }, /AUTHORIZATION_HEADER_ERROR.*set "key" and "secret_file"/],
  ['no API', { status: 404 }, {}, /neither v5 nor v4 below it; check api_url/],
  ['half a JSON', { status: 200, body: '{"data":[' }, {}, /no whole JSON/],
  ['no list', { status: 200, body: '{"data":{}}' }, {}, /"data" is no list/],
  ['a row of another kind', { status: 200, body: '{"data":[1]}' }, {}, /a row is no object/],
  ['a client without id', { status: 200, body: '{"data":[{"connected":true}]}' }, {}, /no "clientid"/],
  [
    'an error in JSON in a text',
    { status: 400, body: '{"code":"BAD_REQUEST","message":"{\\"kind\\":\\"x\\",\\n\\"b\\":1}"}' },
    {},
    /400 \(BAD_REQUEST, \{"kind":"x", "b":1\}\)$/,
  ],
  ['silence', { delayMs: 3000 }, { timeoutMs: 60, attempts: 1 }, /no answer within 0.06 s/],
  [
    'a missing secret file',
    undefined,
    { secretFile: '/nowhere/secret' },
    /secret_file \/nowhere\/secret: no such file$/,
  ],
];

for (const [name, fault, access, words] of TROUBLES) {
  test(`one sentence tells of ${name}`, async (t) => {
    const server = await EmqxServer.start(t);
    server.onRequest = () => fault;
    const { clients } = open(t, accessTo(t, server, access));
    await assert.rejects(everyone(clients), (error: Error) => {
      assert.match(error.message, words);
      assert.ok(!error.message.includes('\n') && !error.message.includes('secret-1'));
      return true;
    });
  });
}

test('4.x tells errors with status 200', async (t) => {
  const server = await EmqxServer.start(t, { generation: 4 });
  const { clients } = open(t, accessTo(t, server));
  await everyone(clients);
  server.onRequest = () => ({ status: 200, body: '{"code":103,"message":"bad login"}' });
  await assert.rejects(
    everyone(clients),
    /code 103 \(bad login\): it does not know this user or application/,
  );
});

test('nothing listens: the words of the connection', async (t) => {
  const free = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => free.once('listening', resolve));
  const { port } = free.address() as { port: number };
  await new Promise((resolve) => free.close(resolve));
  const { clients } = open(t, { url: `http://127.0.0.1:${port}/api/`, timeoutMs: 1000, attempts: 1 });
  await assert.rejects(everyone(clients), /connection refused \(nothing listens there\)/);
});

test('TLS: an authority of its own, none, and "verify: false"', async (t) => {
  const authority = new Authority(tempDir(t), 'ca');
  const server = await EmqxServer.start(t, { certificate: authority.issue('server', 'IP:127.0.0.1') });
  server.add(clientRow(1));
  const open1 = (tls?: ApiAccess['tls']): Clients =>
    open(t, accessTo(t, server, { tls, attempts: 1 })).clients;
  assert.equal((await everyone(open1({ ca: authority.cert }))).length, 1);
  assert.equal((await everyone(open1({ verify: false }))).length, 1);
  await assert.rejects(everyone(open1()), /set tls.ca to that authority's file/);
});
