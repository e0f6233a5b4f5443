import { CATALOGUE } from '../ecs/catalogue.ts';
import type { Field } from '../ecs/fields/field.ts';
import { kql } from '../questions/query/kql.ts';
import type { Query, TermField } from '../questions/query/query.ts';
import type { ChartPanel, Measure, Rate } from './panel.ts';
import type { Reference } from './saved-object.ts';

/** A column of a Lens layer, as far as ours go. */
interface Column {
  readonly operationType: string;
  readonly dataType: 'number' | 'string' | 'date' | 'ip' | 'boolean';
  readonly isBucketed: boolean;
  readonly scale: 'ratio' | 'ordinal' | 'interval';
  readonly label: string;
  readonly customLabel?: true;
  readonly sourceField?: string;
  readonly filter?: { readonly language: 'kuery'; readonly query: string };
  readonly params?: Readonly<Record<string, unknown>>;
  /** Columns that this one is made of. */
  readonly references?: readonly string[];
  readonly timeScale?: 's';
}

/** A Lens chart, by value. */
export interface LensAttributes {
  readonly title: string;
  readonly type: 'lens';
  readonly visualizationType: 'lnsMetric' | 'lnsXY' | 'lnsPie' | 'lnsDatatable';
  readonly state: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
}

const LAYER = 'layer';
const TABLE_ROWS = 20;
const SPLIT_VALUES = 10;

/** The chart of a panel. */
export function lens(panel: ChartPanel): LensAttributes {
  const { chart } = panel;
  const columns = new Map<string, Column>();
  const measures = chart.type === 'number' || chart.type === 'donut' ? [chart.of] : chart.of;
  const splits = chart.type === 'table' ? chart.rows : 'by' in chart && chart.by ? [chart.by] : [];
  const size = chart.type === 'table' ? (chart.size ?? TABLE_ROWS) : SPLIT_VALUES;
  if (chart.type === 'timeline') columns.set('time', timeColumn());
  for (const [i, field] of splits.entries()) columns.set(`by${i}`, termsColumn(field, size));
  const accessors = measures.map((measure, i) => addMeasure(columns, `of${i}`, measure));
  const buckets = [...columns.keys()].filter((id) => id.startsWith('by'));
  return {
    title: panel.title,
    type: 'lens',
    visualizationType: TYPES[chart.type],
    state: {
      datasourceStates: {
        formBased: {
          layers: {
            [LAYER]: {
              columnOrder: [...columns.keys()],
              columns: Object.fromEntries(columns),
              incompleteColumns: {},
            },
          },
        },
      },
      visualization: visualization(panel, buckets, accessors),
      query: query(panel.where),
      filters: [],
      internalReferences: [],
      adHocDataViews: {},
    },
    references: [{ type: 'index-pattern', id: panel.view, name: `indexpattern-datasource-layer-${LAYER}` }],
  };
}

const TYPES = {
  number: 'lnsMetric',
  timeline: 'lnsXY',
  donut: 'lnsPie',
  table: 'lnsDatatable',
} as const satisfies Record<ChartPanel['chart']['type'], LensAttributes['visualizationType']>;

/** A query as Kibana stores it. */
export function query(where: Query | undefined): { language: 'kuery'; query: string } {
  return { language: 'kuery', query: where === undefined ? '' : kql(where) };
}

function visualization(
  { chart }: ChartPanel,
  buckets: readonly string[],
  accessors: readonly string[],
): object {
  const layer = { layerId: LAYER, layerType: 'data' };
  switch (chart.type) {
    case 'number':
      return { ...layer, metricAccessor: accessors[0] };
    case 'table':
      return { ...layer, columns: [...buckets, ...accessors].map((columnId) => ({ columnId })) };
    case 'donut':
      return {
        shape: 'donut',
        layers: [
          {
            ...layer,
            primaryGroups: buckets,
            metrics: accessors,
            numberDisplay: 'value',
            categoryDisplay: 'default',
            legendDisplay: 'default',
          },
        ],
      };
    case 'timeline':
      return {
        preferredSeriesType: chart.style,
        legend: { isVisible: true, position: 'right' },
        valueLabels: 'hide',
        fittingFunction: 'None',
        layers: [
          {
            ...layer,
            seriesType: chart.style,
            xAccessor: 'time',
            accessors,
            ...(buckets[0] && { splitAccessor: buckets[0] }),
          },
        ],
      };
  }
}

function timeColumn(): Column {
  return {
    operationType: 'date_histogram',
    dataType: 'date',
    isBucketed: true,
    scale: 'interval',
    label: '@timestamp',
    sourceField: '@timestamp',
    params: { interval: 'auto', includeEmptyRows: true, dropPartials: false },
  };
}

function termsColumn(field: TermField, size: number): Column {
  const { type }: Field = CATALOGUE[field];
  return {
    operationType: 'terms',
    dataType: type === 'keyword' ? 'string' : type === 'ip' || type === 'boolean' ? type : 'number',
    isBucketed: true,
    scale: 'ordinal',
    label: field,
    customLabel: true,
    sourceField: field,
    params: {
      size,
      orderBy: { type: 'column', columnId: 'of0' },
      orderDirection: 'desc',
      otherBucket: false,
      missingBucket: false,
      parentFormat: { id: 'terms' },
    },
  };
}

/** @returns the column that shows the measure */
function addMeasure(columns: Map<string, Column>, id: string, measure: Measure | Rate): string {
  if (measure.kind === 'rate') return addRate(columns, id, measure);
  const base = {
    dataType: 'number',
    isBucketed: false,
    scale: 'ratio',
    label: measure.label,
    customLabel: true,
    ...(measure.where && { filter: query(measure.where) }),
  } as const;
  switch (measure.kind) {
    case 'count':
      columns.set(id, { ...base, operationType: 'count', sourceField: '___records___' });
      break;
    case 'unique':
      columns.set(id, { ...base, operationType: 'unique_count', sourceField: measure.field });
      break;
    default:
      columns.set(id, { ...base, operationType: measure.kind, sourceField: measure.field });
  }
  return id;
}

/** A rate is made of the highest value of each moment, which is a column of its own and not shown. */
function addRate(columns: Map<string, Column>, id: string, { field, label }: Rate): string {
  const number = { dataType: 'number', isBucketed: false, scale: 'ratio', customLabel: true, label } as const;
  const highest = `${id}-max`;
  columns.set(highest, { ...number, operationType: 'max', sourceField: field });
  columns.set(id, { ...number, operationType: 'counter_rate', references: [highest], timeScale: 's' });
  return id;
}
