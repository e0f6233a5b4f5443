import type { Condition, Query } from './query.ts';

/** A query in the Kibana Query Language: what panels and saved searches hold. */
export function kql(query: Query): string {
  if ('and' in query) return query.and.map(part).join(' and ');
  if ('or' in query) return query.or.map(part).join(' or ');
  return 'not' in query ? `not ${condition(query.not)}` : condition(query);
}

function part(query: Query): string {
  return 'and' in query || 'or' in query ? `(${kql(query)})` : kql(query);
}

function condition(query: Condition): string {
  if ('exists' in query) return `${query.field}: *`;
  if ('withinDays' in query) return `${query.field} < "now+${query.withinDays}d"`;
  if ('like' in query) return `${query.field}: ${query.like.replace(/[\\():<>"{}\s]/g, '\\$&')}`;
  const values = query.is.map((value) => JSON.stringify(value));
  return `${query.field}: ${values.length === 1 ? values[0] : `(${values.join(' or ')})`}`;
}
