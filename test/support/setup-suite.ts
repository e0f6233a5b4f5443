import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SetupCommand } from '../../src/cli/setup/options.ts';
import type { JsonValue } from '../../src/core/event.ts';
import { bounded } from '../../src/core/json/bounded.ts';
import { DATASETS, streamType } from '../../src/ecs/actions.ts';
import { CATALOGUE } from '../../src/ecs/catalogue.ts';
import type { Field } from '../../src/ecs/fields/field.ts';
import { stringify } from '../../src/ecs/json.ts';
import { writeMosquittoLog } from '../bench/mosquitto-log.ts';
import { ProbeProcess } from './cli.ts';
import { type CorpusEvent, corpus, fullEvent } from './corpus.ts';
import { findJdk, type Kind } from './search-server/prepare.ts';
import { needsSearchServer, SECURED, SearchServer } from './search-server/start.ts';
import { outcomes, runSetup, type SetupRun } from './setup.ts';
import { tempDir } from './temp.ts';
import { until } from './wait.ts';

const needed = needsSearchServer();
const UNINDEXED = new Set(
  Object.entries<Field>(CATALOGUE).flatMap(([name, { unindexed }]) => (unindexed === true ? [name] : [])),
);
/** Of the log whose size on disk is measured. */
const LINES = 10_000;

interface Item {
  readonly status: number;
  /** `used`: the event was refused, and is where nobody looks for it. */
  readonly failure_store?: string;
  readonly error?: { readonly reason: string };
}

/** What a new stream would be made of. */
interface Simulated {
  readonly settings: { readonly index: { readonly mode: string; readonly default_pipeline: string } };
  readonly lifecycle: { readonly data_retention: string };
  readonly data_stream_options: object;
}

/** Of `_segments`. */
interface SegmentsAnswer {
  readonly indices: Record<string, { readonly shards: Record<string, readonly ShardCopy[]> }>;
}
interface ShardCopy {
  readonly segments: Record<
    string,
    { readonly search: boolean; readonly size_in_bytes: number; readonly num_docs: number }
  >;
}

/** The part of an index template that is ours alone. */
interface Own {
  readonly settings: { readonly index: object };
}

function without(object: object, keys: RegExp): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.test(key)));
}

/**
 * What a client can write: the longest topic that MQTT has, 65,535 bytes, is above what a search server takes as one term, and
 * so are a value and the keys that lead to it; a key with NUL is what Elasticsearch refuses.
 */
function longest(namespace: string): CorpusEvent {
  const { stream } = fullEvent('logs', 'mqtt.message', namespace);
  const id = 'f'.repeat(40);
  const topic = '√'.repeat(21_845);
  let deep: JsonValue = '√'.repeat(8190);
  for (let i = 0; i < 10; i++) deep = { [topic]: deep };
  const wild: JsonValue = { deep, 'nul\0': { '\0': 1 }, '': { '': 1 }, '.': 1, 'a..b': { a: 1 } };
  const payload = { json: JSON.parse(stringify(bounded(wild) as object)) };
  return {
    stream,
    id,
    source: { '@timestamp': '2026-11-21T19:25:28Z', event: { id }, mqtt: { topic, payload } },
  };
}

/** Every leaf of a mapping, by full name. */
function leaves(properties: Record<string, unknown>, prefix = ''): [string, Record<string, unknown>][] {
  return Object.entries(properties).flatMap(([key, value]) => {
    const node = value as Record<string, unknown>;
    const name = prefix + key;
    return node.properties === undefined
      ? [[name, node] as [string, Record<string, unknown>]]
      : leaves(node.properties as Record<string, unknown>, `${name}.`);
  });
}

/** What setup promises, on a real server. */
export function setupSuite(kind: Kind): void {
  describe(`setup on a real ${kind}`, { skip: needed.skip, timeout: 240_000 }, () => {
    // Elasticsearch 8.19, which is what JDK 17 runs, does not say what it is: setup refuses it.
    const bare = kind === 'elasticsearch' && (findJdk()?.major ?? 0) < 21;
    const secured = kind === 'elasticsearch';
    let server: SearchServer;
    let directory = '';
    let password = '';
    let events: readonly CorpusEvent[] = [];

    before(
      async () => {
        if (bare) return;
        directory = mkdtempSync(path.join(tmpdir(), 'bt-'));
        password = path.join(directory, 'password');
        writeFileSync(password, 'admin-password\n');
        server = await SearchServer.start(kind, secured ? [SECURED] : []);
        events = [
          ...(await corpus('golden')),
          ...DATASETS.map((dataset) => fullEvent(streamType(dataset), dataset, 'golden')),
          longest('golden'),
        ];
      },
      { timeout: 120_000 },
    );
    after(async () => {
      if (directory !== '') rmSync(directory, { recursive: true });
      await server?.remove();
    });

    const setup = (command: SetupCommand = {}): Promise<SetupRun> =>
      runSetup(kind, {
        url: [server.url],
        ...(secured && { user: 'admin', passwordFile: password }),
        ...command,
      });

    /** Every event in one bulk request after the other. */
    const bulk = async (sent: readonly CorpusEvent[], authorization?: string): Promise<Item[]> => {
      const items: Item[] = [];
      for (let from = 0; from < sent.length; from += 1000) {
        const lines = sent.slice(from, from + 1000).map(({ stream, id, source }) => {
          const _index = `${stream.type}-${stream.dataset}-${stream.namespace}`;
          const isSeries = secured && stream.type === 'metrics';
          return `${JSON.stringify({ create: { _index, ...(!isSeries && { _id: id }) } })}\n${JSON.stringify(source)}\n`;
        });
        const response = await fetch(`${server.url}/_bulk?refresh=true`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson', ...(authorization && { authorization }) },
          body: lines.join(''),
        });
        const answer = (await response.json()) as { items: { create: Item }[] };
        items.push(...answer.items.map(({ create }) => create));
      }
      return items;
    };

    it('installs everything, and again changes nothing', { skip: bare }, async (t) => {
      const planned = await setup({ dryRun: true });
      assert.equal(planned.problem, '');
      assert.match(planned.out, /^PUT \/_component_template\/mqtt.message@mappings\n\{\n/m);
      assert.deepEqual(Object.keys(outcomes(planned)), ['absent']);
      const first = await setup();
      assert.equal(first.problem, '');
      t.diagnostic(`${kind}: ${first.said.at(-1)}`);
      assert.deepEqual(outcomes(first), { created: outcomes(planned).absent });
      const again = await setup();
      assert.deepEqual(outcomes(again), { unchanged: outcomes(planned).absent });
      assert.equal((await setup({ dryRun: true })).out, '');
    });

    it('stores every event of the corpus once, with fields of the catalogue only', {
      skip: bare,
    }, async () => {
      // Nothing may become a field by itself, and no value may be left out of the index.
      for (const dataset of DATASETS) {
        const name = `${streamType(dataset)}-${dataset}`;
        const found = await server.ask('GET', `/_index_template/${name}`);
        const [{ index_template: template }] = found.index_templates as [
          { index_template: { template: Own } },
        ];
        const { template: own, ...body } = template;
        const settings = { index: { ...own.settings.index, mapping: { ignore_malformed: false } } };
        await server.ask('PUT', `/_index_template/${name}-golden`, {
          ...without(body, /^(created|modified)_date/),
          index_patterns: [`${name}-golden`],
          priority: 900,
          template: { ...own, settings, mappings: { dynamic: 'strict' } },
        });
      }
      const key = secured ? await setup({ createApiKey: true, only: ['mqtt@settings'] }) : undefined;
      const authorization = key === undefined ? undefined : `ApiKey ${key.out.trim()}`;
      const first = await bulk(events, authorization);
      assert.deepEqual(
        first
          .filter(({ status, failure_store: store }) => status !== 201 || store === 'used')
          .map(({ status, error }) => [status, error?.reason]),
        [],
      );
      const second = await bulk(events, authorization);
      assert.deepEqual(
        second.filter(({ status }) => status !== 409).map(({ status, error }) => [status, error?.reason]),
        [],
      );
      const counts = Object.groupBy(events, ({ stream }) => `${stream.type}-${stream.dataset}-golden`);
      for (const [stream, sent = []] of Object.entries(counts)) {
        const { count } = await server.ask('GET', `/${stream}/_count`);
        assert.equal(count, sent.length, stream);
        const mapping = await server.ask('GET', `/${stream}/_mapping`);
        for (const index of Object.values(mapping) as { mappings: { properties: object } }[]) {
          const names = leaves(index.mappings.properties as Record<string, unknown>).map(([name]) => name);
          const foreign = names.filter(
            (name) => !Object.hasOwn(CATALOGUE, name.replace(/^labels\..*/, 'labels')),
          );
          assert.deepEqual(foreign, [], stream);
          // Objects count as fields, too.
          const nodes = new Set(
            names.flatMap((name) => name.split('.').map((_, n, parts) => parts.slice(0, n + 1).join('.'))),
          );
          assert.ok(nodes.size <= 400, `${stream} has ${nodes.size} fields`);
        }
      }
      // Nothing was left out of the index, but for the topic that is too long for it.
      const ignored = await server.ask('POST', '/*-mqtt.*-golden/_count', {
        query: {
          bool: {
            filter: [{ exists: { field: '_ignored' } }],
            must_not: [{ term: { 'event.id': longest('golden').id } }],
          },
        },
      });
      assert.equal(ignored.count, 0);
    });

    it('every field of a full event can be searched', { skip: bare }, async () => {
      for (const dataset of DATASETS) {
        const { id, stream } = fullEvent(streamType(dataset), dataset, 'golden');
        const name = `${stream.type}-${dataset}-golden`;
        const mapping = await server.ask('GET', `/${name}/_mapping`);
        const [index] = Object.values(mapping) as [{ mappings: { properties: Record<string, unknown> } }];
        const fields = leaves(index.mappings.properties).filter(([field]) => !UNINDEXED.has(field));
        const filters = Object.fromEntries(fields.map(([field]) => [field, { exists: { field } }]));
        const answer = await server.ask('POST', `/${name}/_search`, {
          size: 0,
          query: { term: { 'event.id': id } },
          aggs: { found: { filters: { filters } } },
        });
        const { buckets } = (
          answer.aggregations as { found: { buckets: Record<string, { doc_count: number }> } }
        ).found;
        const missing = Object.entries(buckets).flatMap(([field, { doc_count: count }]) =>
          count === 1 ? [] : [field],
        );
        assert.deepEqual(missing, [], name);
        assert.ok(fields.length > 60, name);
      }
    });

    it('streams that an older version has made roll over; what they use is not removed', {
      skip: bare,
    }, async () => {
      const stream = 'logs-mqtt.audit-default';
      const store = (id: string): Promise<object> =>
        server.ask('PUT', `/${stream}/_create/${id}?refresh=true`, {
          '@timestamp': new Date().toISOString(),
        });
      const indices = async (): Promise<number> =>
        Object.keys(await server.ask('GET', `/${stream}/_mapping`)).length;
      const found = await server.ask('GET', '/_index_template/logs-mqtt.audit');
      const [{ index_template: template }] = found.index_templates as [{ index_template: object }];
      await server.ask('PUT', '/_index_template/logs-mqtt.audit', {
        ...without(template, /^(created|modified)_date/),
        _meta: { managed_by: 'brokertap', fingerprint: 'older' },
      });
      await store('one');
      assert.equal(await indices(), 1);
      const renewed = await setup();
      assert.equal(renewed.problem, '');
      assert.equal(outcomes(renewed).updated, 1);
      await store('two');
      assert.equal(await indices(), 2);
      const refused = await setup({ uninstall: true, only: ['logs-mqtt.audit'] });
      assert.match(refused.problem, /^1 of 1 stay/);
      assert.match(
        refused.said.join('\n'),
        /^stays: index-templates logs-mqtt.audit: .*data streams still use it/m,
      );
      assert.deepEqual(outcomes(await setup({ only: ['logs-mqtt.audit'] })), { unchanged: 1 });
    });

    it('exports what installs the same by other means', { skip: bare }, async (t) => {
      const exported = tempDir(t);
      const chosen = { namespace: 'exported', retain: ['message=3d'] };
      const written = await setup({ ...chosen, export: exported });
      assert.equal(written.problem, '');
      const files = readdirSync(exported, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.json'),
      );
      await put(server, exported, files.sort());
      const again = await setup(chosen);
      assert.deepEqual(outcomes(again), { unchanged: files.length });
      if (kind === 'elasticsearch') {
        const { template } = await server.ask(
          'POST',
          '/_index_template/_simulate_index/logs-mqtt.message-exported',
        );
        assert.equal((template as Simulated).lifecycle.data_retention, '3d');
      } else {
        assert.ok(again.said.some((line) => line.startsWith('left out: how long events are kept')));
      }
      assert.deepEqual(outcomes(await setup({ ...chosen, uninstall: true })), { removed: files.length });
      assert.deepEqual(outcomes(await setup({ ...chosen, dryRun: true })), { absent: files.length });
    });

    it('what an event takes on disk, with and without its original text', { skip: bare }, async (t) => {
      const access = secured ? `, user: admin, password_file: ${password}` : '';
      const inputs = (['plain', 'original'] as const).map((namespace) => {
        const log = path.join(directory, `${namespace}.log`);
        writeMosquittoLog(log, { lines: LINES, clients: 500, seed: 7 });
        const original = namespace === 'original';
        return `${namespace}: {type: file, broker: mosquitto, namespace: ${namespace}, original: ${original}, paths: ${log}}`;
      });
      const probe = new ProbeProcess(
        t,
        directory,
        `inputs: {${inputs.join(', ')}}\noutputs: {search: {type: elasticsearch, nodes: "${server.url}"${access}}}\n`,
      );
      probe.start();
      const both = 'logs-mqtt.*-plain,logs-mqtt.*-original';
      await until(
        async () => {
          // Refused while a stream is being made.
          const found = await server
            .ask('POST', `/${both}/_refresh`)
            .then(() => server.ask('GET', `/${both}/_count`))
            .catch(() => ({ count: 0 }));
          return Number(found.count) >= 2 * LINES;
        },
        () => probe.stderr,
        120_000,
      );
      await probe.stop();
      const measure = async (namespace: string): Promise<number> => {
        const stream = `/logs-mqtt.message-${namespace}`;
        await server.ask('POST', `${stream}/_forcemerge?max_num_segments=1&flush=true`);
        await server.ask('POST', `${stream}/_refresh`);
        // Files of segments that were merged stay for a while: what searches use is counted.
        const answer = (await server.ask('GET', `${stream}/_segments`)) as unknown as SegmentsAnswer;
        const segments = Object.values(answer.indices)
          .flatMap(({ shards }) => Object.values(shards).flat())
          .flatMap((copy) => Object.values(copy.segments))
          .filter(({ search }) => search);
        const sum = (of: 'size_in_bytes' | 'num_docs'): number =>
          segments.reduce((total, segment) => total + segment[of], 0);
        return Math.round(sum('size_in_bytes') / sum('num_docs'));
      };
      const without = await measure('plain');
      const withOriginal = await measure('original');
      t.diagnostic(
        `${kind}: ${without} bytes an event in logs-mqtt.message, ${withOriginal} with event.original`,
      );
      assert.ok(without > 0 && withOriginal > without);
    });

    if (kind === 'elasticsearch') {
      it('the key may do what the probe does, and no more', { skip: bare }, async () => {
        // The rights that the documentation asks for.
        const names = ['logs-mqtt.*', 'metrics-mqtt.*'];
        const role = { cluster: ['manage'], index: [{ names, privileges: ['manage'] }] };
        const own = await server.ask('POST', '/_security/api_key', {
          name: 'setup',
          role_descriptors: { role },
        });
        const file = path.join(directory, 'setup-key');
        writeFileSync(file, String(own.encoded));
        const same = await runSetup(kind, { url: [server.url], apiKeyFile: file, namespace: 'key' });
        assert.equal(same.problem, '');
        const made = await setup({ createApiKey: true, namespace: 'key', only: ['mqtt@settings-key'] });
        assert.equal(made.problem, '');
        const as = async (method: string, target: string, body?: object): Promise<number> => {
          const response = await fetch(server.url + target, {
            method,
            headers: { authorization: `ApiKey ${made.out.trim()}`, 'content-type': 'application/json' },
            ...(body && { body: JSON.stringify(body) }),
          });
          return response.status;
        };
        const event = { '@timestamp': '2026-11-21T19:25:28Z' };
        assert.equal(await as('GET', '/'), 200);
        assert.equal(await as('POST', '/logs-mqtt.audit-key/_create/a', event), 201);
        assert.equal(await as('POST', '/logs-mqtt.audit-golden/_create/a', event), 403);
        assert.equal(await as('POST', '/logs-other-key/_create/a', event), 403);
        assert.equal(await as('POST', '/logs-mqtt.audit-key/_search'), 403);
        assert.equal(await as('DELETE', '/_index_template/logs-mqtt.audit'), 403);
      });

      it('the files of the repository give every stream its mode, days and failure store', {
        skip: bare,
      }, async () => {
        // This server lacks what Elasticsearch brings along: the component template, processors, search templates.
        await server.ask('PUT', '/_component_template/ecs@mappings', { template: {} });
        const folder = fileURLToPath(new URL('../../pipelines/elasticsearch/', import.meta.url));
        const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
        await put(
          server,
          folder,
          files.filter((name) => /^_(component|index)_template\b.*json$/.test(name)).sort(),
        );
        const days: Readonly<Record<string, string>> = {
          'mqtt.message': '7d',
          'mqtt.packet': '7d',
          'mqtt.audit': '365d',
        };
        for (const dataset of DATASETS) {
          const stream = `${streamType(dataset)}-${dataset}-repository`;
          const { template } = await server.ask('POST', `/_index_template/_simulate_index/${stream}`);
          const { settings, lifecycle, data_stream_options: options } = template as Simulated;
          assert.equal(settings.index.mode, dataset === 'mqtt.sys' ? 'time_series' : 'logsdb', dataset);
          assert.equal(settings.index.default_pipeline, 'mqtt@default-pipeline');
          assert.equal(lifecycle.data_retention, days[dataset] ?? '30d', dataset);
          assert.deepEqual(options, { failure_store: { enabled: true } });
        }
      });
      return;
    }

    it('the ingest pipeline: adds when, keeps the rest, and leaves what it cannot read as it is', async () => {
      const simulate = async (sources: readonly object[]): Promise<Record<string, unknown>[]> => {
        const docs = sources.map((source) => ({ _source: source }));
        const answer = await server.ask('POST', '/_ingest/pipeline/mqtt@default-pipeline/_simulate', {
          docs,
        });
        return (answer.docs as { doc: { _source: Record<string, unknown> } }[]).map(({ doc }) => doc._source);
      };
      const some = events.filter((_, i) => i % 50 === 0);
      const results = await simulate(some.map(({ source }) => source));
      for (const [i, { source }] of some.entries()) {
        const after = results[i] as { event: Record<string, unknown> };
        assert.match(String(after.event.ingested), /^2\d{3}-\d\d-\d\dT/);
        const event = { ...(source.event as object), ingested: after.event.ingested };
        assert.deepEqual(after, { ...source, event });
      }
      const [bare, odd] = await simulate([
        { message: 'x' },
        { '@timestamp': '2026-01-01T00:00:00Z', event: 'x' },
      ]);
      assert.match(String(bare?.['@timestamp']), /^2\d{3}-/);
      assert.deepEqual([odd?.event, odd?.tags], ['x', ['_ingested_failed']]);
    });

    it('the files of the repository install the same', async () => {
      await server.ask('DELETE', '/_data_stream/*');
      await server.ask('DELETE', '/_index_template/*-golden');
      const removed = await setup({ uninstall: true });
      assert.equal(removed.problem, '');
      const folder = fileURLToPath(new URL('../../pipelines/opensearch/', import.meta.url));
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      // The server of the tests has no index state management.
      const own = files.filter((name) => name.endsWith('.json') && !name.startsWith('_plugins')).sort();
      await put(server, folder, own);
      assert.deepEqual(outcomes(await setup({ dryRun: true })), { same: own.length });
    });
  });
}

/** Installs files as the documentation says: the path of each is that of its request. */
async function put(server: SearchServer, folder: string, files: readonly string[]): Promise<void> {
  for (const file of files)
    await server.ask(
      'PUT',
      `/${file.replace(/\.json$/, '')}`,
      JSON.parse(readFileSync(path.join(folder, file), 'utf8')),
    );
}
