import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { BIN, cli, type Finished } from '../support/cli.ts';
import { secretFile } from '../support/emqx-server/access.ts';
import { EmqxServer } from '../support/emqx-server/server.ts';
import { clientRow, rfc3339 } from '../support/emqx-server/tables.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const env = { TZ: 'UTC', NO_COLOR: '1' };

async function broker(t: TestContext): Promise<{ server: EmqxServer; access: string[]; config: string }> {
  const server = await EmqxServer.start(t);
  server.add(
    clientRow(1, {
      created_at: rfc3339(Date.UTC(2026, 4, 13, 6, 40, 40)),
      connected_at: rfc3339(Date.UTC(2026, 4, 14, 6, 40, 41)),
    }),
    clientRow(2, { connected: false, 'send_msg.dropped': 7, mqueue_dropped: 2, recv_msg: 9 }),
    clientRow(3, { clientid: '\u001b[31mred\u202e', inflight_cnt: 5 }),
  );
  const secret = secretFile(t, 'secret-1');
  const config = path.join(tempDir(t), 'brokertap.yaml');
  const clients = 'clients: {sensor-2: Pump, sensor-1: Boiler room}';
  writeFileSync(
    config,
    `inputs: {api: {type: emqx-api, api_url: "${server.url}", key: key-1, secret_file: ${secret}, ${clients}}}\noutputs: {o: {type: stdout}}\n`,
  );
  return { server, config, access: ['--api-url', server.url, '--key', 'key-1', '--secret-file', secret] };
}

function check(args: readonly string[]): Promise<Finished> {
  return cli(['emqx', 'check', ...args], { env });
}

test('without arguments: the clients of the configuration, by their names', async (t) => {
  const { config } = await broker(t);
  const { code, stdout, stderr } = await check(['-c', config]);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  assert.equal(
    stdout,
    [
      'Alias        Created              Keepalive  Connected            Sub Cnt  MsgIn Flght  RX Msg  RX Drop  TX Msg  TX Drop  State',
      'Pump         2026-11-21 08:00:00  60         2026-11-21 08:00:01  4        0            9       0        16      9        disconnected',
      'Boiler room  2026-05-13 06:40:40  60         2026-05-14 06:40:41  4        0            388     0        16      0        connected',
      '',
    ].join('\n'),
  );
});

test('several ids, one of which never connected: it says so and exits 1', async (t) => {
  const { access } = await broker(t);
  const { code, stdout, stderr } = await check(['sensor-1', 'nobody', ...access]);
  assert.equal(code, 1);
  assert.equal(stderr, 'client nobody never connected: the broker has no session of it, or no more\n');
  const [head = '', first = '', second = ''] = stdout.split('\n');
  assert.match(head, /^Client +Created +Keepalive/);
  assert.match(first, /^sensor-1 .* connected$/);
  assert.match(second, /^nobody +- .* never connected$/);
});

test('--all, --sort, --json; what clients are called cannot colour a terminal', async (t) => {
  const { access } = await broker(t);
  const all = await check(['--all', '--sort', 'msgin flght', ...access]);
  assert.equal(all.code, 0);
  assert.match(all.stdout.split('\n')[1] ?? '', /^\\u\{1b\}\[31mred\\u\{202e\}/);
  const json = await check(['--all', '--json', '--sort', 'TX Drop', ...access]);
  const rows = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(rows.length, 3);
  assert.match(json.stdout, /"\\u001b\[31mred\\u202e"/);
  assert.deepEqual(
    [rows[0].client, rows[0].state, rows[0]['send_msg.dropped'], rows[0].created_at],
    ['sensor-2', 'disconnected', 7, '2026-11-21T08:00:00.002Z'],
  );
});

test('states have colours where a terminal wants them', async () => {
  const { tableText } = await import('../../src/cli/emqx/table.ts');
  const text = tableText([{ id: 'nobody', alias: undefined, row: undefined }], false, true);
  assert.ok(text.includes('\u001b[33mnever connected\u001b[39m'), JSON.stringify(text));
});

test('--watch shows it again and again', async (t) => {
  const { access, server } = await broker(t);
  const child = spawn(process.execPath, [BIN, 'emqx', 'check', 'sensor-1', '--watch', '1s', ...access], {
    env: { ...process.env, ...env },
  });
  t.after(() => child.kill('SIGKILL'));
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  await until(
    () => stdout.includes(' connected\n'),
    () => stdout,
  );
  server.change('sensor-1', { connected: false });
  await until(
    () => stdout.includes('disconnected\n'),
    () => stdout,
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  server.onRequest = () => ({ status: 403, body: '{"code":"UNAUTHORIZED_ROLE","message":"no"}' });
  await until(
    () => stderr.includes('UNAUTHORIZED_ROLE'),
    () => stderr,
  );
  server.onRequest = () => undefined;
  const { length } = stdout;
  await until(
    () => stdout.includes('disconnected\n', length),
    () => stdout.slice(length),
  );
});

test('one sentence and exit code: 1 for the broker, 2 for the command line', async (t) => {
  const { access, server } = await broker(t);
  for (const [args, code, words] of [
    [
      ['x', ...access.slice(0, 3), 'wrong', '--secret-file', secretFile(t, 'x')],
      1,
      /^[^\n]*the key has expired[^\n]*\n$/,
    ],
    [['--all', '--sort', 'x', ...access], 2, /--sort x: there are "Client", "Created"/],
    [['--all', 'x', ...access], 2, /give client ids, or --all, not both/],
    [
      ['--api-url', 'http://emqx:18083', '--key', 'k', '--secret-file', 's'],
      2,
      /write http:\/\/ or https:\/\//,
    ],
    [['x', '--api-url', server.url], 2, /give --key and --secret-file/],
    [['x', '--watch', '10ms', ...access], 2, /at least 1s/],
  ] as const) {
    const finished = await check(args);
    assert.match(finished.stderr, words);
    assert.equal(finished.code, code, finished.stderr);
  }
  await server.stop();
  const gone = await check(['x', ...access]);
  assert.match(gone.stderr, /connection refused/);
  assert.equal(gone.code, 1);
});
