import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { SetupCommand } from '../../../src/cli/setup/options.ts';
import { UsageError } from '../../../src/core/errors.ts';
import { cli } from '../../support/cli.ts';
import {
  ELASTICSEARCH,
  OPENSEARCH,
  SERVERLESS,
  SearchStandIn,
  type StandInOptions,
} from '../../support/search-stand-in.ts';
import { runSetup, type SetupRun } from '../../support/setup.ts';
import { tempDir } from '../../support/temp.ts';

async function standIn(t: TestContext, options: StandInOptions): Promise<SearchStandIn> {
  const server = await SearchStandIn.start(options);
  t.after(() => server.stop());
  return server;
}

function setup(
  server: SearchStandIn,
  product: 'elasticsearch' | 'opensearch',
  command: SetupCommand = {},
): Promise<SetupRun> {
  return runSetup(product, { url: [server.url], ...command });
}

const lines = ({ said }: SetupRun, word: string): string[] =>
  said.filter((line) => line.startsWith(`${word}: `));

describe('setup on a stand-in', () => {
  it('ILM: a policy for each dataset; other days change the policy alone', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    const first = await setup(server, 'elasticsearch', { ilm: true });
    assert.equal(first.problem, '');
    const put = server.changed();
    const policy = put.find(({ target }) => target === '/_ilm/policy/mqtt.message');
    assert.deepEqual(policy?.body, {
      policy: {
        phases: {
          hot: {
            min_age: '0ms',
            actions: { rollover: { max_age: '1d', max_primary_shard_size: '50gb' } },
          },
          delete: { min_age: '7d', actions: { delete: {} } },
        },
        _meta: { description: 'MQTT events of brokertap', managed_by: 'brokertap' },
      },
    });
    const lifecycle = put.find(({ target }) => target === '/_component_template/mqtt.message@lifecycle');
    assert.match(JSON.stringify(lifecycle?.body), /"lifecycle":\{"name":"mqtt.message"\}/);
    const second = await setup(server, 'elasticsearch', { ilm: true });
    assert.deepEqual([server.changed(), lines(second, 'created')], [[], []]);
    const longer = await setup(server, 'elasticsearch', { ilm: true, retain: ['message=14d', 'audit=400d'] });
    assert.deepEqual(lines(longer, 'updated'), [
      'updated: lifecycle-policies mqtt.message',
      'updated: lifecycle-policies mqtt.audit',
    ]);
    assert.equal(server.changed().length, 2);
  });

  it('streams that exist take over a change: lifecycle, failure store, and a new backing index', async (t) => {
    const streams = ['logs-mqtt.message-default', 'logs-mqtt.message-plant', 'logs-mqtt.audit-default'];
    const server = await standIn(t, { root: ELASTICSEARCH, streams });
    await setup(server, 'elasticsearch');
    server.changed();
    const longer = await setup(server, 'elasticsearch', { retain: ['message=14d'] });
    assert.deepEqual(lines(longer, 'updated'), [
      'updated: component-templates mqtt.message@lifecycle',
      'updated: index-templates logs-mqtt.message',
    ]);
    const after = server.changed().slice(2);
    assert.deepEqual(
      after.map(({ method, target, body }) => [method, target, body]),
      streams.slice(0, 2).flatMap((name) => [
        ['PUT', `/_data_stream/${name}/_lifecycle`, { data_retention: '14d' }],
        ['PUT', `/_data_stream/${name}/_options`, { failure_store: { enabled: true } }],
        ['POST', `/${name}/_rollover?lazy=true`, undefined],
      ]),
    );
  });

  it('serverless: no ILM, which is said; lifecycles instead', async (t) => {
    const server = await standIn(t, { root: SERVERLESS, gone: /^\/(_ilm|_nodes)/ });
    const run = await setup(server, 'elasticsearch', { ilm: true });
    assert.equal(run.problem, '');
    assert.deepEqual(lines(run, 'left out'), ['left out: ILM policies: this server has no ILM']);
    const put = server.changed();
    const lifecycle = put.find(({ target }) => target === '/_component_template/mqtt.audit@lifecycle');
    assert.match(JSON.stringify(lifecycle?.body), /"data_retention":"365d"/);
    // Settings that serverless refuses.
    assert.doesNotMatch(JSON.stringify(put), /"codec"|number_of_|prefer_ilm|"lifecycle":\{"name"/);
  });

  it('--export without a server: what is left out is no word about one', async (t) => {
    const run = await runSetup('opensearch', { export: tempDir(t) });
    assert.equal(run.problem, '');
    assert.deepEqual(lines(run, 'left out'), [
      'left out: source.geo: no server was asked, and not every opensearch has it: with --url one is asked',
    ]);
  });

  it('an older Elasticsearch is given what it knows', async (t) => {
    const server = await standIn(t, {
      root: { ...ELASTICSEARCH, version: { number: '8.15.0', build_flavor: 'default' } },
      lacks: [/data_stream_options/, /"logsdb"/],
    });
    const run = await setup(server, 'elasticsearch');
    assert.equal(run.problem, '');
    assert.match(run.said.join('\n'), /left out: the failure store: .*dead letter/);
    assert.match(run.said.join('\n'), /left out: index mode logsdb/);
    assert.doesNotMatch(JSON.stringify(server.changed()), /data_stream_options|logsdb/);
  });

  it('ISM: a policy for each dataset, replaced by its sequence number', async (t) => {
    const server = await standIn(t, { root: OPENSEARCH, streams: ['logs-mqtt.message-default'] });
    const first = await setup(server, 'opensearch');
    assert.equal(first.problem, '');
    const put = server.changed();
    const policy = put.find(({ target }) => target === '/_plugins/_ism/policies/mqtt.message');
    const attached = JSON.stringify([{ index_patterns: ['logs-mqtt.message-*'], priority: 500 }]);
    assert.ok(JSON.stringify(policy?.body).includes(`"ism_template":${attached}`));
    assert.ok(put.some(({ target }) => target === '/logs-mqtt.message-default/_rollover'));
    await setup(server, 'opensearch');
    assert.deepEqual(server.changed(), []);
    await setup(server, 'opensearch', { retain: ['message=3d'] });
    const [changed, ...more] = server.changed();
    assert.match(
      changed?.target ?? '',
      /^\/_plugins\/_ism\/policies\/mqtt.message\?if_seq_no=\d+&if_primary_term=1$/,
    );
    assert.match(JSON.stringify(changed?.body), /"min_rollover_age":"3d"/);
    assert.deepEqual(more, []);
  });

  it('a namespace that means something else in an address', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    const chosen = { namespace: 'a%2fb+ü' };
    assert.equal((await setup(server, 'elasticsearch', chosen)).problem, '');
    const targets = server.changed().map(({ target }) => target);
    assert.ok(targets.includes('/_component_template/mqtt@settings-a%252fb%2B%C3%BC'), targets.join('\n'));
    assert.deepEqual(lines(await setup(server, 'elasticsearch', chosen), 'updated'), []);
  });

  it('versions and products that it was not made for', async (t) => {
    const at = (root: typeof ELASTICSEARCH | typeof OPENSEARCH, number: string): object => ({
      ...root,
      version: { ...root.version, number },
    });
    const cases: readonly (readonly ['elasticsearch' | 'opensearch', object, RegExp])[] = [
      ['elasticsearch', at(ELASTICSEARCH, '8.14.3'), /8\.14\.3.*needs elasticsearch 8\.15 or newer or 9\.x/],
      ['elasticsearch', at(ELASTICSEARCH, '7.17.0'), /7\.17\.0.*upgrade/],
      ['opensearch', at(OPENSEARCH, '2.18.0'), /2\.18\.0.*needs opensearch 2\.19 or newer or 3\.x/],
      ['opensearch', ELASTICSEARCH, /run "brokertap setup elasticsearch" instead/],
      ['elasticsearch', OPENSEARCH, /run "brokertap setup opensearch" instead/],
      ['elasticsearch', { name: 'else' }, /does not say that it is a search server/],
    ];
    for (const [product, root, words] of cases) {
      const server = await standIn(t, { root });
      const run = await setup(server, product);
      assert.match(run.problem, words);
      assert.deepEqual(server.changed(), []);
    }
    const newer = await standIn(t, { root: at(ELASTICSEARCH, '10.1.0') });
    assert.equal((await setup(newer, 'elasticsearch', { only: ['mqtt@settings'] })).problem, '');
  });

  it('a busy server is asked again; one that stays so ends the command', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    server.faults.set('PUT /_component_template/mqtt@settings', [503, 429]);
    const patient = await setup(server, 'elasticsearch', { only: ['mqtt@settings'] });
    assert.equal(patient.problem, '');
    assert.equal(server.changed().length, 3);
    server.faults.set(
      'GET /',
      Array.from({ length: 6 }, () => 503),
    );
    const given = await setup(server, 'elasticsearch');
    assert.match(given.problem, /cannot take GET \/ now \(503/);
  });

  it('a failure half way says what was done and what was not; the next run does the rest', async (t) => {
    const server = await standIn(t, { root: OPENSEARCH });
    server.faults.set('PUT /_index_template/logs-mqtt.connection', [400]);
    const broken = await setup(server, 'opensearch');
    assert.match(
      broken.problem,
      /could not install index-templates logs-mqtt.connection: .*400 told to answer 400/,
    );
    assert.match(broken.problem, /^done before: ingest-pipelines .*index-templates logs-mqtt.broker$/m);
    assert.match(broken.problem, /^not tried: index-templates logs-mqtt.access, .*mqtt-probe-events$/m);
    const done = lines(broken, 'created').length;
    const rest = await setup(server, 'opensearch');
    assert.equal(rest.problem, '');
    assert.equal(lines(rest, 'unchanged').length, done);
  });

  it('uninstall leaves what is in use, says why, and removes the rest; without that everything', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    await setup(server, 'elasticsearch');
    server.faults.set('DELETE /_index_template/logs-mqtt.anomaly', [400]);
    const busy = await setup(server, 'elasticsearch', { uninstall: true });
    const stays = lines(busy, 'stays');
    assert.equal(stays.length, 1, stays.join('\n'));
    assert.match(
      busy.said.join('\n'),
      /^stays: index-templates logs-mqtt.anomaly: .*: 400 .*data streams still use it/m,
    );
    assert.match(busy.problem, /^1 of \d+ stay, and why is said above: mend that, and run the same command/);
    const rest = lines(await setup(server, 'elasticsearch', { dryRun: true, uninstall: true }), 'there');
    assert.deepEqual(rest, ['there: index-templates logs-mqtt.anomaly']);
    const removed = await setup(server, 'elasticsearch', { uninstall: true });
    assert.equal(removed.problem, '');
    const planned = await setup(server, 'elasticsearch', { dryRun: true });
    assert.deepEqual(lines(planned, 'same'), []);
  });

  it('credentials that are refused, or may too little', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    server.faults.set('GET /', [401, 403]);
    const refused = await setup(server, 'elasticsearch');
    assert.match(refused.problem, /refuses the credentials \(401\): write --user and --password-file/);
    const little = await setup(server, 'elasticsearch');
    assert.match(little.problem, /needs the cluster privilege manage /);
  });

  it('an API key for the probe: its request in a dry run, and nothing but the key on stdout', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    const planned = await setup(server, 'elasticsearch', {
      createApiKey: true,
      dryRun: true,
      namespace: 'plant',
    });
    assert.match(planned.out, /POST \/_security\/api_key\n[\s\S]*"logs-mqtt\.\*-plant"[\s\S]*"create_doc"/);
    assert.deepEqual(server.changed(), []);
    const made = await setup(server, 'elasticsearch', { namespace: 'plant', createApiKey: true });
    assert.equal(made.out, 'YTpi\n', made.problem);
    assert.deepEqual(server.changed().at(-1)?.body, {
      name: 'brokertap-plant',
      role_descriptors: {
        brokertap: {
          cluster: ['monitor'],
          index: [
            {
              names: ['logs-mqtt.*-plant', 'metrics-mqtt.*-plant'],
              privileges: ['auto_configure', 'create_doc'],
            },
          ],
        },
      },
      metadata: { managed_by: 'brokertap' },
    });
  });

  it('takes the server from the configuration, and may be given another account', async (t) => {
    const directory = tempDir(t);
    const server = await standIn(t, { root: ELASTICSEARCH });
    const config = path.join(directory, 'brokertap.yaml');
    const write = (outputs: string): void =>
      writeFileSync(config, `inputs: {log: {type: stdin, broker: mosquitto}}\noutputs: {${outputs}}\n`);
    write(`a: {type: elasticsearch, nodes: "${server.url}"}, b: {type: stdout}`);
    const found = await runSetup('elasticsearch', { config, only: ['mqtt@settings'] });
    assert.equal(found.problem, '');
    write(`a: {type: elasticsearch, nodes: "${server.url}"}, c: {type: elasticsearch, nodes: "http://x:1"}`);
    const which = await runSetup('elasticsearch', { config });
    assert.equal(which.problem, 'which output? write --output with one of a, c');
    const named = await runSetup('elasticsearch', { config, output: 'a', dryRun: true });
    assert.equal(named.problem, '');
    write('b: {type: stdout}');
    const none = await runSetup('elasticsearch', { config });
    assert.match(none.problem, /no elasticsearch output: write --url/);
  });

  it('wrong usage: what to write', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    const cases: readonly (readonly [SetupCommand, RegExp])[] = [
      [{ only: ['dashboards'] }, /--only dashboards: nothing is called that; write a name, or one of /],
      [{ namespace: 'Plant-A' }, /--namespace Plant-A: no upper case/],
      [{ retain: ['message'] }, /write DATASET=DAYSd/],
      [{ retain: ['mesage=3d'] }, /did you mean "message"\?/],
      [{ user: 'x' }, /--user and --password-file go together/],
      [{ url: ['http://a:b@c'] }, /--url: write https:\/\/host:9200, without a user/],
      [{ uninstall: true, createApiKey: true }, /write either/],
      [{ export: 'x', dryRun: true }, /--export only writes files/],
    ];
    for (const [command, words] of cases) {
      const run = await setup(server, 'elasticsearch', command);
      assert.match(run.problem, words);
      assert.ok(run.error instanceof UsageError);
    }
    assert.deepEqual(server.changed(), []);
  });

  it('the command line: reports on stderr, requests on stdout, exit codes', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    const args = ['setup', 'elasticsearch', '--url', server.url, '--only', 'index-templates'];
    const planned = await cli([...args, '--retain', 'audit=90d', '--dry-run']);
    assert.equal(planned.code, 0, planned.stderr);
    assert.match(planned.stderr, /^absent: index-templates logs-mqtt.audit$/m);
    assert.match(planned.stdout, /^PUT \/_index_template\/logs-mqtt.audit\n\{\n/m);
    server.faults.set('GET /', [401]);
    assert.equal((await cli(args)).code, 1);
    const wrong = await cli([...args, '--namespace', 'A']);
    assert.deepEqual([wrong.code, wrong.stderr.split(':')[0]], [2, '--namespace A']);
  });
});
