import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { moduleObjects, savedObjects } from '../../../src/kibana/content.ts';
import { JOBS } from '../../../src/kibana/jobs/index.ts';
import { RULES } from '../../../src/kibana/rules/index.ts';
import { ruleId } from '../../../src/kibana/rules/rule-body.ts';
import { KibanaServer } from '../../../src/setup/kibana/server.ts';
import { Authority, OPENSSL } from '../../support/certificates.ts';
import { cli, type Finished } from '../../support/cli.ts';
import { Kibana, type KibanaOptions } from '../../support/kibana/kibana.ts';
import { needs } from '../../support/programs.ts';
import { tempDir } from '../../support/temp.ts';

const OBJECTS = savedObjects('*').length + moduleObjects('*').length;
/** Tags, data views, searches, dashboards, the module, the jobs, the calendar, the transform; and the rules. */
const ASSETS = 8 + RULES.length;

async function stand(t: TestContext, options: KibanaOptions = {}) {
  const kibana = await Kibana.start(options);
  t.after(() => kibana.stop());
  const secret = path.join(tempDir(t), 'password');
  writeFileSync(secret, 'changeme\n');
  const setup = (...args: readonly string[]): Promise<Finished> =>
    cli(['setup', 'kibana', '--url', kibana.url, '--user', 'elastic', '--password-file', secret, ...args]);
  return { kibana, setup, secret };
}

const outcomes = (stderr: string): string[] => [
  ...new Set([...stderr.matchAll(/^(\w+): \S+ \S+$/gm)].map(([, word]) => word!)),
];

describe('setup kibana', () => {
  it('installs everything, each after what it needs; a second run changes nothing', async (t) => {
    const { kibana, setup } = await stand(t);
    const first = await setup();
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /: Kibana 9\.1\.4\n/);
    assert.match(first.stderr, new RegExp(`\\n${ASSETS} created, in `));
    assert.equal(kibana.objects.size, OBJECTS);
    assert.equal(kibana.rules.size, RULES.length);
    assert.equal(kibana.jobs.size, 10);
    assert.deepEqual([...kibana.calendars.keys()], ['mqtt-maintenance']);
    assert.deepEqual(
      [...kibana.datafeeds.values()].map(({ state }) => state),
      JOBS.map(() => 'stopped'),
    );
    const order = [...first.stderr.matchAll(/^created: (\S+)/gm)].map(([, kind]) => kind);
    assert.deepEqual(
      [...new Set(order)],
      [
        'tags',
        'data-views',
        'searches',
        'dashboards',
        'rules',
        'transforms',
        'ml-modules',
        'ml-jobs',
        'ml-calendars',
      ],
    );
    const before = kibana.changes.length;
    const second = await setup();
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual(outcomes(second.stderr), ['unchanged']);
    assert.equal(kibana.changes.length, before);
  });

  it('--start: starts what analyses, at once or later', async (t) => {
    const { kibana, setup } = await stand(t);
    const states = (): string[] => [
      ...new Set([...kibana.datafeeds.values(), ...kibana.transforms.values()].map(({ state }) => state)),
    ];
    assert.equal((await setup()).code, 0);
    assert.deepEqual(states(), ['stopped']);
    const started = await setup('--start');
    assert.equal(started.code, 0, started.stderr);
    assert.deepEqual(states(), ['started']);
    assert.match(started.stderr, /updated: ml-jobs /);
    assert.deepEqual(outcomes((await setup('--start')).stderr), ['unchanged']);
    const other = await stand(t);
    assert.equal((await other.setup('--start')).code, 0);
    assert.deepEqual(
      [...new Set([...other.kibana.datafeeds.values()].map(({ state }) => state))],
      ['started'],
    );
  });

  it('a rule is made anew when it differs; its actions, and whether it is on, stay', async (t) => {
    const { kibana, setup } = await stand(t);
    assert.equal((await setup()).code, 0);
    const id = ruleId(RULES[0]!);
    const rule = kibana.rules.get(id)!;
    const action = { id: 'mail', group: 'query matched', params: { to: ['ops@example.org'] } };
    kibana.rules.set(id, {
      ...rule,
      enabled: false,
      actions: [{ ...action, connector_type_id: '.email' }],
      params: { ...(rule.params as object), threshold: [9999] },
    });
    const again = await setup();
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, new RegExp(`updated: rules ${RULES[0]!.id}\\n`));
    const now = kibana.rules.get(id)!;
    assert.deepEqual([now.enabled, now.actions], [false, [action]]);
    assert.deepEqual((now.params as { threshold: number[] }).threshold, [20]);
  });

  it('a calendar keeps its maintenance; jobs that are there are no error', async (t) => {
    const { kibana, setup } = await stand(t);
    assert.equal((await setup()).code, 0);
    const event = { description: 'new switches', start_time: 1, end_time: 2 };
    kibana.calendars.set('mqtt-maintenance', {
      calendar_id: 'mqtt-maintenance',
      job_ids: ['mqtt_connect_rate'],
      events: [event],
    });
    kibana.jobs.delete('mqtt_silent_client');
    const again = await setup();
    assert.equal(again.code, 0, again.stderr);
    assert.equal(kibana.jobs.size, 10);
    const calendar = kibana.calendars.get('mqtt-maintenance')!;
    assert.deepEqual(calendar.events, [event]);
    assert.equal((calendar.job_ids as string[]).length, 10);
  });

  it('without machine learning in the licence the rest is installed, and what is left out is named', async (t) => {
    const { kibana, setup } = await stand(t, { license: 'basic' });
    const done = await setup();
    assert.equal(done.code, 0, done.stderr);
    assert.match(
      done.stderr,
      /left out: ml-jobs brokertap-mqtt: the licence \(basic\) has no anomaly detection; the rules "twin-…" stand in for it/,
    );
    assert.equal(kibana.rules.size, RULES.length);
    assert.equal(kibana.jobs.size, 0);
  });

  it('an older Kibana gets what it knows, a newer one more; one that is too old is refused', async (t) => {
    const old = await stand(t, { version: '8.15.0' });
    assert.equal((await old.setup('--only', 'rules')).code, 0);
    const groups = ({ rules }: Kibana): unknown[] =>
      [...new Set([...rules.values()].map(({ params }) => (params as { groupBy: string }).groupBy))].sort();
    assert.deepEqual(groups(old.kibana), ['all', 'top']);
    const recent = await stand(t, { version: '9.2.0' });
    assert.equal((await recent.setup('--only', 'rules')).code, 0);
    assert.deepEqual(groups(recent.kibana), ['row', 'top']);
    assert.ok([...recent.kibana.rules.values()].every(({ artifacts }) => artifacts !== undefined));
    const ancient = await stand(t, { version: '8.14.3' });
    const refused = await ancient.setup();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /is Kibana 8\.14\.3: this needs 8\.15 or newer; upgrade it/);
    assert.deepEqual(ancient.kibana.changes, []);
  });

  it('wrong credentials, missing rights, another server: says what to do, changes nothing', async (t) => {
    const { kibana, setup, secret } = await stand(t);
    writeFileSync(secret, 'wrong');
    const wrong = await setup();
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /refuses the credentials \(401\): write --user and --password-file/);
    assert.doesNotMatch(wrong.stderr, /wrong\b/);
    writeFileSync(secret, 'changeme');
    kibana.faults.push({ path: '/api/saved_objects', status: 403 });
    const forbidden = await setup();
    assert.equal(forbidden.code, 1);
    assert.match(
      forbidden.stderr,
      /\(403\): the account needs, in this space, all rights on Saved Objects Management/,
    );
    kibana.faults.push({ path: '/api/status', status: 404 });
    const other = await setup();
    assert.equal(other.code, 1);
    assert.match(
      other.stderr,
      /does not say that it is Kibana \(GET \/api\/status answers 404\): check the address \(port 5601, not 9200\)/,
    );
    assert.deepEqual(kibana.changes, []);
  });

  it('a busy Kibana is asked again', async (t) => {
    const { kibana, setup } = await stand(t);
    for (const status of [503, 429, 502]) kibana.faults.push({ path: '/api/saved_objects/_import', status });
    const done = await setup();
    assert.equal(done.code, 0, done.stderr);
    assert.equal(kibana.objects.size, OBJECTS);
  });

  it('a failure on the way says what was done and what was not; the next run goes on', async (t) => {
    const { kibana, setup } = await stand(t);
    kibana.faults.push({ path: `/api/alerting/rule/${ruleId(RULES[2]!)}`, status: 404 });
    kibana.faults.push({
      path: `/api/alerting/rule/${ruleId(RULES[2]!)}`,
      status: 400,
      message: 'params invalid',
    });
    const failed = await setup();
    assert.equal(failed.code, 1);
    assert.match(
      failed.stderr,
      new RegExp(`could not install rules ${RULES[2]!.id}: POST .*: 400 params invalid`),
    );
    assert.match(failed.stderr, new RegExp(`done before: tags .*rules ${RULES[1]!.id}\\n`));
    assert.match(
      failed.stderr,
      new RegExp(`not tried: rules ${RULES[3]!.id}, .*ml-calendars mqtt-maintenance\\n`),
    );
    const done = await setup();
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stderr, /6 unchanged, \d+ created, in /);
  });

  it('an object that is refused is named', async (t) => {
    const { setup } = await stand(t);
    const refused = await setup('--only', 'dashboards');
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /could not install dashboards mqtt-dashboards: Kibana does not take dashboard mqtt-overview: missing_references/,
    );
  });

  it('--uninstall removes what was installed, and nothing else', async (t) => {
    const { kibana, setup } = await stand(t);
    assert.equal((await setup('--start')).code, 0);
    kibana.objects.set('dashboard:mine', { type: 'dashboard', id: 'mine' });
    kibana.rules.set('mine', { id: 'mine' });
    const removed = await setup('--uninstall');
    assert.equal(removed.code, 0, removed.stderr);
    assert.deepEqual(outcomes(removed.stderr), ['removed']);
    assert.deepEqual([...kibana.objects.keys()], ['dashboard:mine']);
    assert.deepEqual([...kibana.rules.keys()], ['mine']);
    assert.deepEqual(
      [kibana.jobs.size, kibana.datafeeds.size, kibana.calendars.size, kibana.transforms.size],
      [0, 0, 0, 0],
    );
    assert.deepEqual(outcomes((await setup('--uninstall')).stderr), ['absent']);
  });

  it('--dry-run prints the requests and changes nothing', async (t) => {
    const { kibana, setup } = await stand(t);
    const shown = await setup('--dry-run');
    assert.equal(shown.code, 0, shown.stderr);
    assert.deepEqual(kibana.changes, []);
    assert.match(shown.stdout, /^POST \/api\/saved_objects\/_import\?overwrite=true\n\{"id":"mqtt"/);
    assert.equal([...shown.stdout.matchAll(/^POST \/api\/alerting\/rule\//gm)].length, RULES.length);
  });

  it('what --export writes is what is committed, and its import makes the same objects', async (t) => {
    const { kibana, setup, secret } = await stand(t);
    const directory = path.join(tempDir(t), 'kibana');
    const written = await cli(['setup', 'kibana', '--export', directory]);
    assert.equal(written.code, 0, written.stderr);
    const file = path.join(directory, 'saved-objects.ndjson');
    const exported = readFileSync(file, 'utf8');
    assert.equal(exported, readFileSync('kibana/saved-objects.ndjson', 'utf8'));
    assert.equal((await setup()).code, 0);
    const other = await stand(t);
    const server = new KibanaServer({
      urls: [other.kibana.url],
      cloudId: undefined,
      apiKeyFile: undefined,
      user: 'elastic',
      passwordFile: secret,
      tls: {},
      proxy: undefined,
    });
    t.after(() => server.close());
    const reply = await server.send(
      {
        method: 'POST',
        path: '/api/saved_objects/_import',
        file: { name: 'saved-objects.ndjson', text: exported },
      },
      AbortSignal.timeout(10_000),
    );
    assert.deepEqual(reply.body, { success: true, successCount: OBJECTS });
    assert.deepEqual(other.kibana.objects, kibana.objects);
  });

  it('a space, a path and a namespace', async (t) => {
    const { kibana, secret } = await stand(t);
    const done = await cli([
      ...[
        'setup',
        'kibana',
        '--url',
        `${kibana.url}/s/plant/`,
        '--user',
        'elastic',
        '--password-file',
        secret,
      ],
      ...['--namespace', 'plant_a', '--only', 'data-views', '--only', 'tags', '--only', 'rules'],
    ]);
    assert.equal(done.code, 0, done.stderr);
    assert.ok(kibana.calls.every((call) => / \/s\/plant\/(?:api|internal)\//.test(call)));
    const view = kibana.objects.get('index-pattern:mqtt-message') as { attributes: { title: string } };
    assert.equal(view.attributes.title, 'logs-mqtt.message-plant_a');
    for (const { params } of kibana.rules.values())
      assert.match(JSON.stringify(params), /logs-mqtt\.[a-z*]+-plant_a/);
  });

  it('TLS with an authority of its own', needs(...OPENSSL), async (t) => {
    const authority = new Authority(tempDir(t), 'authority');
    const { pem } = authority.issue('kibana', 'DNS:localhost');
    const { setup } = await stand(t, { tls: pem });
    const unknown = await setup('--only', 'tags');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /signed by an authority that is not known here/);
    const done = await setup('--only', 'tags', '--ca', authority.cert);
    assert.equal(done.code, 0, done.stderr);
  });
});
