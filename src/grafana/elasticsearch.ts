import { place } from '../kibana/dashboard.ts';
import { datasetOf } from '../kibana/data-views.ts';
import type { ChartPanel, Dashboard, Measure, Rate, SearchPanel } from '../kibana/panel.ts';
import { QUESTIONS } from '../questions/index.ts';
import { lucene } from '../questions/query/lucene.ts';
import { and, is, type Query, type TermField } from '../questions/query/query.ts';
import { type Datasource, type GrafanaPanel, grafanaDashboard } from './dashboard.ts';

const SOURCE: Datasource = { type: 'elasticsearch', uid: '${datasource}' };
const SPLIT_VALUES = 10;
const TABLE_ROWS = 50;
const LOG_LINES = 200;

/** A dashboard of Kibana for Grafana, over an Elasticsearch source whose index is `logs-mqtt.*` or, for samples, `metrics-mqtt.*`. */
export function elasticsearchDashboard({ id, title, description, panels }: Dashboard): object {
  const placed = place(panels).map(({ panel, x, y }, i): GrafanaPanel => {
    const common = {
      id: i + 1,
      title: panel.title,
      description: panel.question,
      datasource: SOURCE,
      gridPos: { x: x / 2, y, w: panel.width / 2, h: panel.height },
    };
    return { ...common, ...('search' in panel ? logs(panel) : chart(panel)) };
  });
  const filters = { name: 'filters', label: 'Filter', type: 'adhoc', datasource: SOURCE, filters: [] };
  return grafanaDashboard(`brokertap-${id}`, title, description, 'elasticsearch', placed, [filters]);
}

type Content = Pick<GrafanaPanel, 'type' | 'targets' | 'options' | 'fieldConfig' | 'interval'>;
const PLAIN = { defaults: {}, overrides: [] };

function logs({ search }: SearchPanel): Content {
  const question = QUESTIONS.find((one) => `mqtt-${one.name}` === search);
  if (question === undefined) throw new TypeError(`no saved search ${search}`);
  const query = lucene(inDataset(question.where, question.dataset));
  const metrics = [{ id: '1', type: 'logs', settings: { limit: String(LOG_LINES) } }];
  return {
    type: 'logs',
    targets: [{ refId: 'A', datasource: SOURCE, query, metrics, bucketAggs: [], timeField: '@timestamp' }],
    options: { showTime: true, enableLogDetails: true, sortOrder: 'Descending', wrapLogMessage: true },
    fieldConfig: PLAIN,
  };
}

function chart(panel: ChartPanel): Content {
  const { chart } = panel;
  switch (chart.type) {
    case 'number':
      return {
        type: 'stat',
        targets: [target(panel, 'A', chart.of, [ONE_BUCKET])],
        options: { reduceOptions: { calcs: ['lastNotNull'], values: false }, colorMode: 'none' },
        fieldConfig: PLAIN,
      };
    case 'donut':
      return {
        type: 'piechart',
        targets: [target(panel, 'A', chart.of, [terms('2', chart.by, SPLIT_VALUES)])],
        options: { pieType: 'donut', reduceOptions: { calcs: ['lastNotNull'], values: true } },
        fieldConfig: PLAIN,
      };
    case 'timeline':
      return {
        type: 'timeseries',
        targets: chart.of.map((measure, i) => ({
          ...target(panel, refId(i), measure, [
            ...(chart.by === undefined ? [] : [terms('2', chart.by, SPLIT_VALUES)]),
            {
              id: '3',
              type: 'date_histogram',
              field: '@timestamp',
              settings: { interval: 'auto', min_doc_count: '0' },
            },
          ]),
          // A name of its own for each line of a split.
          ...(chart.by !== undefined && { alias: `{{term ${chart.by}}}` }),
        })),
        ...(chart.of.some(isRate) && { interval: RATE_INTERVAL }),
        options: { legend: { displayMode: 'list', placement: 'right' }, tooltip: { mode: 'multi' } },
        fieldConfig: {
          // A counter that starts anew falls: what is below 0 is not drawn.
          defaults: { custom: DRAWN[chart.style], ...(chart.of.some(isRate) && { min: 0 }) },
          overrides: [],
        },
      };
    case 'table': {
      // Grafana cannot filter one column of a table: what is filtered is left to Kibana, but for a first column.
      const [first, ...others] = chart.of;
      const measures = [first, ...(first.where ? [] : others.filter(({ where }) => where === undefined))];
      const rows = chart.rows.map((field, i) => terms(String(i + 20), field, TABLE_ROWS));
      return {
        type: 'table',
        targets: [target(panel, 'A', first, rows, measures)],
        options: { showHeader: true },
        fieldConfig: PLAIN,
      };
    }
  }
}

const DRAWN = {
  line: { drawStyle: 'line' },
  bar_stacked: { drawStyle: 'bars', fillOpacity: 80, stacking: { mode: 'normal' } },
  area_stacked: { drawStyle: 'line', fillOpacity: 50, stacking: { mode: 'normal' } },
};
/** EMQX tells its numbers once a minute: in shorter moments there is nothing to make a rate of. */
const RATE_INTERVAL = '2m';
/** Grafana wants a bucket: this one holds everything. */
const ONE_BUCKET = { id: '2', type: 'filters', settings: { filters: [{ query: '*', label: 'all' }] } };

function refId(i: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + i);
}

function target(
  { where, view }: ChartPanel,
  ref: string,
  measure: Measure | Rate,
  bucketAggs: readonly object[],
  measures: readonly (Measure | Rate)[] = [measure],
): object {
  const own = isRate(measure) ? undefined : measure.where;
  const conditions = [where, own].filter((query) => query !== undefined);
  return {
    refId: ref,
    datasource: SOURCE,
    alias: measure.label,
    query: lucene(inDataset(and(...conditions), datasetOf(view))),
    metrics: measures.flatMap((one, i) => metrics(String(i === 0 ? 1 : i + 40), one)),
    bucketAggs,
    timeField: '@timestamp',
  };
}

function inDataset(where: Query, dataset: string | undefined): Query {
  const parts = [
    ...(dataset === undefined ? [is('event.module', 'mqtt')] : [is('event.dataset', dataset)]),
    where,
  ];
  return and(...parts.filter((part) => !('and' in part) || part.and.length > 0));
}

function terms(id: string, field: TermField, size: number): object {
  return {
    id,
    type: 'terms',
    field,
    settings: { size: String(size), order: 'desc', orderBy: '1', min_doc_count: '1' },
  };
}

const METRICS = { unique: 'cardinality', sum: 'sum', average: 'avg', max: 'max' } as const;

function isRate(measure: Measure | Rate): measure is Rate {
  return measure.kind === 'rate';
}

function metrics(id: string, measure: Measure | Rate): object[] {
  if (measure.kind === 'count') return [{ id, type: 'count' }];
  if (!isRate(measure)) return [{ id, type: METRICS[measure.kind], field: measure.field }];
  return [
    { id, type: 'max', field: measure.field, hide: true },
    { id: `${id}0`, type: 'derivative', field: id, settings: { unit: '1s' } },
  ];
}
