import type { Condition, Query } from './query.ts';

/** A query in the syntax of Lucene's query parser: what Grafana's Elasticsearch source takes. */
export function lucene(query: Query): string {
  if ('and' in query) return query.and.map(part).join(' AND ');
  if ('or' in query) return query.or.map(part).join(' OR ');
  return 'not' in query ? `(*:* AND NOT ${condition(query.not)})` : condition(query);
}

function part(query: Query): string {
  return 'and' in query || 'or' in query ? `(${lucene(query)})` : lucene(query);
}

function condition(query: Condition): string {
  if ('exists' in query) return `_exists_:${query.field}`;
  if ('withinDays' in query) return `${query.field}:[* TO now+${query.withinDays}d}`;
  if ('like' in query) return `${query.field}:${query.like.replace(/[^\w*]/g, '\\$&')}`;
  const values = query.is.map((value) => JSON.stringify(value));
  return `${query.field}:${values.length === 1 ? values[0] : `(${values.join(' OR ')})`}`;
}
