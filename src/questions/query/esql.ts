import type { Condition, Query } from './query.ts';

/** A query as the condition of a `WHERE` of ES|QL. */
export function esql(query: Query): string {
  if ('and' in query) return query.and.map(part).join(' AND ');
  if ('or' in query) return query.or.map(part).join(' OR ');
  if (!('not' in query)) return condition(query);
  // A comparison with nothing is neither true nor false.
  if ('exists' in query.not) return `${query.not.field} IS NULL`;
  return `(${query.not.field} IS NULL OR NOT (${condition(query.not)}))`;
}

function part(query: Query): string {
  return 'and' in query || 'or' in query ? `(${esql(query)})` : esql(query);
}

function condition(query: Condition): string {
  if ('exists' in query) return `${query.field} IS NOT NULL`;
  if ('withinDays' in query) return `${query.field} < NOW() + ${query.withinDays} days`;
  if ('like' in query) return `${query.field} LIKE ${JSON.stringify(query.like)}`;
  const values = query.is.map((value) => JSON.stringify(value));
  return values.length === 1 ? `${query.field} == ${values[0]}` : `${query.field} IN (${values.join(', ')})`;
}
