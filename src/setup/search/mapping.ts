import { streamType } from '../../ecs/actions.ts';
import { CATALOGUE } from '../../ecs/catalogue.ts';
import type { Field } from '../../ecs/fields/field.ts';
import type { Abilities } from './abilities.ts';

export type Json = { readonly [key: string]: unknown };
interface Tree {
  [key: string]: { properties: Tree } | Json;
}

/**
 * Most characters of a searchable keyword. Lucene refuses terms above 32,766 bytes, and a character has at most 4; what
 * is longer stays in the document.
 */
const IGNORE_ABOVE = 8191;

/** Fields of a dataset, by full name. @param dataset with `mqtt.` */
export function fieldsOf(dataset: string): Readonly<Record<string, Field>> {
  const all = Object.entries<Field>(CATALOGUE);
  return Object.fromEntries(all.filter(([, { datasets }]) => datasets?.includes(dataset) ?? true));
}

/** Mappings of a data stream: every field of its dataset, and nothing else becomes one unless the server has ECS rules. */
export function mappingsOf(dataset: string, abilities: Abilities): Json {
  const properties: Tree = {};
  for (const [name, field] of Object.entries(fieldsOf(dataset)))
    insert(properties, name.split('.'), parameters(name, field, dataset, abilities));
  return {
    ...(!abilities.ecsMappings && { dynamic: false }),
    dynamic_templates: [
      { labels: { path_match: 'labels.*', mapping: { type: 'keyword', ignore_above: IGNORE_ABOVE } } },
    ],
    properties,
  };
}

/** The fields that tell time series apart. */
export function dimensionsOf(dataset: string): string[] {
  return Object.entries(fieldsOf(dataset)).flatMap(([name, { dimension }]) =>
    dimension === true ? [name] : [],
  );
}

function parameters(name: string, field: Field, dataset: string, abilities: Abilities): Json {
  const inSeries = abilities.timeSeries && streamType(dataset) === 'metrics';
  switch (field.type) {
    case 'keyword':
      if (field.unindexed === true) return { type: 'keyword', index: false, doc_values: false };
      if (inSeries && field.dimension === true) return { type: 'keyword', time_series_dimension: true };
      return { type: 'keyword', ignore_above: IGNORE_ABOVE };
    case 'constant_keyword':
      return constant(name, dataset, abilities);
    case 'flattened':
      return abilities.product === 'opensearch'
        ? { type: 'flat_object' }
        : { type: 'flattened', ignore_above: IGNORE_ABOVE };
    case 'labels':
      return { type: 'object', dynamic: true };
    default:
      return {
        type: field.type,
        ...(inSeries && field.metric !== undefined && { time_series_metric: field.metric }),
      };
  }
}

/** OpenSearch wants the value of a constant_keyword in the mapping, and a namespace is known to the events only. */
function constant(name: string, dataset: string, { product }: Abilities): Json {
  const values: Json = { 'data_stream.type': streamType(dataset), 'data_stream.dataset': dataset };
  if (values[name] !== undefined) return { type: 'constant_keyword', value: values[name] };
  return product === 'opensearch'
    ? { type: 'keyword', ignore_above: IGNORE_ABOVE }
    : { type: 'constant_keyword' };
}

function insert(tree: Tree, path: readonly string[], leaf: Json): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    tree[key] = leaf;
    return;
  }
  tree[key] ??= { properties: {} };
  insert((tree[key] as { properties: Tree }).properties, rest, leaf);
}
