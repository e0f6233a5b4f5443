import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { cli, type Finished } from '../support/cli.ts';
import {
  ELASTICSEARCH,
  OPENSEARCH,
  SERVERLESS,
  SearchStandIn,
  type StandInOptions,
} from '../support/search-stand-in.ts';
import { tempDir } from '../support/temp.ts';

async function standIn(t: TestContext, options: StandInOptions): Promise<SearchStandIn> {
  const server = await SearchStandIn.start(options);
  t.after(() => server.stop());
  return server;
}

function setup(server: SearchStandIn, product: string, ...args: string[]): Promise<Finished> {
  return cli(['setup', product, '--url', server.url, ...args]);
}

const lines = (text: string, word: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(`${word}: `));

describe('setup on a stand-in', () => {
  it('ILM: a policy for each dataset; other days change the policy alone', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    const first = await setup(server, 'elasticsearch', '--ilm');
    assert.equal(first.code, 0, first.stderr);
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
    const second = await setup(server, 'elasticsearch', '--ilm');
    assert.deepEqual([server.changed(), lines(second.stderr, 'created')], [[], []]);
    const longer = await setup(
      server,
      'elasticsearch',
      '--ilm',
      '--retain',
      'message=14d',
      '--retain',
      'audit=400d',
    );
    assert.deepEqual(lines(longer.stderr, 'updated'), [
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
    const longer = await setup(server, 'elasticsearch', '--retain', 'message=14d');
    assert.deepEqual(lines(longer.stderr, 'updated'), [
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
    const { code, stderr } = await setup(server, 'elasticsearch', '--ilm');
    assert.equal(code, 0, stderr);
    assert.deepEqual(lines(stderr, 'left out'), ['left out: ILM policies: this server has no ILM']);
    const put = server.changed();
    const lifecycle = put.find(({ target }) => target === '/_component_template/mqtt.audit@lifecycle');
    assert.match(JSON.stringify(lifecycle?.body), /"data_retention":"365d"/);
    // Settings that serverless refuses.
    assert.doesNotMatch(JSON.stringify(put), /"codec"|number_of_|prefer_ilm|"lifecycle":\{"name"/);
  });

  it('an older Elasticsearch is given what it knows', async (t) => {
    const server = await standIn(t, {
      root: { ...ELASTICSEARCH, version: { number: '8.15.0', build_flavor: 'default' } },
      lacks: [/data_stream_options/, /"logsdb"/],
    });
    const { code, stderr } = await setup(server, 'elasticsearch');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /left out: the failure store: .*dead letter/);
    assert.match(stderr, /left out: index mode logsdb/);
    assert.doesNotMatch(JSON.stringify(server.changed()), /data_stream_options|logsdb/);
  });

  it('ISM: a policy for each dataset, replaced by its sequence number', async (t) => {
    const server = await standIn(t, { root: OPENSEARCH, streams: ['logs-mqtt.message-default'] });
    const first = await setup(server, 'opensearch');
    assert.equal(first.code, 0, first.stderr);
    const put = server.changed();
    const policy = put.find(({ target }) => target === '/_plugins/_ism/policies/mqtt.message');
    const attached = JSON.stringify([{ index_patterns: ['logs-mqtt.message-*'], priority: 500 }]);
    assert.ok(JSON.stringify(policy?.body).includes(`"ism_template":${attached}`));
    assert.ok(put.some(({ target }) => target === '/logs-mqtt.message-default/_rollover'));
    await setup(server, 'opensearch');
    assert.deepEqual(server.changed(), []);
    await setup(server, 'opensearch', '--retain', 'message=3d');
    const [changed, ...more] = server.changed();
    assert.match(
      changed?.target ?? '',
      /^\/_plugins\/_ism\/policies\/mqtt.message\?if_seq_no=\d+&if_primary_term=1$/,
    );
    assert.match(JSON.stringify(changed?.body), /"min_rollover_age":"3d"/);
    assert.deepEqual(more, []);
  });

  it('versions and products that it was not made for', async (t) => {
    const at = (root: typeof ELASTICSEARCH | typeof OPENSEARCH, number: string): object => ({
      ...root,
      version: { ...root.version, number },
    });
    const cases: readonly (readonly [string, object, RegExp])[] = [
      ['elasticsearch', at(ELASTICSEARCH, '8.14.3'), /8\.14\.3.*needs elasticsearch 8\.15 or newer or 9\.x/],
      ['elasticsearch', at(ELASTICSEARCH, '7.17.0'), /7\.17\.0.*upgrade/],
      ['opensearch', at(OPENSEARCH, '2.18.0'), /2\.18\.0.*needs opensearch 2\.19 or newer or 3\.x/],
      ['opensearch', ELASTICSEARCH, /run "brokertap setup elasticsearch" instead/],
      ['elasticsearch', OPENSEARCH, /run "brokertap setup opensearch" instead/],
      ['elasticsearch', { name: 'else' }, /does not say that it is a search server/],
    ];
    for (const [product, root, words] of cases) {
      const server = await standIn(t, { root });
      const { code, stderr } = await setup(server, product);
      assert.equal(code, 1);
      assert.match(stderr, words);
      assert.deepEqual(server.changed(), []);
    }
    const newer = await standIn(t, { root: at(ELASTICSEARCH, '10.1.0') });
    assert.equal((await setup(newer, 'elasticsearch', '--only', 'mqtt@settings')).code, 0);
  });

  it('a busy server is asked again; one that stays so ends the command', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    server.faults.set('PUT /_component_template/mqtt@settings', [503, 429]);
    const patient = await setup(server, 'elasticsearch', '--only', 'mqtt@settings');
    assert.equal(patient.code, 0, patient.stderr);
    assert.equal(server.changed().length, 3);
    server.faults.set(
      'GET /',
      Array.from({ length: 6 }, () => 503),
    );
    const given = await setup(server, 'elasticsearch');
    assert.equal(given.code, 1);
    assert.match(given.stderr, /cannot take GET \/ now \(503/);
  });

  it('a failure half way says what was done and what was not; the next run does the rest', async (t) => {
    const server = await standIn(t, { root: OPENSEARCH });
    server.faults.set('PUT /_index_template/logs-mqtt.connection', [400]);
    const broken = await setup(server, 'opensearch');
    assert.equal(broken.code, 1);
    assert.match(
      broken.stderr,
      /could not install index-templates logs-mqtt.connection: .*400 told to answer 400/,
    );
    assert.match(broken.stderr, /^done before: ingest-pipelines .*index-templates logs-mqtt.broker$/m);
    assert.match(broken.stderr, /^not tried: index-templates logs-mqtt.access, .*mqtt-sessions-taken-over$/m);
    const done = lines(broken.stderr, 'created').length;
    const rest = await setup(server, 'opensearch');
    assert.equal(rest.code, 0, rest.stderr);
    assert.equal(lines(rest.stderr, 'unchanged').length, done);
  });

  it('uninstall stops at what is in use, and says why; without that it removes everything', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    await setup(server, 'elasticsearch');
    server.faults.set('DELETE /_index_template/logs-mqtt.anomaly', [400]);
    const busy = await setup(server, 'elasticsearch', '--uninstall');
    assert.equal(busy.code, 1);
    assert.match(
      busy.stderr,
      /could not remove index-templates logs-mqtt.anomaly: .*data streams still use it/,
    );
    const removed = await setup(server, 'elasticsearch', '--uninstall');
    assert.equal(removed.code, 0, removed.stderr);
    const planned = await setup(server, 'elasticsearch', '--dry-run');
    assert.deepEqual(lines(planned.stderr, 'same'), []);
  });

  it('credentials that are refused, or may too little', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    server.faults.set('GET /', [401, 403]);
    const refused = await setup(server, 'elasticsearch');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /refuses the credentials \(401\): write --user and --password-file/);
    const little = await setup(server, 'elasticsearch');
    assert.equal(little.code, 1);
    assert.match(little.stderr, /manage_index_templates/);
  });

  it('an API key for the probe: its request in a dry run, and nothing but the key on stdout', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    const args = ['--only', 'mqtt@settings', '--namespace', 'plant'];
    const planned = await setup(
      server,
      'elasticsearch',
      '--create-api-key',
      '--dry-run',
      '--namespace',
      'plant',
    );
    assert.match(
      planned.stdout,
      /POST \/_security\/api_key\n[\s\S]*"logs-mqtt\.\*-plant"[\s\S]*"create_doc"/,
    );
    assert.deepEqual(server.changed(), []);
    const made = await setup(server, 'elasticsearch', ...args.slice(2), '--create-api-key');
    assert.equal(made.stdout, 'YTpi\n', made.stderr);
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
    const found = await cli(['setup', 'elasticsearch', '-c', config, '--only', 'mqtt@settings']);
    assert.equal(found.code, 0, found.stderr);
    write(`a: {type: elasticsearch, nodes: "${server.url}"}, c: {type: elasticsearch, nodes: "http://x:1"}`);
    const which = await cli(['setup', 'elasticsearch', '-c', config]);
    assert.deepEqual([which.code, which.stderr], [2, 'which output? write --output with one of a, c\n']);
    const named = await cli(['setup', 'elasticsearch', '-c', config, '--output', 'a', '--dry-run']);
    assert.equal(named.code, 0, named.stderr);
    write('b: {type: stdout}');
    const none = await cli(['setup', 'elasticsearch', '-c', config]);
    assert.match(none.stderr, /no elasticsearch output: write --url/);
  });

  it('wrong usage: exit code 2 and what to write', async (t) => {
    const server = await standIn(t, { root: ELASTICSEARCH });
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--only', 'dashboards'], /--only dashboards: nothing is called that; write a name, or one of /],
      [['--namespace', 'Plant-A'], /--namespace Plant-A: no upper case/],
      [['--retain', 'message'], /write DATASET=DAYSd/],
      [['--retain', 'mesage=3d'], /did you mean "message"\?/],
      [['--user', 'x'], /--user and --password-file go together/],
      [['--url', 'http://a:b@c'], /--url: write https:\/\/host:9200, without a user/],
      [['--uninstall', '--create-api-key'], /write either/],
      [['--export', 'x', '--dry-run'], /--export only writes files/],
    ];
    for (const [args, words] of cases) {
      const { code, stderr } = await setup(server, 'elasticsearch', ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, words);
    }
    assert.deepEqual(server.changed(), []);
  });
});
