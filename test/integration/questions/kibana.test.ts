import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { elasticsearchDashboard } from '../../../src/grafana/elasticsearch.ts';
import { moduleObjects, savedObjects } from '../../../src/kibana/content.ts';
import { DASHBOARDS } from '../../../src/kibana/dashboards/index.ts';
import { indexPattern, type View, viewOf } from '../../../src/kibana/data-views.ts';
import type { ChartPanel } from '../../../src/kibana/panel.ts';
import { RULES } from '../../../src/kibana/rules/index.ts';
import { ruleBody } from '../../../src/kibana/rules/rule-body.ts';
import { QUESTIONS } from '../../../src/questions/index.ts';
import { dsl } from '../../../src/questions/query/dsl.ts';
import { and, exists, type Query } from '../../../src/questions/query/query.ts';
import { cli } from '../../support/cli.ts';
import { answersOf, NARROWED } from '../../support/kibana/answers.ts';
import { corpus } from '../../support/kibana/corpus.ts';
import { parseKql } from '../../support/kibana/kql.ts';
import { type LensState, lensSearch } from '../../support/kibana/lens-search.ts';
import { type Event, matches, valuesOf } from '../../support/kibana/matches.ts';
import { NOW } from '../../support/kibana/planted.ts';
import { finds } from '../../support/kibana/rule-search.ts';
import { needsSearchServer, SearchServer } from '../../support/search-server/start.ts';

/** What each rule finds in the planted log, and nothing beside it. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  'refused-logins': ['203.0.113.9'],
  'denied-publishes': ['meter-3'],
  'wide-subscription': ['stranger'],
  'anonymous-login': ['mosquitto'],
  'plain-or-old-tls': ['mosquitto'],
  'retained-overwrite': ['plant/limits: intruder'],
  'command-by-stranger': ['plant/valve/set: intruder'],
  'takeover-flapping': ['pump-7'],
  'broker-restart': ['mosquitto'],
  'message-drops': ['mosquitto'],
  'probe-silent': ['probe-silent'],
  'probe-late': ['probe-troubled'],
  'probe-degraded': ['probe-troubled'],
  'probe-gap': ['file_gone', 'mapper_parsing_exception'],
  'certificate-expiry': ['probe-troubled'],
  'twin-connect-surge': ['mosquitto'],
  'twin-new-client-from-address': ['198.51.100.4: office-2'],
  'twin-new-disconnect-reason': ['mosquitto: keep_alive_timeout'],
  'twin-message-surge': ['loop/counter'],
  'twin-payload-surge': ['yard/camera'],
  'twin-silent-client': ['asleep'],
  'twin-new-topic-of-client': ['gateway: plant/new-topic'],
  'twin-subscription-breadth': ['scanner'],
  'twin-drop-surge': ['mosquitto'],
};

/** When the `$SYS` topics of Mosquitto and EMQX were captured. */
const CAPTURED = { gte: '2026-11-21', lt: '2026-11-26' };

interface Hits {
  readonly hits: { readonly total: { readonly value: number } };
  readonly aggregations?: Readonly<Record<string, unknown>>;
}

function streamOf(event: Event): string {
  return `${valuesOf(event, 'data_stream.type')[0]}-${valuesOf(event, 'data_stream.dataset')[0]}`;
}

describe('what is shipped for Kibana and Grafana, asked on a real OpenSearch', {
  skip: needsSearchServer().skip,
  timeout: 240_000,
}, () => {
  let server: SearchServer;
  let events: Event[];
  let logs: Event[];
  const namespace = 'default';

  before(async () => {
    server = await SearchServer.start('opensearch');
    const setup = await cli(['setup', 'opensearch', '--url', server.url]);
    assert.equal(setup.code, 0, setup.stderr);
    events = await corpus();
    logs = events.filter((event) => streamOf(event).startsWith('logs-'));
    const lines = events.map((event) => {
      const _index = `${streamOf(event)}-${namespace}`;
      // Where documents are a time series, the server names them itself.
      const id = _index.startsWith('metrics-') ? {} : { _id: valuesOf(event, 'event.id')[0] };
      const action = { create: { _index, ...id } };
      return `${JSON.stringify(action)}\n${JSON.stringify(event)}\n`;
    });
    for (let from = 0; from < lines.length; from += 2000) {
      const response = await fetch(`${server.url}/_bulk`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: lines.slice(from, from + 2000).join(''),
      });
      const { items } = (await response.json()) as {
        items: { create: { status: number; error?: unknown } }[];
      };
      for (const { create } of items) assert.equal(create.status, 201, JSON.stringify(create.error));
    }
    await server.ask('POST', '/*-mqtt.*/_refresh');
  });
  after(() => server?.remove());

  const search = async (view: View, body: object): Promise<Hits> =>
    (await server.ask('POST', `/${indexPattern(view, namespace)}/_search`, body)) as unknown as Hits;
  /** How many events a query means, counted without a server. */
  const expected = (view: View, where: Query | undefined): number => {
    const pattern = indexPattern(view, namespace).replace('*', '');
    return events.filter(
      (event) =>
        `${streamOf(event)}-${namespace}`.startsWith(pattern.slice(0, pattern.indexOf('-default'))) &&
        (where === undefined || matches(where, event)),
    ).length;
  };
  const objects = savedObjects('*');

  it('every event of the corpus is there', async () => {
    assert.ok(events.length > 9000);
    const { hits } = await search('mqtt-logs', { size: 0, track_total_hits: true });
    assert.equal(hits.total.value, events.filter((event) => streamOf(event).startsWith('logs-')).length);
  });

  it('every panel has an answer, and the right number of events', async () => {
    let panels = 0;
    for (const dashboard of DASHBOARDS) {
      const stored = objects.find(({ id, type }) => id === dashboard.id && type === 'dashboard');
      const states = new Map<string, LensState>(
        JSON.parse(String(stored?.attributes.panelsJSON)).flatMap(
          ({
            panelIndex,
            embeddableConfig,
          }: {
            panelIndex: string;
            embeddableConfig: { attributes?: { state: LensState } };
          }) =>
            embeddableConfig.attributes === undefined
              ? []
              : [[panelIndex, embeddableConfig.attributes.state]],
        ),
      );
      for (const panel of dashboard.panels) {
        if ('search' in panel) continue;
        panels++;
        const name = `${dashboard.id}, ${panel.title}`;
        const state = states.get(panel.id);
        assert.ok(state, name);
        const { hits, aggregations } = await search(panel.view, lensSearch(state));
        assert.equal(hits.total.value, expected(panel.view, panel.where), name);
        assert.ok(hits.total.value > 0, name);
        for (const measure of measuresOf(panel))
          assert.ok(expected(panel.view, both(panel.where, measure)) > 0, `${name}: a column is empty`);
        assertFilled(aggregations, name);
      }
    }
    assert.ok(panels > 60);
  });

  it('every saved search finds the events that it means', async () => {
    for (const { name, dataset, where } of QUESTIONS) {
      const view = viewOf(dataset);
      const stored = objects.find((object) => object.id === `mqtt-${name}`);
      assert.ok(stored);
      const { searchSourceJSON } = stored.attributes.kibanaSavedObjectMeta as { searchSourceJSON: string };
      const query = dsl(parseKql(JSON.parse(searchSourceJSON).query.query));
      const { hits } = await search(view, { size: 0, track_total_hits: true, query });
      assert.equal(hits.total.value, expected(view, where), name);
      assert.ok(hits.total.value > 0, name);
    }
  });

  it('every search template finds the events that SQL finds, however it is narrowed', async () => {
    for (const question of QUESTIONS)
      for (const [i, ids] of answersOf(question, logs).entries()) {
        const { template } = NARROWED[i]!;
        const { hits } = (await server.ask('POST', `/logs-mqtt.*-${namespace}/_search/template`, {
          id: `mqtt-${question.name}`,
          params: { from: '2000-01-01', to: '2100-01-01', size: 10_000, ...template },
        })) as unknown as { hits: { hits: { _id: string }[] } };
        const found = hits.hits.map(({ _id }) => _id);
        assert.deepEqual(found.sort(), ids, `${question.name} ${JSON.stringify(template)}`);
      }
  });

  it('every rule finds what was planted, and nothing else', async () => {
    assert.deepEqual(Object.keys(FOUND).sort(), RULES.map(({ id }) => id).sort());
    for (const rule of RULES) {
      // A rule that counts is asked as it is stored; one with ES|QL by its condition, which is the same.
      const { esQuery } = ruleBody(rule, namespace, { artifacts: false, rows: false }).params;
      if (esQuery !== undefined) assert.deepEqual(JSON.parse(String(esQuery)).query, dsl(rule.where!));
      const found = await finds(rule, rule.where, NOW, async (body) => ({
        ...(await search(rule.view, body)),
      }));
      assert.deepEqual(found, FOUND[rule.id], rule.id);
    }
  });

  it('every job has events to learn from, with the fields that it tells apart', async () => {
    const [module] = moduleObjects(namespace);
    assert.ok(module);
    const { jobs, datafeeds } = module.attributes as unknown as {
      jobs: { id: string; config: { analysis_config: { detectors: Record<string, string>[] } } }[];
      datafeeds: { config: { indices: string[]; query: object } }[];
    };
    for (const [i, { config }] of datafeeds.entries()) {
      const job = jobs[i]!;
      const [detector] = job.config.analysis_config.detectors;
      const fields = Object.entries(detector ?? {}).flatMap(([key, field]) =>
        key.endsWith('field_name') ? [field] : [],
      );
      const filter = [config.query, ...fields.map((field) => ({ exists: { field } }))];
      const target = `/${config.indices.join()}/_search`;
      const { hits } = (await server.ask('POST', target, {
        size: 0,
        query: { bool: { filter } },
      })) as unknown as Hits;
      assert.ok(hits.total.value > 0, job.id);
    }
  });

  it('every panel of Grafana has an answer', async () => {
    let targets = 0;
    for (const dashboard of DASHBOARDS) {
      const { panels } = elasticsearchDashboard(dashboard) as {
        panels: {
          title: string;
          targets: {
            query: string;
            bucketAggs: { type: string; field: string }[];
            metrics: { field?: string; type: string }[];
          }[];
        }[];
      };
      for (const { title, targets: all } of panels)
        for (const { query, bucketAggs, metrics } of all) {
          targets++;
          const needed = bucketAggs
            .filter(({ type }) => type === 'terms')
            .map(({ field }) => ({ exists: { field } }));
          for (const { field, type } of metrics)
            if (type === 'max' && field !== undefined) needed.push({ exists: { field } });
          const { hits } = await search(dashboard.view === 'mqtt-sys' ? 'mqtt-sys' : 'mqtt-logs', {
            size: 0,
            query: { bool: { filter: [{ query_string: { query, analyze_wildcard: true } }, ...needed] } },
          });
          assert.ok(hits.total.value > 0, `${dashboard.id}, ${title}: ${query}`);
        }
    }
    assert.ok(targets > 80);
  });

  it('what brokers count in a second is a number', async () => {
    let rates = 0;
    for (const { id, panels } of DASHBOARDS)
      for (const panel of panels) {
        if (!('chart' in panel) || panel.chart.type !== 'timeline') continue;
        const { by } = panel.chart;
        for (const measure of panel.chart.of) {
          if (measure.kind !== 'rate') continue;
          rates++;
          const { aggregations } = await search(panel.view, {
            size: 0,
            query: { bool: { filter: [dsl(panel.where!), { range: { '@timestamp': CAPTURED } }] } },
            aggs: {
              by: {
                terms: { field: by },
                aggs: {
                  time: {
                    date_histogram: { field: '@timestamp', fixed_interval: '1m' },
                    aggs: {
                      max: { max: { field: measure.field } },
                      rate: { derivative: { buckets_path: 'max', unit: '1s' } },
                    },
                  },
                },
              },
            },
          });
          const { buckets } = aggregations!.by as {
            buckets: { time: { buckets: { rate?: { normalized_value: number } }[] } }[];
          };
          const values = buckets.flatMap(({ time }) =>
            time.buckets.map(({ rate }) => rate?.normalized_value),
          );
          const counted = values.filter((value) => value !== undefined);
          assert.ok(counted.length > 0, `${id}, ${panel.title}`);
          assert.ok(Math.max(...counted) >= 0, `${id}, ${panel.title}`);
        }
      }
    assert.ok(rates > 5);
  });
});

function measuresOf({ chart }: ChartPanel): (Query | undefined)[] {
  const of = chart.type === 'number' || chart.type === 'donut' ? [chart.of] : chart.of;
  return of.map((measure) => (measure.kind === 'rate' ? exists(measure.field) : measure.where));
}

function both(a: Query | undefined, b: Query | undefined): Query | undefined {
  return a === undefined || b === undefined ? (a ?? b) : and(a, b);
}

/** Every list of buckets holds some, and the first of them every number. */
function assertFilled(aggregations: Readonly<Record<string, unknown>> | undefined, name: string): void {
  for (const [id, result] of Object.entries(aggregations ?? {})) {
    if (typeof result !== 'object' || result === null) continue;
    const { buckets, value } = result as {
      buckets?: Record<string, unknown>[];
      value?: { value: number | null };
    };
    if (buckets !== undefined) {
      const [first] = buckets.filter(({ doc_count }) => Number(doc_count) > 0);
      assert.ok(first, `${name}: ${id} has no values`);
    } else if (id.startsWith('of') && value !== undefined) {
      assert.ok(Number.isFinite(value.value), `${name}: ${id} is no number`);
    }
  }
}
