import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ACTIONS, streamType } from '../../src/ecs/actions.ts';
import { CATALOGUE } from '../../src/ecs/catalogue.ts';
import { cli, type Finished } from '../support/cli.ts';
import { type CorpusEvent, corpus, fullEvent } from '../support/corpus.ts';
import { findJdk, type Kind } from '../support/search-server/prepare.ts';
import { needsSearchServer, SECURED, SearchServer } from '../support/search-server/start.ts';
import { tempDir } from '../support/temp.ts';

const needed = needsSearchServer();
const DATASETS = [...new Set(Object.values(ACTIONS).map(({ dataset }) => dataset))];

interface Item {
  readonly status: number;
  readonly error?: { readonly reason: string };
}

/** The part of an index template that is ours alone. */
interface Own {
  readonly settings: { readonly index: object };
}

function without(object: object, keys: RegExp): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.test(key)));
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

/** Lines that `setup` has said, without the first ones about the server. */
function outcomes({ stderr }: Finished): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of stderr.split('\n')) {
    const word = /^(created|updated|unchanged|removed|absent|same|different|there): /.exec(line)?.[1];
    if (word !== undefined) counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}

for (const kind of ['opensearch', 'elasticsearch'] as const satisfies Kind[]) {
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
        ];
      },
      { timeout: 120_000 },
    );
    after(async () => {
      if (directory !== '') rmSync(directory, { recursive: true });
      await server?.remove();
    });

    const setup = (...args: string[]): Promise<Finished> =>
      cli([
        'setup',
        kind,
        '--url',
        server.url,
        ...(secured ? ['--user', 'admin', '--password-file', password] : []),
        ...args,
      ]);

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
      const planned = await setup('--dry-run');
      assert.equal(planned.code, 0, planned.stderr);
      assert.match(planned.stdout, /^PUT \/_component_template\/mqtt.message@mappings\n\{\n/m);
      assert.deepEqual(Object.keys(outcomes(planned)), ['absent']);
      const first = await setup();
      assert.equal(first.code, 0, first.stderr);
      t.diagnostic(`${kind}: ${first.stderr.trim().split('\n').at(-1)}`);
      assert.deepEqual(outcomes(first), { created: outcomes(planned).absent });
      const again = await setup();
      assert.deepEqual(outcomes(again), { unchanged: outcomes(planned).absent }, again.stderr);
      assert.equal((await setup('--dry-run')).stdout, '');
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
      const key = secured ? await setup('--create-api-key', '--only', 'mqtt@settings') : undefined;
      const authorization = key === undefined ? undefined : `ApiKey ${key.stdout.trim()}`;
      const first = await bulk(events, authorization);
      assert.deepEqual(
        first.filter(({ status }) => status !== 201).map(({ status, error }) => [status, error?.reason]),
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
          assert.ok(names.length < 400, `${stream} has ${names.length} fields`);
        }
      }
      const malformed = await server.ask('POST', '/*-mqtt.*-golden/_count', {
        query: { exists: { field: '_ignored' } },
      });
      // Topics and client ids above the limit of a keyword are kept and not searchable.
      const long = events.filter(({ source }) => JSON.stringify(source).length > 8191).length;
      assert.ok(
        Number(malformed.count) <= long,
        `${malformed.count} documents with fields that were left out`,
      );
    });

    it('every field of a full event is found by its value', { skip: bare }, async () => {
      for (const dataset of DATASETS) {
        const { id, stream } = fullEvent(streamType(dataset), dataset, 'golden');
        const name = `${stream.type}-${dataset}-golden`;
        const filter = [{ term: { 'event.id': id } }];
        const missing: string[] = [];
        const mapping = await server.ask('GET', `/${name}/_mapping`);
        const [index] = Object.values(mapping) as { mappings: { properties: object } }[];
        for (const [field, { index: isIndexed }] of leaves(
          index?.mappings.properties as Record<string, unknown>,
        )) {
          if (isIndexed === false || field.startsWith('event.original')) continue;
          const query = { bool: { filter: [...filter, { exists: { field } }] } };
          const { count } = await server.ask('POST', `/${name}/_count`, { query });
          if (count !== 1) missing.push(field);
        }
        assert.deepEqual(
          missing.filter((field) => field !== 'event.ingested' || kind === 'opensearch'),
          [],
          name,
        );
      }
    });

    it('exports what installs the same by other means', { skip: bare }, async (t) => {
      const exported = tempDir(t);
      const written = await setup('--export', exported, '--namespace', 'exported', '--retain', 'message=3d');
      assert.equal(written.code, 0, written.stderr);
      const files = readdirSync(exported, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.json'),
      );
      for (const file of files.sort())
        await server.ask(
          'PUT',
          `/${file.replace(/\.json$/, '')}`,
          JSON.parse(readFileSync(path.join(exported, file), 'utf8')),
        );
      const same = await setup('--namespace', 'exported', '--retain', 'message=3d');
      assert.deepEqual(outcomes(same), { unchanged: files.length }, same.stderr);
      const removed = await setup('--namespace', 'exported', '--uninstall');
      assert.deepEqual(outcomes(removed), { removed: files.length }, removed.stderr);
      const gone = await setup('--namespace', 'exported', '--dry-run', '--retain', 'message=3d');
      assert.deepEqual(outcomes(gone), { absent: files.length });
    });
  });
}
