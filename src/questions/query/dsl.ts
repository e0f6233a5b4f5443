import type { estypes } from '@elastic/elasticsearch';
import type { Condition, Query } from './query.ts';

type Clause = NonNullable<estypes.QueryDslQueryContainer>;

/** A query in the Query DSL of Elasticsearch and OpenSearch: what rules and datafeeds hold. */
export function dsl(query: Query): Clause {
  if ('and' in query) return { bool: { filter: query.and.map(dsl) } };
  if ('or' in query) return { bool: { should: query.or.map(dsl), minimum_should_match: 1 } };
  return 'not' in query ? { bool: { must_not: [condition(query.not)] } } : condition(query);
}

function condition(query: Condition): Clause {
  const { field } = query;
  if ('exists' in query) return { exists: { field } };
  if ('withinDays' in query) return { range: { [field]: { lt: `now+${query.withinDays}d` } } };
  if ('like' in query) return { wildcard: { [field]: { value: query.like } } };
  const [first] = query.is;
  return query.is.length === 1 ? { term: { [field]: first! } } : { terms: { [field]: [...query.is] } };
}
