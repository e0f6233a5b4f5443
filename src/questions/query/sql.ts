import type { Condition, Query } from './query.ts';

/** A query as a condition of SQLite, over a table with a column for each field (true is 1). Fields with one value only. */
export function sql(query: Query): string {
  if ('and' in query) return query.and.map(part).join(' AND ');
  if ('or' in query) return query.or.map(part).join(' OR ');
  // A comparison with nothing is neither true nor false.
  return 'not' in query ? `NOT coalesce(${condition(query.not)}, 0)` : condition(query);
}

function part(query: Query): string {
  return 'and' in query || 'or' in query ? `(${sql(query)})` : sql(query);
}

function condition(query: Condition): string {
  const column = `"${query.field}"`;
  if ('exists' in query) return `${column} IS NOT NULL`;
  if ('withinDays' in query)
    return `${column} < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+${query.withinDays} days')`;
  if ('like' in query) return `${column} GLOB ${literal(query.like.replace(/[?[]/g, '[$&]'))}`;
  const values = query.is.map(literal);
  return values.length === 1 ? `${column} = ${values[0]}` : `${column} IN (${values.join(', ')})`;
}

function literal(value: string | number | boolean): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(Number(value));
}
