import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { PositionStore } from '../../src/state/positions.ts';
import { Vault } from '../../src/state/vault.ts';
import { cli, type Finished } from '../support/cli.ts';
import { secretFile } from '../support/emqx-server/access.ts';
import { EmqxServer, type EmqxServerOptions } from '../support/emqx-server/server.ts';
import { silentLog } from '../support/in-process.ts';
import { tempDir } from '../support/temp.ts';

const TOKEN = 'hook-token-5f2a';

async function setUp(t: TestContext, options: EmqxServerOptions = {}) {
  const server = await EmqxServer.start(t, options);
  const access = ['--api-url', server.url, '--key', 'key-1', '--secret-file', secretFile(t, 'secret-1')];
  const hook = ['--url', 'http://probe:8086/emqx', '--token-file', secretFile(t, TOKEN)];
  const rules = (...more: string[]): Promise<Finished> => cli(['emqx', 'rules', ...hook, ...access, ...more]);
  return { server, rules, hook, access };
}

test('--apply makes connector, action and rules; a second run changes nothing; --remove takes all of it away', async (t) => {
  const { server, rules, access } = await setUp(t);
  const before = await rules('--diff');
  assert.equal(before.code, 1);
  assert.match(before.stdout, /connector http:brokertap: not there/);
  assert.equal(server.integration.changes, 0);

  const first = await rules('--apply');
  assert.deepEqual(first, {
    code: 0,
    stdout: [
      'connector http:brokertap: created, connected',
      'action http:brokertap: created, connected',
      'rule brokertap_events: created',
      'rule brokertap_messages: created',
      '',
    ].join('\n'),
    stderr: '',
  });
  const action = server.integration.tables.actions?.get('http:brokertap');
  const parameters = action?.parameters as { path: string; headers: Record<string, string> };
  assert.equal(parameters.path, '/emqx');
  assert.equal(parameters.headers.authorization, `Bearer ${TOKEN}`);
  const sql = String(server.integration.tables.rules?.get('brokertap_events')?.sql);
  assert.ok(sql.includes('alarm_activated') && !sql.includes('client/ping'), 'what 5.8.9 has');

  const { changes } = server.integration;
  const second = await rules('--apply');
  assert.equal(second.code, 0);
  assert.match(second.stdout, /connector http:brokertap: unchanged[\s\S]*rule brokertap_messages: unchanged/);
  assert.equal(server.integration.changes, changes);
  assert.equal((await rules('--diff')).code, 0);

  // Neither the address nor its secret, and no configuration that is right, is needed for that.
  const removed = await cli(['emqx', 'rules', ...access, '--own-client', "a'b", '--remove']);
  assert.equal(removed.code, 0, removed.stderr);
  assert.match(
    removed.stdout,
    /^rule brokertap_messages: removed[\s\S]*connector http:brokertap: removed\n$/,
  );
  assert.ok(Object.values(server.integration.tables).every((table) => table.size === 0));
  assert.match((await rules('--remove')).stdout, /^rule brokertap_messages: not there/);
});

test('--diff tells what is different, and --apply puts it right and nothing else', async (t) => {
  const { server, rules } = await setUp(t);
  await rules('--apply');
  const rule = server.integration.tables.rules?.get('brokertap_events');
  server.integration.tables.rules?.set('brokertap_events', { ...rule, enable: false });
  const diff = await rules('--diff');
  assert.equal(diff.code, 1);
  assert.match(diff.stdout, /rule brokertap_events: differs\n {2}enable\n {2}- false\n {2}\+ true\n/);
  assert.equal(diff.stdout.match(/the same/g)?.length, 3);
  const { changes } = server.integration;
  assert.match((await rules('--apply')).stdout, /rule brokertap_events: changed/);
  assert.equal(server.integration.changes, changes + 1);
});

test('--remove leaves what a rule of somebody else uses, says why, and removes the rest', async (t) => {
  const { server, rules } = await setUp(t);
  await rules('--apply');
  const { tables } = server.integration;
  tables.rules?.set('mine', { id: 'mine', sql: 'SELECT * FROM "t/#"', actions: ['http:brokertap'] });
  const removed = await rules('--remove');
  assert.equal(removed.code, 1);
  assert.match(
    removed.stdout,
    /^rule brokertap_messages: removed\nrule brokertap_events: removed\naction http:brokertap: stays: .*active rules are depending on it\)\nconnector http:brokertap: stays: .*\n$/,
  );
  assert.deepEqual([...(tables.rules?.keys() ?? [])], ['mine']);
});

test('--diff without --url compares everything else', async (t) => {
  const { server, rules, access } = await setUp(t);
  const diff = (): Promise<Finished> => cli(['emqx', 'rules', ...access, '--diff']);
  const nothing = await diff();
  assert.deepEqual([nothing.code, nothing.stdout.match(/not there/g)?.length], [1, 4]);
  await rules('--apply');
  const same = await diff();
  assert.deepEqual(
    [same.code, same.stdout.match(/the same/g)?.length, same.stderr],
    [0, 4, 'without --url the address that the broker sends to is not compared\n'],
  );
  const connector = server.integration.tables.connectors?.get('http:brokertap');
  server.integration.tables.connectors?.set('http:brokertap', { ...connector, enable: false });
  assert.match((await diff()).stdout, /connector http:brokertap: differs\n {2}enable/);
});

test('the mirrors of the configuration and --own-client are left out', async (t) => {
  const { server, rules } = await setUp(t);
  const config = path.join(tempDir(t), 'brokertap.yaml');
  writeFileSync(
    config,
    `inputs: {m: {type: mqtt, broker: emqx, url: "mqtt://emqx", client_id: the-mirror, topics: "#"}}\noutputs: {o: {type: stdout}}\n`,
  );
  await rules('--apply', '-c', config, '--own-client', 'other-probe', '--leave-out', 'again/#');
  const sql = (id: string): string => String(server.integration.tables.rules?.get(id)?.sql);
  const clients = "not (clientid = 'the-mirror') and not (clientid = 'other-probe')";
  assert.ok(sql('brokertap_events').endsWith(`WHERE ${clients}`));
  assert.ok(
    sql('brokertap_messages').endsWith(
      `WHERE ${clients} and not (topic =~ '$events/#') and not (topic =~ 'again/#')`,
    ),
  );
});

test('a mirror is left out under the id of its first run, as the state directory tells, also where that is encrypted', async (t) => {
  const { server, rules } = await setUp(t);
  const directory = tempDir(t);
  const config = path.join(directory, 'brokertap.yaml');
  const secret = path.join(directory, 'key');
  writeFileSync(secret, 'k'.repeat(64));
  for (const [privacy, id] of [
    ['', 'brokertap-old-host-m'],
    ['privacy: {key_file: key}\n', 'brokertap-older-host-m'],
  ] as const) {
    const state = path.join(directory, id);
    writeFileSync(
      config,
      `state: ./${id}\n${privacy}inputs: {m: {type: mqtt, broker: emqx, url: "mqtt://emqx", topics: "#"}}\noutputs: {o: {type: stdout}}\n`,
    );
    mkdirSync(state);
    const vault = privacy === '' ? undefined : new Vault(readFileSync(secret), []);
    const store = await PositionStore.open(state, [], silentLog, vault);
    store.facts('m').keep({ url: 'mqtt://emqx', client_id: id });
    await store.save();
    await rules('--apply', '-c', config);
    const sql = String(server.integration.tables.rules?.get('brokertap_events')?.sql);
    assert.ok(sql.endsWith(`WHERE not (clientid = '${id}')`), sql);
    writeFileSync(path.join(state, 'positions.json'), '{');
    assert.equal((await rules('--diff', '-c', config)).code, 1);
    assert.deepEqual(readdirSync(state), ['positions.json'], 'what is damaged stays where it is');
  }
});

const HOOK = 'http, listen: "127.0.0.1:8086"';

/** A configuration with the API of that server, and more inputs. */
function configWith(t: TestContext, server: EmqxServer, inputs: string): string {
  const directory = tempDir(t);
  const config = path.join(directory, 'brokertap.yaml');
  writeFileSync(path.join(directory, 'hook.token'), `${TOKEN} \n`);
  writeFileSync(
    config,
    `inputs:\n  api: {type: emqx-api, api_url: "${server.url}", key: key-1, secret_file: ${secretFile(t, 'secret-1')}}\n${inputs}\noutputs: {o: {type: stdout}}\n`,
  );
  return config;
}

function sentBy(server: EmqxServer): { path?: unknown; authorization?: unknown } {
  const { parameters } = server.integration.tables.actions?.get('http:brokertap') ?? {};
  const { path: at, headers } = parameters as { path: string; headers: Record<string, string> };
  return { path: at, authorization: headers.authorization };
}

test('with -c the broker sends what the http input of the configuration wants, to its path', async (t) => {
  const { server } = await setUp(t);
  const rules = (inputs: string, ...more: string[]): Promise<Finished> =>
    cli(['emqx', 'rules', '-c', configWith(t, server, inputs), ...more]);
  const url = ['--url', 'http://probe:8086/'];
  const basic = `Basic ${Buffer.from(`emqx:${TOKEN}`).toString('base64')}`;
  const other = `  far: {type: http, listen: "127.0.0.1:9000", path: /far}`;
  for (const [inputs, options, wanted] of [
    [
      `  hook: {type: ${HOOK}, auth: {token_file: hook.token}}`,
      url,
      { path: '/', authorization: `Bearer ${TOKEN}` },
    ],
    [
      `  hook: {type: ${HOOK}, path: /emqx, auth: {user: emqx, password_file: hook.token}}`,
      url,
      { path: '/emqx', authorization: basic },
    ],
    [
      `  hook: {type: ${HOOK}, path: /emqx, auth: {token_file: hook.token}}\n${other}`,
      ['--url', 'http://probe:8086/behind/a/proxy'],
      { path: '/behind/a/proxy', authorization: `Bearer ${TOKEN}` },
    ],
    [
      `  hook: {type: ${HOOK}, auth: {token_file: none-there}}`,
      [...url, '--token-file', secretFile(t, 'another')],
      { path: '/', authorization: 'Bearer another' },
    ],
    [`  hook: {type: ${HOOK}, auth: none}`, url, { path: '/', authorization: undefined }],
  ] as const) {
    for (const table of Object.values(server.integration.tables)) table.clear();
    const { code, stderr } = await rules(inputs, ...options, '--apply');
    assert.deepEqual([code, stderr], [0, ''], inputs);
    assert.deepEqual(sentBy(server), wanted);
  }
  for (const [inputs, words] of [
    [
      `  hook: {type: ${HOOK}, tls: {cert: c.pem, key: k.pem}}`,
      /^--url http:\/\/probe:8086\/: the input "hook" speaks TLS: write https:\/\/\n$/,
    ],
    [
      `  near: {type: http, listen: "127.0.0.1:9001", auth: {token_file: hook.token}}\n${other}`,
      /^--url http:\/\/probe:8086\/: which input of type http is it\? near listens on port 9001, far on 9000; for an address that leads elsewhere give --token-file or --hook-user\n$/,
    ],
    [`  hook: {type: ${HOOK}, auth: {token_file: none-there}}`, /none-there: no such file/],
  ] as const) {
    const { code, stderr } = await rules(inputs, ...url, '--apply');
    assert.equal(code, 2, stderr);
    assert.match(stderr, words);
  }
  const shown = await rules(`  hook: {type: ${HOOK}, path: /emqx, auth: {token_file: hook.token}}`, ...url);
  assert.match(shown.stdout, /authorization = "Bearer <what \S+hook\.token holds>"/);
});

test('printed: SQL, connector and action as HOCON and REST calls, without the secret and without a broker', async (t) => {
  const { server, hook } = await setUp(t);
  const { code, stdout } = await cli(['emqx', 'rules', ...hook, '--events', 'client.*'], { cwd: tempDir(t) });
  assert.equal(code, 0);
  for (const words of [
    'connectors.http.brokertap {',
    'sql = """SELECT * FROM "$events/client_connected"',
    '# POST /api/v5/actions',
  ])
    assert.ok(stdout.includes(words), stdout);
  assert.ok(!stdout.includes(TOKEN) && !stdout.includes('session_subscribed'));
  assert.deepEqual(server.requests, []);
});

test('a key that may only look, an EMQX without actions, a wrong command line', async (t) => {
  const { server, rules } = await setUp(t);
  server.keys.set('key-1', { secret: 'secret-1', role: 'viewer' });
  const viewer = await rules('--apply');
  assert.equal(viewer.code, 1);
  assert.match(viewer.stderr, /^[^\n]*UNAUTHORIZED_ROLE[^\n]*may not do this; give it a role that may\n$/);
  for (const [options, version] of [
    [{ version: '5.3.1' }, '5.3.1'],
    [{ generation: 4 }, '4'],
  ] as const) {
    const old = await (await setUp(t, options)).rules('--apply');
    assert.equal(old.code, 2);
    assert.ok(
      old.stderr.startsWith(`this EMQX is ${version}, and connectors and actions came with 5.4`),
      old.stderr,
    );
  }
  const { access } = await setUp(t);
  for (const verb of [[], ['--apply']]) {
    const { code, stderr } = await cli(['emqx', 'rules', ...access, ...verb]);
    assert.equal(code, 2);
    assert.match(stderr, /^--url is missing: write the address of the probe's http input, such as http:/);
  }
  for (const [args, words] of [
    [['--apply', '--remove'], /give one of --apply, --remove/],
    [['--own-client', "a'b"], /client id "a'b" cannot stand in the SQL/],
    [['--events', 'nothing.*'], /--events nothing\.\*: there are client\.connected/],
    [['--name', 'a b'], /letters, digits/],
    [['--url', 'probe:8086'], /write the address of the probe's http input/],
  ] as const) {
    const { code, stderr } = await rules(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, words);
  }
});
