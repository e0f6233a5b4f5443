import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { csvLines, tableLines } from '../../src/cli/query/print.ts';
import { cli, ProbeProcess } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const LOG = [
  'mosquitto version 2.0.18 starting',
  'New connection from 10.20.0.7:40000 on port 1883.',
  "New client connected from 10.20.0.7:40000 as sensor-7 (p5, c1, k60, u'meter').",
  "Received PUBLISH from sensor-7 (d0, q1, r0, m1, 'plant/1/temp', ... (3 bytes))",
  "Denied PUBLISH from sensor-7 (d0, q1, r0, m2, 'admin/x', ... (3 bytes))",
  'Outgoing messages are being dropped for client slow.',
  'Client sensor-7 disconnected.',
].map((text, i) => `${1_700_000_000 + i}: ${text}\n`);

const GROUPED = 'SELECT "event.action" AS action, count(*) AS n FROM events GROUP BY 1 ORDER BY 1';

function json(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

describe('brokertap query', () => {
  it('the files of a file output, rotated, packed and cut ones too, answer as the log does', async (t) => {
    const directory = tempDir(t);
    const log = path.join(directory, 'a.log');
    const out = path.join(directory, 'out.ndjson');
    writeFileSync(log, LOG.join(''));
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: "${log}"}}\noutputs: {archive: {type: file, path: "${out}", exclude: [{dataset: mqtt.probe}]}}\n`,
    );
    probe.start();
    const events = (): string[] => {
      try {
        return readFileSync(out, 'utf8').split('\n').slice(0, -1);
      } catch {
        return [];
      }
    };
    await until(
      () => events().length === LOG.length,
      () => `${events().length} events`,
    );
    await probe.stop();
    const lines = events().map((line) => `${line}\n`);
    const packed = path.join(directory, 'out.ndjson.1.gz');
    writeFileSync(packed, gzipSync(lines.slice(0, 3).join('')));
    // The first is in both, and what a crash has cut is no event.
    writeFileSync(out, lines.slice(2).join(''));
    appendFileSync(out, lines[0]?.slice(0, 50) ?? '');
    const fromLog = await cli(['query', '--broker', 'mosquitto', '--json', GROUPED, log]);
    const archived = await cli(['query', '--json', GROUPED, packed, out]);
    assert.equal(archived.code, 0);
    assert.deepEqual(json(archived.stdout), json(fromLog.stdout));
    assert.match(
      archived.stderr,
      /^7 events in [\d.]+ s \(\d+ events\/s\); left out: 1 that came again\n1 line without an event of brokertap/,
    );
    const piped = await cli(['query', '--json', GROUPED], { input: lines.join('') });
    assert.deepEqual(json(piped.stdout), json(fromLog.stdout));
  });

  it("SQL for EMQX's table on a Mosquitto log; drops told apart; the questions by name", async (t) => {
    const file = path.join(tempDir(t), 'a.log');
    writeFileSync(file, LOG.join(''));
    const query = async (...args: string[]): Promise<Record<string, unknown>[]> => {
      const done = await cli(['query', '--broker', 'mosquitto', '--json', ...args, file]);
      assert.equal(done.code, 0, done.stderr);
      return json(done.stdout);
    };
    const sql =
      'SELECT event, clientid, username, peername, topic, result, clean_start FROM emqx_full_link_events ORDER BY timestamp';
    assert.deepEqual(
      (await query(sql)).map(({ event }) => event),
      [
        'client.connected',
        'message.publish',
        'client.check_authz_complete',
        'delivery.dropped',
        'client.disconnected',
      ],
    );
    assert.deepEqual((await query(sql))[0], {
      event: 'client.connected',
      clientid: 'sensor-7',
      username: 'meter',
      peername: '10.20.0.7:40000',
      clean_start: true,
    });
    assert.equal((await query('--name', 'publish-drops')).length, 0);
    assert.deepEqual(
      (await query('--name', 'delivery-drops')).map(({ client }) => client),
      ['slow'],
    );
    assert.deepEqual((await query('--name', 'acl-denials', '--topic', 'admin/#')).length, 1);
    assert.deepEqual(
      (await query('--name', 'acl-denials', '--source', '10.20.')).map(({ client, user, topic }) => [
        client,
        user,
        topic,
      ]),
      [['sensor-7', 'meter', 'admin/x']],
    );
    assert.deepEqual(await query('--name', 'acl-denials', '--source', '10.21.'), []);
    assert.deepEqual(
      (await query('--name', 'client-life', '--client', 'sensor-7', '--until', '2023-11-14T22:13:23Z')).map(
        ({ event }) => event,
      ),
      ['client-connected', 'message-published'],
    );
  });

  it('every drop that the golden logs tell of is one at publish or one at delivery', async () => {
    for (const broker of ['mosquitto', 'emqx']) {
      const golden = fileURLToPath(new URL(`../golden/${broker}/`, import.meta.url));
      const logs = readdirSync(golden).filter((name) => name.endsWith('.log'));
      const sql =
        'SELECT "mqtt.drop.stage" AS stage FROM events WHERE "event.action" = \'message-dropped\' GROUP BY 1 ORDER BY 1';
      const files = logs.map((name) => path.join(golden, name));
      const { stdout } = await cli(['query', '--broker', broker, '--json', sql, ...files]);
      assert.deepEqual(json(stdout), [{ stage: 'delivery' }, { stage: 'publish' }], broker);
    }
  });

  it('what it cannot do it says in one sentence', async (t) => {
    const file = path.join(tempDir(t), 'a.ndjson');
    writeFileSync(file, 'no event\n');
    for (const [args, code, words] of [
      [['query'], 2, /^write a question, as in: brokertap query 'SELECT .*\n$/],
      [
        ['query', '--name', 'acl-denial'],
        2,
        /^--name acl-denial: there is no such question; did you mean "acl-denials"\?\n$/,
      ],
      [['query', '--name', 'client-life'], 2, /^--name client-life needs --client\n$/],
      [['query', '--json', '--csv', 'SELECT 1'], 2, /^write either --json or --csv\n$/],
      [['query', 'SELECT 1', `${file}.gone`], 1, /^\S+a\.ndjson\.gone: no such file\n$/],
      ...[file, 'a.ndjson', './x/b.ndjson.gz'].map(
        (word) =>
          [
            ['query', word],
            2,
            /^the first word is the question, in SQL, and "\S+" is none; write: brokertap query 'SELECT count\(\*\) FROM events' \S+\n$/,
          ] as const,
      ),
      [
        ['query', '--broker', 'mosquito', 'SELECT 1', file],
        2,
        /^unknown broker "mosquito"; did you mean "mosquitto"\?\n$/,
      ],
      [
        ['query', '--broker', 'mosquitto', '--container', 'dockr', 'SELECT 1', file],
        2,
        /^unknown container "dockr"; did you mean "docker"\?\n$/,
      ],
      [
        ['query', '--broker', 'mosquitto', '--timezone', 'Berlin', 'SELECT 1', file],
        2,
        /^--timezone Berlin: not a time zone; write a name such as Europe\/Berlin\n$/,
      ],
      [
        ['query', 'SELECT nosuch FROM events', file],
        2,
        /^the SQL does not work: there is no column nosuch; .*\n$/,
      ],
      [['query', 'SELECT 1', file], 0, /1 line without an event of brokertap: for a log, say whose it is/],
    ] as const) {
      const done = await cli(args);
      assert.match(done.stderr, words);
      assert.equal(done.code, code, args.join(' '));
    }
    const listed = await cli(['query', '--list']);
    assert.match(
      listed.stdout,
      /^authentication-failures .*\nlogins .*\nclient-life .*\(needs --client\)\n(?:.*\n)*probe-events .*\n\nNarrowed by:\n/,
    );
  });

  it('what clients write reaches neither the terminal nor a spreadsheet as a command', () => {
    const hostile = '\u001b[31m\u202eevil\u0085';
    const result = (value: string): Parameters<typeof csvLines>[0] => ({
      columns: ['client', 'n'],
      rows: [[value, 5]],
      booleans: new Set(),
      isEverything: false,
    });
    const table = [...tableLines(result(hostile), false)].join('');
    assert.match(table, /\\u\{1b\}\[31m\\u\{202e\}evil\\u\{85\} {2}5\n$/);
    assert.doesNotMatch(table.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    const csv = (value: string, isTerminal = false): string =>
      [...csvLines(result(value), isTerminal)].join('');
    assert.equal(csv('=HYPERLINK("http://x")'), 'client,n\r\n"\'=HYPERLINK(""http://x"")",5\r\n');
    assert.equal(csv('a,b'), 'client,n\r\n"a,b",5\r\n');
    assert.equal(csv(hostile), `client,n\r\n${hostile},5\r\n`);
    assert.ok(csv(hostile, true).includes('\\u{1b}'));
  });

  it('a client id with control characters is escaped in JSON, with the same meaning', async (t) => {
    const file = path.join(tempDir(t), 'a.log');
    const id = 'a\u202eb\u009bc';
    writeFileSync(file, `1700000000: New client connected from 10.0.0.1:1 as ${id} (p2, c1, k60).\n`);
    const done = await cli([
      'query',
      '--broker',
      'mosquitto',
      '--json',
      'SELECT "mqtt.client.id" AS id FROM events',
      file,
    ]);
    assert.equal(done.stdout, '{"id":"a\\u202eb\\u009bc"}\n');
    assert.deepEqual(json(done.stdout), [{ id }]);
  });

  it('of a question for every field, columns that no row has are left out of the table', async (t) => {
    const file = path.join(tempDir(t), 'a.log');
    writeFileSync(file, LOG.join(''));
    const { stdout } = await cli(['query', '--broker', 'mosquitto', 'SELECT * FROM events', file]);
    const [head = '', rule = '', ...rows] = stdout.split('\n');
    assert.ok(head.includes('mqtt.client.id') && !head.includes('mqtt.broker.'));
    assert.match(rule, /^[─ ]+$/);
    assert.equal(rows.length, LOG.length + 1);
  });
});
