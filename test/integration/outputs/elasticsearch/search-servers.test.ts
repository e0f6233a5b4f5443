import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { askProbe } from '../../../../src/cli/probe/control.ts';
import type { Receipt } from '../../../../src/core/output.ts';
import { deadLetterFile } from '../../../../src/state/letters.ts';
import type { OutputStatus } from '../../../../src/telemetry/status.ts';
import { cli, ProbeProcess } from '../../../support/cli.ts';
import { CuttingProxy } from '../../../support/cutting-proxy.ts';
import { searchOutput } from '../../../support/search-probe.ts';
import { findJdk, type Kind } from '../../../support/search-server/prepare.ts';
import { needsSearchServer, SECURED, SearchServer } from '../../../support/search-server/start.ts';
import { putTemplates } from '../../../support/search-server/templates.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const needed = needsSearchServer();
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `1700000000: line ${from + i}\n`).join('');

/** Requests of the probe's usual size are too large for the one limit, and half of one too much for the other. */
const TIGHT = ['http.max_content_length=1mb', 'indexing_pressure.memory.limit=1200kb'];

const datasets = ['broker', 'connection', 'access', 'message', 'packet', 'audit', 'probe', 'anomaly'];

async function statusOf(probe: ProbeProcess): Promise<OutputStatus | undefined> {
  const state = path.join(path.dirname(probe.config), 'state');
  // A probe that is just starting replaces the socket of the one before it.
  const status = await askProbe(state, 'GET', '/status').catch(() => undefined);
  return status === undefined ? undefined : JSON.parse(status).outputs[0];
}

/** Everything that was read is settled. */
async function settled(probe: ProbeProcess, read: number): Promise<OutputStatus> {
  let output: OutputStatus | undefined;
  await until(
    async () => {
      output = await statusOf(probe);
      return output !== undefined && output.read >= read && output.pending === 0;
    },
    () => `${JSON.stringify(output)}\n${probe.stderr}`,
    90_000,
  );
  return output as OutputStatus;
}

/** Sends events of one data stream. */
async function send(
  url: string,
  apiKeyFile: string | undefined,
  stream: string,
  events: readonly object[],
): Promise<Receipt> {
  const output = searchOutput(url, { cluster: { apiKeyFile } });
  const texts = events.map((event) => `${JSON.stringify(event)}\n`);
  let end = 0;
  try {
    await output.check(AbortSignal.timeout(10_000));
    return await output.write({
      bytes: Buffer.from(texts.join('')),
      ends: Uint32Array.from(texts, (text) => (end += text.length)),
      streams: new Uint8Array(texts.length),
      names: [stream],
      source: 'x',
      resent: false,
      release: () => {},
      waiting: () => {},
    });
  } finally {
    await output.close(1000);
  }
}

for (const kind of ['opensearch', 'elasticsearch'] as const satisfies Kind[]) {
  describe(`a real ${kind}`, { skip: needed.skip, timeout: 240_000 }, () => {
    // Elasticsearch 8.19, which is what JDK 17 runs, comes without our plugin: no API keys, and it does not say what it is.
    const bare = kind === 'elasticsearch' && (findJdk()?.major ?? 0) < 21;
    const secured = kind === 'elasticsearch' && !bare;
    let server: SearchServer;
    /** Settings of the output that let it in. */
    let access = '';
    let apiKey = '';

    before(async () => {
      server = await SearchServer.start(kind, [...TIGHT, ...(secured ? [SECURED] : [])]);
      if (bare) access = ', flavor: elasticsearch';
      if (!secured) return;
      // What the documentation asks for, and no more.
      const names = ['logs-mqtt.*-*', 'metrics-mqtt.*-*'];
      const index = [{ names, privileges: ['auto_configure', 'create_doc'] }];
      const role = { probe: { cluster: ['monitor'], index } };
      const made = await server.ask('POST', '/_security/api_key', { name: 'probe', role_descriptors: role });
      apiKey = String(made.encoded);
    });
    after(() => server?.remove());

    const keyFile = (directory: string): string | undefined => {
      if (apiKey === '') return undefined;
      const file = path.join(directory, 'api-key');
      writeFileSync(file, apiKey);
      access = `, api_key_file: ${file}`;
      return file;
    };

    it('every event is one document through cut connections, kills, 413 and 429', async (t) => {
      const directory = tempDir(t);
      keyFile(directory);
      const proxy = await CuttingProxy.start(server.url);
      t.after(() => proxy.stop());
      await putTemplates(server, 'exact');
      const file = path.join(directory, 'a.log');
      writeFileSync(file, lines(0, 3000));
      const probe = new ProbeProcess(
        t,
        directory,
        `namespace: exact\ninputs: {log: {type: file, broker: mosquitto, paths: ${file}}}\noutputs: {search: {type: elasticsearch, nodes: "${proxy.url}"${access}}}\n`,
      );
      for (let round = 1; round <= 3; round++) {
        probe.start();
        await until(
          async () => ((await statusOf(probe))?.delivered ?? 0) > 0,
          () => probe.stderr,
          60_000,
        );
        proxy.cut();
        appendFileSync(file, lines(round * 3000, (round + 1) * 3000));
        await delay(200);
        proxy.cut();
        await probe.kill();
      }
      probe.start();
      const output = await settled(probe, 12_000);
      const { read, delivered, duplicates, dead, pending } = output;
      assert.equal(read, delivered + duplicates + dead + pending);
      assert.equal(dead, 0, (await cli(['dead-letters', 'show', 'search', '-c', probe.config])).stdout);
      assert.equal(await probe.stop(), 0);
      const documents = await server.documents('logs-mqtt.broker-exact');
      const messages = documents.map(({ _source }) => String(_source.message)).sort();
      assert.deepEqual(messages, Array.from({ length: 12_000 }, (_, i) => `line ${i}`).sort());
      assert.ok(documents.every(({ _id, _source }) => _id === (_source.event as { id: string }).id));
      assert.ok(proxy.cuts > 0);
    });

    it('a mapping conflict: a dead letter, the rest flows; replayed when the mapping is right', async (t) => {
      const directory = tempDir(t);
      keyFile(directory);
      const properties = { message: { type: 'integer' } };
      await putTemplates(server, 'conflict', properties);
      const file = path.join(directory, 'a.log');
      writeFileSync(file, '1700000000: 1\n1700000000: two\n1700000000: 3\n');
      const probe = new ProbeProcess(
        t,
        directory,
        `namespace: conflict\ninputs: {log: {type: file, broker: mosquitto, paths: ${file}}}\noutputs: {search: {type: elasticsearch, exclude: [{dataset: mqtt.probe}], nodes: "${server.url}"${access}}}\n`,
      );
      probe.start();
      const output = await settled(probe, 3);
      assert.deepEqual([output.delivered, output.dead], [2, 1]);
      const letter = JSON.parse(
        readFileSync(deadLetterFile(path.join(directory, 'state'), 'search'), 'utf8'),
      );
      assert.equal(letter.status, 400);
      assert.match(letter.type, /^(?:mapper|document)_parsing_exception$/);
      assert.equal(letter.event.message, 'two');
      const shown = await cli(['dead-letters', 'list', '-c', probe.config]);
      assert.match(
        shown.stdout,
        /^search: 1 dead letter.*\n +1 {2}400 (?:mapper|document)_parsing_exception\n$/,
      );
      await putTemplates(server, 'conflict', { message: { type: 'keyword' } });
      await server.ask('POST', '/logs-mqtt.broker-conflict/_rollover');
      const replayed = await cli(['dead-letters', 'replay', 'search', '-c', probe.config]);
      assert.equal(replayed.stdout, 'search: 1 delivered, 0 refused again\n', replayed.stderr);
      const later = await settled(probe, 3);
      assert.deepEqual([later.delivered, later.dead], [3, 0]);
      await probe.stop();
      const documents = await server.documents('logs-mqtt.broker-conflict');
      assert.deepEqual(documents.map(({ _source }) => _source.message).sort(), ['1', '3', 'two']);
    });

    it('an event over the server’s limit: a dead letter, replayed without a running probe it is one again', async (t) => {
      const directory = tempDir(t);
      keyFile(directory);
      await putTemplates(server, 'large');
      const file = path.join(directory, 'a.log');
      writeFileSync(file, `1700000000: small\n1700000000: ${'x'.repeat(1_100_000)}\n`);
      const probe = new ProbeProcess(
        t,
        directory,
        `namespace: large\ninputs: {log: {type: file, broker: mosquitto, limit: 2MiB, paths: ${file}}}\noutputs: {search: {type: elasticsearch, nodes: "${server.url}"${access}}}\n`,
      );
      probe.start();
      await settled(probe, 2);
      await probe.stop();
      const replayed = await cli(['dead-letters', 'replay', 'search', '-c', probe.config]);
      assert.equal(replayed.stdout, 'search: 0 delivered, 1 refused again\n', replayed.stderr);
      const shown = await cli(['dead-letters', 'show', 'search', '-c', probe.config]);
      assert.equal(JSON.parse(shown.stdout).status, 413);
      const purged = await cli(['dead-letters', 'purge', 'search', '-c', probe.config]);
      assert.equal(purged.code, 0, purged.stderr);
      const listed = await cli(['dead-letters', 'list', '-c', probe.config]);
      assert.equal(listed.stdout, 'search: 0 dead letters\n');
    });

    it('check --connect: names the server, finds missing templates, writes nothing', {
      skip: bare,
    }, async (t) => {
      const directory = tempDir(t);
      keyFile(directory);
      const config = path.join(directory, 'brokertap.yaml');
      const write = (namespace: string): void =>
        writeFileSync(
          config,
          `namespace: ${namespace}\ntelemetry: {listen: "off"}\ninputs: {log: {type: stdin, broker: mosquitto}}\noutputs: {search: {type: elasticsearch, nodes: "${server.url}"${access}}}\n`,
        );
      write('nowhere');
      const missing = await cli(['check', '-c', config, '--connect']);
      write('exact');
      const fine = await cli(['check', '-c', config, '--connect']);
      assert.equal(fine.code, 0, fine.stdout);
      assert.match(
        fine.stdout,
        new RegExp(`output search: works \\(.*: ${kind} \\d+\\.\\d+\\.\\d+, cluster \\S+\\)`),
      );
      const streams = await server.ask('GET', '/_resolve/index/*nowhere*');
      assert.deepEqual(streams.indices, []);
      // The key of Elasticsearch may not look at templates: there the server itself refuses what is no data stream.
      if (secured) return;
      assert.equal(missing.code, 1);
      for (const dataset of datasets)
        assert.match(missing.stdout, new RegExp(`logs-mqtt\\.${dataset}-nowhere`));
      assert.match(missing.stdout, /metrics-mqtt\.sys-nowhere.*: run "brokertap setup opensearch"/);
    });

    it('no template: waits, and no index is made', async (t) => {
      const directory = tempDir(t);
      keyFile(directory);
      const file = path.join(directory, 'a.log');
      writeFileSync(file, lines(0, 10));
      const probe = new ProbeProcess(
        t,
        directory,
        `namespace: absent\ninputs: {log: {type: file, broker: mosquitto, paths: ${file}}}\noutputs: {search: {type: elasticsearch, nodes: "${server.url}"${access}}}\n`,
      );
      probe.start();
      await until(
        async () => /brokertap setup/.test((await statusOf(probe))?.problem ?? ''),
        () => probe.stderr,
      );
      assert.deepEqual((await server.ask('GET', '/_resolve/index/*absent*')).indices, []);
      await putTemplates(server, 'absent');
      const { dead } = await settled(probe, 10);
      assert.equal(dead, 0);
      assert.equal((await server.documents('logs-mqtt.broker-absent')).length, 10);
    });

    if (!secured) return;

    it('a wrong API key: waits and names its file; the right one is picked up', async (t) => {
      const directory = tempDir(t);
      const file = path.join(directory, 'a.log');
      const key = path.join(directory, 'api-key');
      writeFileSync(file, lines(0, 10));
      writeFileSync(key, Buffer.from('some:key').toString('base64'));
      await putTemplates(server, 'key');
      const probe = new ProbeProcess(
        t,
        directory,
        `namespace: key\ninputs: {log: {type: file, broker: mosquitto, paths: ${file}}}\noutputs: {search: {type: elasticsearch, nodes: "${server.url}", api_key_file: ${key}}}\n`,
      );
      probe.start();
      await until(
        async () => ((await statusOf(probe))?.problem ?? '').includes(`check the secret in ${key}`),
        () => probe.stderr,
      );
      writeFileSync(key, apiKey);
      const { delivered } = await settled(probe, 10);
      assert.ok(delivered >= 10);
      assert.doesNotMatch(probe.stderr, new RegExp(apiKey));
    });

    it('a time series gives its own ids; a failure store takes what does not fit, and is counted', async (t) => {
      const key = keyFile(tempDir(t));
      const dimension = { type: 'keyword', time_series_dimension: true };
      const gauge = { type: 'long', time_series_metric: 'gauge' };
      await putTemplates(
        server,
        'series',
        { service: { properties: { name: dimension } }, value: gauge },
        {
          settings: {
            'index.mode': 'time_series',
            'index.routing_path': ['service.name'],
            number_of_replicas: 0,
          },
        },
      );
      const event = (i: number, fields: object): object => ({
        event: { id: String(i).padStart(40, '0') },
        '@timestamp': new Date(Date.now() + i).toISOString(),
        ...fields,
      });
      const samples = [1, 2, 3].map((i) => event(i, { service: { name: 'a' }, value: i }));
      const sent = await send(server.url, key, 'metrics-mqtt.sys-series', samples);
      assert.deepEqual(
        sent.rejected?.map(({ reason }) => reason),
        [],
      );
      assert.equal(sent.delivered, 3);
      await putTemplates(
        server,
        'aside',
        { value: { type: 'long' } },
        { data_stream_options: { failure_store: { enabled: true } } },
      );
      const fits = [event(1, { value: 1 }), event(2, { value: 'x' }), event(3, { value: 3 })];
      const receipt = await send(server.url, key, 'logs-mqtt.broker-aside', fits);
      assert.deepEqual([receipt.delivered, receipt.failureStore], [3, 1]);
    });
  });
}
