import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { Aedes } from 'aedes';
import { secretFile } from '../../support/emqx-server/access.ts';
import { EmqxServer } from '../../support/emqx-server/server.ts';
import { auditRow, clientRow, rfc3339 } from '../../support/emqx-server/tables.ts';
import { Capture, startProbe } from '../../support/in-process.ts';
import type { ReceivedEvent } from '../../support/receiver.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

const SECRET = 'planted-9b1d';

function input(t: TestContext, server: EmqxServer, more = ''): string {
  const file = secretFile(t, 'secret-1');
  return `inputs: {api: {type: emqx-api, name: plant-a, api_url: "${server.url}", key: key-1, secret_file: ${file}, interval: 1s${more}}}`;
}

interface State {
  readonly id: string;
  readonly alias?: string;
  readonly state: string;
  readonly changes: readonly string[];
  readonly connects: number;
  readonly publish: { readonly received: number };
}

function states(capture: Capture): ReceivedEvent[] {
  return capture.actions('client-state');
}

function clientOf(event: ReceivedEvent | undefined): State {
  return event?.mqtt?.client as State;
}

test('a client that changes is one client-state event with everything the broker tells', async (t) => {
  const server = await EmqxServer.start(t);
  server.add(clientRow(1), clientRow(2, { clientid: 'x", "event":"forged\n', connected: false }));
  const aliases = path.join(tempDir(t), 'names.yaml');
  writeFileSync(aliases, 'sensor-1: Boiler room\n');
  const { capture } = await startProbe(t, tempDir(t), input(t, server, `, clients_file: ${aliases}`));
  await until(
    () => states(capture).length === 2,
    () => JSON.stringify(capture.events),
  );
  const first = states(capture).find((event) => clientOf(event).id === 'sensor-1');
  assert.ok(first);
  const { event, message, mqtt, service, source, user } = first;
  const {
    id: _id,
    created: _created,
    sequence: _sequence,
    ...facts
  } = event as unknown as Record<string, unknown>;
  assert.deepEqual(facts, {
    kind: 'state',
    category: ['session'],
    type: ['info'],
    action: 'client-state',
    code: 'emqx.client_state',
    provider: 'emqx-api',
    module: 'mqtt',
    dataset: 'mqtt.connection',
  });
  assert.equal(message, 'client sensor-1 is connected (first_seen)');
  assert.deepEqual(mqtt, {
    client: {
      id: 'sensor-1',
      alias: 'Boiler room',
      state: 'connected',
      changes: ['first_seen'],
      connects: 0,
      subscriptions: 4,
      inflight: 0,
      queued: 0,
      publish: { received: 388, received_dropped: 0, sent: 16, sent_dropped: 0 },
      packets: { received: 410, sent: 407 },
      bytes: { received: 18_232, sent: 5123 },
      queue_dropped: 0,
    },
    connection: { connected_at: '2026-11-21T08:00:01.001Z' },
    session: { created_at: '2026-11-21T08:00:00.001Z', expiry_interval: 7200 },
    protocol_version: '5.0',
    keep_alive: 60,
    clean_start: true,
  });
  assert.deepEqual(
    [service, source, user],
    [
      { type: 'emqx', name: 'plant-a', node: { name: 'emqx@10.20.0.2' } },
      { ip: '10.21.0.1', port: 20_001 },
      { name: 'plant-1' },
    ],
  );
  const hostile = states(capture).find((one) => clientOf(one).state === 'disconnected');
  assert.equal(clientOf(hostile).id, 'x", "event":"forged\n');

  server.change('sensor-1', { connected_at: rfc3339(Date.UTC(2026, 10, 21, 9)), recv_msg: 12 });
  await until(
    () => states(capture).length === 3,
    () => JSON.stringify(states(capture).map(clientOf)),
  );
  const again = clientOf(states(capture)[2]);
  assert.deepEqual(
    [again.id, again.changes, again.connects, again.publish.received],
    ['sensor-1', ['reconnected'], 1, 400],
    'the new connection is counted, and its messages come on top',
  );
});

test('a table that changes while its pages are read: nobody is told twice, nobody is gone', async (t) => {
  const server = await EmqxServer.start(t);
  for (let n = 0; n < 2500; n++) server.add(clientRow(n));
  let passes = 0;
  server.onRequest = (_method, url) => {
    const page = url.searchParams.get('page');
    if (page === '1') passes++;
    if (page !== '2') return undefined;
    // Rows of the first page move behind the last one: others move up and are missed, these come again.
    for (const [id, row] of [...server.clients].slice(0, 30)) {
      server.clients.delete(id);
      server.clients.set(id, row);
    }
    return undefined;
  };
  const { capture } = await startProbe(t, tempDir(t), input(t, server));
  await until(
    () => states(capture).length >= 2500 && passes >= 4,
    () => `${states(capture).length} events, ${passes} passes`,
  );
  assert.equal(states(capture).length, 2500);
  assert.equal(new Set(states(capture).map((event) => clientOf(event).id)).size, 2500);
});

test('a mirror of the same broker does not wait for polls, which tell nothing of messages', async (t) => {
  const server = await EmqxServer.start(t);
  const aedes = await Aedes.createBroker();
  const broker = createServer((socket) => aedes.handle(socket));
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  const { port } = broker.address() as AddressInfo;
  t.after(() => {
    aedes.close();
    broker.close();
  });
  const mirror = `m: {type: mqtt, broker: emqx, name: plant-a, url: "mqtt://127.0.0.1:${port}", protocol: 3.1.1, topics: "#"}`;
  const both = input(t, server).replace(/\}$/, `, ${mirror}}`);
  const { probe, capture } = await startProbe(t, tempDir(t), both);
  await until(
    () => probe.status().ready,
    () => JSON.stringify(probe.status().problems),
  );
  const message = { cmd: 'publish', topic: 'a/b', payload: 'x', qos: 0, dup: false, retain: false } as const;
  await new Promise<void>((resolve) => aedes.publish(message, () => resolve()));
  await until(
    () => capture.actions('message-mirrored').length === 1,
    () => JSON.stringify(capture.events),
  );
  assert.equal(capture.actions('message-mirrored')[0]?.mqtt?.correlation, undefined);
});

test('the probe is ready when a poll has succeeded, and says why it is not', async (t) => {
  const server = await EmqxServer.start(t);
  server.onRequest = () => ({ status: 200, contentType: 'text/html', body: '<html>login</html>' });
  const { probe } = await startProbe(t, tempDir(t), input(t, server));
  await until(
    () => probe.status().problems.some((one) => one.includes('text/html where EMQX answers with JSON')),
    () => JSON.stringify(probe.status().problems),
  );
  server.onRequest = () => undefined;
  await until(
    () => probe.status().ready,
    () => JSON.stringify(probe.status().problems),
  );
});

test('chosen clients are series of /metrics, with names for labels', async (t) => {
  const server = await EmqxServer.start(t);
  for (let n = 0; n < 5; n++) server.add(clientRow(n));
  server.change('sensor-1', { clientid: 'sensor-1', username: 'a"b\n' });
  const more = ', clients: {sensor-1: Boiler room}, prometheus: [Boiler room, sensor-3]';
  const { probe } = await startProbe(
    t,
    tempDir(t),
    input(t, server, more),
    undefined,
    undefined,
    'telemetry: {listen: "127.0.0.1:0"}',
  );
  let text = '';
  await until(
    async () => {
      text = await (await fetch(`http://${probe.address}/metrics`)).text();
      return text.includes('brokertap_client_connected{') && text.includes('user="plant-3"');
    },
    () => text,
  );
  const lines = text.split('\n').filter((line) => line.startsWith('brokertap_client_'));
  assert.ok(
    lines.includes(
      'brokertap_client_connected{client_alias="Boiler room",client_id="sensor-1",user="a\\"b\\n",broker_alias="plant-a"} 1',
    ),
    text,
  );
  assert.ok(
    lines.includes(
      'brokertap_client_publish_received_total{client_alias="sensor-3",client_id="sensor-3",user="plant-3",broker_alias="plant-a"} 388',
    ),
  );
  assert.equal(lines.filter((line) => line.includes('sensor-0')).length, 0);
  assert.ok(text.includes('# TYPE brokertap_client_connects_total counter'));
});

test('the audit log is polled: every record once, in order, without secrets, over a restart too', async (t) => {
  const server = await EmqxServer.start(t);
  server.audit.push(
    auditRow(1, {
      http_request: {
        body: { username: 'admin', password: SECRET },
        headers: { authorization: `Basic ${SECRET}` },
        method: 'post',
      },
      operation_id: '/login',
      http_method: 'post',
    }),
    auditRow(2, {
      from: 'cli',
      operation_id: '',
      operation_type: 'admins',
      args: ['add', 'bob', SECRET],
      http_request: '',
      http_method: '',
      http_status_code: '',
      operation_result: '',
      source: '',
      source_ip: '',
    }),
    auditRow(3, {
      from: 'erlang_console',
      operation_id: '',
      operation_type: '',
      args: `eval_erl: emqx:set("password", "${SECRET}")`,
      http_request: '',
      http_method: '',
      http_status_code: '',
      operation_result: '',
      source: '',
      source_ip: '',
    }),
  );
  const directory = tempDir(t);
  const capture = new Capture();
  const audits = (): ReceivedEvent[] =>
    capture.events.filter(({ event }) => event.action.startsWith('audit-'));
  const { stop } = await startProbe(t, directory, input(t, server, ', audit: true'), capture);
  await until(
    () => audits().length === 3,
    () => JSON.stringify(capture.events),
  );
  assert.deepEqual(
    audits().map(({ event, message }) => [event.action, event.code, message]),
    [
      ['audit-login', 'audit.rest_api', 'post /login by key-1: success'],
      ['audit-command', 'audit.cli', 'admins add bob ******'],
      ['audit-command', 'audit.erlang_console', audits()[2]?.message],
    ],
  );
  assert.equal(audits()[0]?.['@timestamp'], '2026-11-21T08:00:00.010Z');
  server.audit.push(auditRow(4));
  // A record of another node that comes later than a newer one.
  server.audit.unshift(auditRow(2.5, { operation_id: '/banned' }));
  await until(
    () => audits().length === 5,
    () => JSON.stringify(audits()),
  );
  await stop();
  server.audit.push(auditRow(5));
  await startProbe(t, directory, input(t, server, ', audit: true'), capture);
  await until(
    () => audits().length === 6,
    () => JSON.stringify(audits()),
  );
  const polls = server.requests.length;
  await until(
    () => server.requests.length >= polls + 4,
    () => '',
  );
  assert.equal(audits().length, 6, 'nothing comes twice');
  assert.ok(!JSON.stringify(capture.events).includes(SECRET));
  const stored = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  assert.ok(stored.some(({ name }) => name.endsWith('.segment')));
  for (const { name, parentPath } of stored)
    assert.ok(!readFileSync(path.join(parentPath, name)).includes(SECRET), name);
  assert.equal(capture.actions('input-gap').length, 0);
});

test('an audit log that has turned over between two polls is a gap', async (t) => {
  const server = await EmqxServer.start(t);
  server.audit.push(auditRow(1));
  const { capture } = await startProbe(t, tempDir(t), input(t, server, ', audit: true'));
  await until(
    () => capture.actions('audit-changed').length === 1,
    () => JSON.stringify(capture.events),
  );
  server.audit.splice(0, 1, ...Array.from({ length: 5000 }, (_, n) => auditRow(10 + n)));
  await until(
    () => capture.actions('audit-changed').length === 5001,
    () => String(capture.actions('audit-changed').length),
  );
  const [gap, ...more] = capture.actions('input-gap');
  assert.equal(more.length, 0);
  assert.equal(gap?.event.reason, 'audit_turnover');
});

test('records of the audit log come also after the clock of the broker was set back', async (t) => {
  const server = await EmqxServer.start(t);
  const ahead = { created_at: rfc3339(Date.now() + 3_600_000) };
  server.audit.push(auditRow(1, ahead));
  const directory = tempDir(t);
  const capture = new Capture();
  const { stop } = await startProbe(t, directory, input(t, server, ', audit: true'), capture);
  const changes = (): number => capture.actions('audit-changed').length;
  await until(
    () => changes() === 1,
    () => String(changes()),
  );
  server.audit.push(auditRow(2, { created_at: rfc3339(Date.now()) }));
  await until(
    () => changes() === 2,
    () => String(changes()),
    5000,
  );
  await stop();
  server.audit.push(auditRow(3, { created_at: rfc3339(Date.now()) }));
  await startProbe(t, directory, input(t, server, ', audit: true'), capture);
  await until(
    () => changes() === 3,
    () => String(changes()),
    5000,
  );
  assert.equal(capture.actions('input-gap').length, 0);
});

test('a request that is nested too deeply does not hide the other records of the audit log', async (t) => {
  const server = await EmqxServer.start(t);
  const nested = JSON.parse(`${'{"a":'.repeat(4000)}1${'}'.repeat(4000)}`);
  server.audit.push(auditRow(1, { http_request: { body: nested } }), auditRow(2));
  const { capture } = await startProbe(t, tempDir(t), input(t, server, ', audit: true'));
  await until(
    () => capture.actions('audit-changed').length === 2,
    () => JSON.stringify(capture.actions('audit-changed')),
  );
});

test('an audit log that is off does not stop the clients', async (t) => {
  const server = await EmqxServer.start(t);
  server.auditEnabled = false;
  server.add(clientRow(1));
  const { probe, capture } = await startProbe(t, tempDir(t), input(t, server, ', audit: true'));
  await until(
    () =>
      states(capture).length === 1 &&
      probe.status().problems.some((one) => one.includes('set log.audit.enable = true')),
    () => JSON.stringify(probe.status().problems),
  );
});
