import { dsl } from '../../../src/questions/query/dsl.ts';
import { parseKql } from './kql.ts';

interface Column {
  readonly operationType: string;
  readonly sourceField: string;
  readonly filter?: { readonly query: string };
  readonly params?: { readonly size?: number };
  /** Kibana makes it of other columns. */
  readonly references?: readonly string[];
}
export interface LensState {
  readonly query: { readonly query: string };
  readonly datasourceStates: {
    readonly formBased: {
      readonly layers: Readonly<
        Record<
          string,
          { readonly columnOrder: readonly string[]; readonly columns: Readonly<Record<string, Column>> }
        >
      >;
    };
  };
}

const METRICS: Readonly<Record<string, string>> = {
  unique_count: 'cardinality',
  sum: 'sum',
  average: 'avg',
  max: 'max',
};

/** The search that Lens makes of its state, as far as our charts go: buckets in the order of the columns, numbers within. */
export function lensSearch({ query, datasourceStates }: LensState): Record<string, unknown> {
  const [layer] = Object.values(datasourceStates.formBased.layers);
  if (layer === undefined) throw new TypeError('a chart without layer');
  let aggs: Record<string, unknown> = {};
  for (const id of [...layer.columnOrder].reverse()) {
    const column = layer.columns[id];
    if (column === undefined) throw new TypeError(`no column ${id}`);
    const { operationType, sourceField: field, params } = column;
    if (column.references !== undefined) continue;
    if (operationType === 'date_histogram') {
      aggs = { [id]: { auto_date_histogram: { field, buckets: 50 }, aggs } };
    } else if (operationType === 'terms') {
      aggs = { [id]: { terms: { field, size: params?.size }, aggs } };
    } else {
      aggs[id] = measure(column);
    }
  }
  return {
    size: 0,
    track_total_hits: true,
    query: query.query === '' ? { match_all: {} } : dsl(parseKql(query.query)),
    aggs,
  };
}

function measure({ operationType, sourceField: field, filter }: Column): object {
  const name = METRICS[operationType];
  const number = operationType === 'count' ? {} : { value: { [name ?? '']: { field } } };
  const within = filter === undefined ? { match_all: {} } : dsl(parseKql(filter.query));
  return { filter: within, ...(operationType !== 'count' && { aggs: number }) };
}
