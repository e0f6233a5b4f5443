import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Aedes } from 'aedes';
import { cli } from '../support/cli.ts';
import { cure, diagnose, wrong } from '../support/doctor.ts';
import { secretFile } from '../support/emqx-server/access.ts';
import { EmqxServer, type EmqxServerOptions } from '../support/emqx-server/server.ts';
import { tempDir } from '../support/temp.ts';

const GOLDEN = fileURLToPath(new URL('../golden/emqx/', import.meta.url));

async function broker(
  t: TestContext,
  options: EmqxServerOptions = {},
): Promise<{ server: EmqxServer; access: string[] }> {
  const server = await EmqxServer.start(t, options);
  server.configs.log = {
    file: { enable: true, level: 'warning', formatter: 'json' },
    audit: { enable: true },
  };
  server.configs.sys_topics = {
    sys_msg_interval: '1m',
    sys_event_messages: { client_connected: true, client_subscribed: true, client_unsubscribed: true },
  };
  return {
    server,
    access: [
      '--broker',
      'emqx',
      '--api-url',
      server.url,
      '--key',
      'key-1',
      '--secret-file',
      secretFile(t, 'secret-1'),
    ],
  };
}

test('a broker that tells nothing by rules; with ours nothing is left to do', async (t) => {
  const { access } = await broker(t);
  const before = await diagnose(access);
  assert.deepEqual(wrong(before), ['rules']);
  assert.equal(before.version, '5.8.9');
  await cli(['emqx', 'rules', '--url', 'http://probe:8086/emqx', '--apply', ...access.slice(2)]);
  assert.deepEqual(wrong(await diagnose(access)), []);
});

test('a rule that is off, a connector that is not connected, a key that may not look', async (t) => {
  const { server, access } = await broker(t);
  await cli(['emqx', 'rules', '--url', 'http://probe:8086/emqx', '--apply', ...access.slice(2)]);
  const rule = server.integration.tables.rules?.get('brokertap_messages');
  server.integration.tables.rules?.set('brokertap_messages', { ...rule, enable: false });
  server.onRequest = (_method, url) => {
    if (url.pathname.endsWith('/clients'))
      return { status: 403, body: '{"code":"UNAUTHORIZED_ROLE","message":"no"}' };
    if (!url.pathname.endsWith('/connectors')) return undefined;
    const row = {
      type: 'http',
      name: 'brokertap',
      url: 'http://probe:8086',
      enable: true,
      status: 'disconnected',
      status_reason: 'econnrefused',
    };
    return { status: 200, body: JSON.stringify([row]) };
  };
  const report = await diagnose(access);
  assert.deepEqual(wrong(report), ['permission', 'connector', 'rule-off']);
  assert.match(
    report.findings.find(({ check }) => check === 'connector')?.title ?? '',
    /disconnected: econnrefused/,
  );
  assert.match(
    report.findings.find(({ check }) => check === 'rules')?.title ?? '',
    /^No rule sends message.publish/,
  );
});

test('the lines that are told for emqx.conf help', async (t) => {
  const conf = path.join(tempDir(t), 'emqx.conf');
  writeFileSync(
    conf,
    'node.name = "emqx@127.0.0.1"\nlog.file { level = error }\nsys_topics.sys_msg_interval = disabled\n',
  );
  const args = ['--broker', 'emqx', '--conf', conf];
  const before = await diagnose(args);
  assert.deepEqual(wrong(before), ['log-level', 'log-format', 'sys-topics']);
  cure(before.findings);
  assert.deepEqual(wrong(await diagnose(args)), []);
});

test('a log tells what it holds, what was left out, and where it is in doubt', async () => {
  const args = (file: string): string[] => ['--broker', 'emqx', '--log', path.join(GOLDEN, file)];
  const json = await diagnose(args('emqx62-json.jsonl'));
  const told = json.findings.find(({ check }) => check === 'log-tells');
  assert.match(told?.title ?? '', /entries of .*emqx62-json.jsonl: JSON$/);
  assert.match(told?.lost ?? '', /client-authentication-failed \(\d+\)/);
  assert.ok(wrong(json).includes('log-throttled'));
  const missing = await diagnose(['--broker', 'emqx', '--log', '/nowhere/emqx.log']);
  assert.deepEqual(wrong(missing), ['log-file']);
});

test('what a mirror may not read, with the line for acl.conf', async (t) => {
  const aedes = await Aedes.createBroker({
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic.startsWith('$SYS') ? null : subscription),
  });
  const server = createServer((socket) => aedes.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  t.after(() => {
    aedes.close();
    server.close();
  });
  const config = path.join(tempDir(t), 'brokertap.yaml');
  const user = `user: probe, password_file: ${secretFile(t, 'x')}`;
  writeFileSync(
    config,
    `inputs: {m: {type: mqtt, broker: emqx, url: "mqtt://127.0.0.1:${port}", protocol: 3.1.1, ${user}, topics: ["#", "$SYS/#"]}}\noutputs: {o: {type: stdout}}\n`,
  );
  const report = await diagnose(['--broker', 'emqx', '-c', config]);
  assert.deepEqual(wrong(report), ['subscription']);
  assert.match(
    report.findings[0]?.title ?? '',
    /\{allow, \{username, "probe"\}, subscribe, \["\$SYS\/#"\]\}\./,
  );
});

test('no broker there, 4.x, and nothing to look at', async (t) => {
  const { server, access } = await broker(t);
  await server.stop();
  const gone = await diagnose(access);
  assert.deepEqual(wrong(gone), ['api']);
  const four = await broker(t, { generation: 4 });
  const report = await diagnose(four.access);
  assert.deepEqual([report.version, wrong(report)], ['4.4.19', []]);
  const nothing = await cli(['doctor', '--broker', 'emqx'], { cwd: tempDir(t) });
  assert.equal(nothing.code, 2);
  assert.match(nothing.stderr, /nothing to look at: give --conf/);
});
