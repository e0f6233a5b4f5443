import type { Query } from '../../../src/questions/query/query.ts';

/** An event as it is sent. */
export type Event = Readonly<Record<string, unknown>>;

/** The values of a field of an event. */
export function valuesOf(event: unknown, field: string): readonly unknown[] {
  let found: unknown = event;
  for (const key of field.split('.')) {
    if (typeof found !== 'object' || found === null) return [];
    found = (found as Record<string, unknown>)[key];
  }
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found];
}

/** What a query means, said once more and without a search server. */
export function matches(query: Query, event: Event): boolean {
  if ('and' in query) return query.and.every((part) => matches(part, event));
  if ('or' in query) return query.or.some((part) => matches(part, event));
  if ('not' in query) return !matches(query.not, event);
  const values = valuesOf(event, query.field);
  if ('exists' in query) return values.length > 0;
  if ('withinDays' in query)
    return values.some((value) => Date.parse(String(value)) < Date.now() + query.withinDays * 86_400_000);
  if ('is' in query) return values.some((value) => query.is.includes(value as string));
  const parts = query.like.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`, 's');
  return values.some((value) => pattern.test(String(value)));
}
