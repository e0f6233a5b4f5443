import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { askProbe } from '../../../src/cli/probe/control.ts';
import { QUESTIONS } from '../../../src/questions/index.ts';
import { conditionOf } from '../../../src/questions/question.ts';
import type { OutputStatus, Status } from '../../../src/telemetry/status.ts';
import { ProbeProcess } from '../../support/cli.ts';
import { type CorpusEvent, logFiles, parsed } from '../../support/corpus.ts';
import { matches } from '../../support/kibana/matches.ts';
import { needsSearchServer, SearchServer } from '../../support/search-server/start.ts';
import { runSetup } from '../../support/setup.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

const needed = needsSearchServer();

interface Doc {
  readonly '@timestamp': string;
  readonly event: { action: string; reason?: string; outcome?: string; sequence: number };
  readonly message: string;
  readonly user?: { name: string };
  readonly source?: { ip?: string };
  readonly mqtt?: {
    topic?: string;
    client?: { id: string };
    publisher?: { client?: { id: string }; user?: { name: string } };
    subscription?: { filter: string };
    drop?: { stage?: string };
    audit?: { operation?: string };
  };
}

interface Answer {
  readonly hits: { readonly total: { readonly value: number }; readonly hits: { readonly _source: Doc }[] };
  readonly aggregations: Record<string, { buckets: { key: string; doc_count: number }[] }>;
}

/** A question with parameters, which of its events those leave, and what a person would learn from the answer. */
interface Case {
  readonly name: string;
  readonly params: Record<string, string>;
  readonly fits: (event: Doc) => boolean;
  readonly learns: (answer: Answer) => void;
}

const keys = (answer: Answer, field: string): string[] =>
  (answer.aggregations[field]?.buckets ?? []).map(({ key }) => key);
const isClient =
  (id: string) =>
  ({ mqtt }: Doc): boolean =>
    mqtt?.client?.id === id || mqtt?.publisher?.client?.id === id;
const isUser =
  (name: string) =>
  ({ user, mqtt }: Doc): boolean =>
    user?.name === name || mqtt?.publisher?.user?.name === name;

const CASES: readonly Case[] = [
  {
    name: 'authentication-failures',
    params: { source: '192.168.7.0/24' },
    fits: ({ source }) => source?.ip?.startsWith('192.168.7.') === true,
    learns: (answer) => {
      assert.deepEqual(keys(answer, 'source.ip'), ['192.168.7.31']);
      assert.ok(keys(answer, 'event.reason').includes('bad_user_name_or_password'));
    },
  },
  {
    name: 'acl-denials',
    params: { client: 'sensor-a17', event: 'publish-denied' },
    fits: (e) => e.event.action === 'publish-denied' && isClient('sensor-a17')(e),
    learns: (answer) => assert.ok(keys(answer, 'mqtt.topic').includes('plant1/line3/temp')),
  },
  {
    name: 'publish-drops',
    params: { topic: 'big/*' },
    fits: ({ mqtt }) => mqtt?.topic?.startsWith('big/') === true,
    learns: (answer) => assert.deepEqual(keys(answer, 'event.reason'), ['packet_too_large']),
  },
  {
    name: 'delivery-drops',
    params: { client: 'sensor-07-slow' },
    fits: isClient('sensor-07-slow'),
    learns: (answer) => assert.deepEqual(keys(answer, 'event.reason'), ['queue_full']),
  },
  {
    name: 'client-life',
    params: { client: 'web-twin' },
    fits: isClient('web-twin'),
    learns: ({ hits: { hits } }) => {
      const times = hits.map(({ _source }) => _source['@timestamp']);
      assert.deepEqual(times, times.toSorted());
      const actions = hits.map(({ _source }) => _source.event.action);
      const [first, taken] = [actions.indexOf('client-connected'), actions.indexOf('session-taken-over')];
      assert.ok(first >= 0 && taken > first, actions.join());
    },
  },
  {
    name: 'why-disconnected',
    params: { client: 'sensor-02' },
    fits: isClient('sensor-02'),
    learns: (answer) => assert.ok(keys(answer, 'event.reason').includes('session_taken_over')),
  },
  {
    name: 'why-not-delivered',
    params: { topic: 'plant1/line3/temp' },
    fits: ({ mqtt }) => [mqtt?.topic, mqtt?.subscription?.filter].includes('plant1/line3/temp'),
    learns: (answer) => {
      assert.ok(keys(answer, 'event.action').includes('message-dropped'));
      assert.ok(keys(answer, 'event.reason').includes('queue_full'));
    },
  },
  {
    name: 'why-not-receiving',
    params: { client: 'gw_7f3e' },
    fits: isClient('gw_7f3e'),
    learns: (answer) => {
      assert.ok(keys(answer, 'event.action').includes('subscribe-denied'));
      assert.ok(keys(answer, 'mqtt.subscription.filter').includes('cmd/gw_7f3e/#'));
    },
  },
  {
    name: 'logins',
    params: { user: 'bob' },
    fits: isUser('bob'),
    learns: (answer) => {
      assert.deepEqual(keys(answer, 'event.outcome').sort(), ['failure', 'success']);
      assert.ok(keys(answer, 'source.ip').includes('127.0.0.1'));
    },
  },
  {
    name: 'operator-changes',
    params: { user: 'admin' },
    fits: isUser('admin'),
    learns: (answer) => assert.ok(keys(answer, 'mqtt.audit.operation').includes('createClient')),
  },
  {
    name: 'sessions-taken-over',
    params: {},
    fits: () => true,
    learns: (answer) => {
      const clients = keys(answer, 'mqtt.client.id');
      for (const one of ['sensor-02', 'web-twin', 'dev-0017']) assert.ok(clients.includes(one), one);
    },
  },
  {
    name: 'broker-problems',
    params: { event: 'alarm-raised' },
    fits: (e) => e.event.action === 'alarm-raised',
    learns: (answer) => assert.ok(keys(answer, 'mqtt.alarm.name').length > 0),
  },
];

describe('questions to a real opensearch', { skip: needed.skip, timeout: 240_000 }, () => {
  let server: SearchServer;
  let corpus: readonly CorpusEvent[] = [];

  before(
    async () => {
      server = await SearchServer.start('opensearch');
      corpus = [
        ...(await parsed(['--broker', 'mosquitto', ...logFiles('mosquitto')])),
        ...(await parsed(['--broker', 'emqx', ...logFiles('emqx')])),
      ];
    },
    { timeout: 120_000 },
  );
  after(() => server?.remove());

  const ask = async (name: string, params: object): Promise<Answer> => {
    const body = { id: `mqtt-${name}`, params: { from: '2000-01-01', ...params } };
    return (await server.ask('POST', '/logs-mqtt.*-default/_search/template', body)) as unknown as Answer;
  };

  it('the probe fills what setup has made: every event of both corpora, once', async (t) => {
    const done = await runSetup('opensearch', { url: [server.url] });
    assert.equal(done.problem, '');
    const directory = tempDir(t);
    // Logs of several versions begin alike, and what begins alike in one input may be a copy.
    const inputs = Object.entries({
      plant: logFiles('mosquitto'),
      hub: logFiles('emqx').filter((file) => !file.includes('emqx62')),
      newer: logFiles('emqx').filter((file) => file.includes('emqx62')),
    }).map(([name, files]) => {
      const folder = path.join(directory, name);
      mkdirSync(folder);
      for (const file of files) copyFileSync(file, path.join(folder, path.basename(file)));
      return `${name}: {type: file, broker: ${name === 'plant' ? 'mosquitto' : 'emqx'}, name: ${name}, paths: "${folder}/*"}`;
    });
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {${inputs.join(', ')}}\noutputs: {search: {type: elasticsearch, nodes: "${server.url}"}}\n`,
    );
    probe.start();
    let output: OutputStatus | undefined;
    await until(
      async () => {
        const status = await askProbe(path.join(directory, 'state'), 'GET', '/status').catch(() => undefined);
        if (status === undefined) return false;
        const { inputs, outputs }: Status = JSON.parse(status);
        [output] = outputs;
        // The output has the probe's own events too.
        const events = inputs.reduce((sum, input) => sum + input.events, 0);
        return events >= corpus.length && output?.pending === 0;
      },
      () => `${JSON.stringify(output)} of ${corpus.length}\n${probe.stderr}`,
      90_000,
    );
    assert.equal(await probe.stop(), 0);
    assert.equal(output?.dead, 0);
    await server.ask('POST', '/logs-mqtt.*/_refresh');
    for (const [dataset, events = []] of Object.entries(
      Object.groupBy(corpus, ({ stream }) => stream.dataset),
    )) {
      const { count } = await server.ask('GET', `/logs-${dataset}-default/_count`);
      assert.equal(count, events.length, dataset);
    }
  });

  it('every question about brokers has a case', () => {
    const asked = QUESTIONS.filter(({ dataset }) => dataset !== 'mqtt.probe').map(({ name }) => name);
    assert.deepEqual(CASES.map(({ name }) => name).sort(), asked.sort());
  });

  for (const { name, params, fits, learns } of CASES) {
    const question = QUESTIONS.find((one) => one.name === name)!;
    it(`${question.question} (${JSON.stringify(params)})`, async () => {
      const where = conditionOf(question);
      const answers = (event: object): boolean => matches(where, { ...event }) && fits(event as Doc);
      const expected = corpus.filter(({ source }) => answers(source));
      assert.ok(expected.length > 0, 'the corpus has no answer');
      const answer = await ask(name, params);
      assert.equal(answer.hits.total.value, expected.length);
      assert.ok(answer.hits.hits.every(({ _source }) => answers(_source)));
      learns(answer);
    });
  }

  it('a parameter is a value and nothing else, whatever stands in it', async () => {
    const hostile = 'x"}},{"match_all":{}}],"size":{{size}},"x":[{"a":{"b":{"c":"\\';
    for (const name of ['client', 'user', 'topic', 'event']) {
      const answer = await ask('client-life', { [name]: hostile });
      assert.equal(answer.hits.total.value, 0, name);
    }
    const all = await ask('client-life', { size: 1 });
    assert.ok(all.hits.total.value > 1000);
    assert.equal(all.hits.hits.length, 1);
  });
});
