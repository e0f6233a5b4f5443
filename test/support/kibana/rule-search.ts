import { windowMinutes } from '../../../src/kibana/rules/esql-rule.ts';
import type { Rule } from '../../../src/kibana/rules/rule.ts';
import { dsl } from '../../../src/questions/query/dsl.ts';
import type { Query } from '../../../src/questions/query/query.ts';

const MANY = 10_000;

interface Bucket {
  readonly key: string;
  readonly doc_count: number;
  readonly [name: string]: unknown;
}
type Ask = (body: object) => Promise<Record<string, unknown>>;

/** What a rule finds at a moment, by its Query DSL form: the keys, or `*` for a rule over all events. */
export async function finds(rule: Rule, where: Query | undefined, now: number, ask: Ask): Promise<string[]> {
  const { trigger } = rule;
  const since = (minutes: number): number => now - minutes * 60_000;
  const range = {
    range: { '@timestamp': { gte: since(windowMinutes(trigger)), lte: now, format: 'epoch_millis' } },
  };
  const query = { bool: { filter: [range, ...(where === undefined ? [] : [dsl(where)])] } };
  const search = async (aggs: object): Promise<Record<string, { buckets: Bucket[] }>> => {
    const { aggregations } = await ask({ size: 0, query, aggs });
    return aggregations as Record<string, { buckets: Bucket[] }>;
  };
  const keys = (buckets: readonly Bucket[]): string[] =>
    buckets.map(({ key, key_as_string }) => String(key_as_string ?? key)).sort();
  const number = (bucket: Bucket, name: string): number => Number((bucket[name] as { value: number }).value);
  const terms = (field: string, aggs: object = {}): object => ({ terms: { field, size: MANY }, aggs });
  const recent = (minutes: number): object => ({
    range: { '@timestamp': { gt: since(minutes), format: 'epoch_millis' } },
  });

  switch (trigger.kind) {
    case 'count': {
      if (trigger.by === undefined) {
        const { hits } = await ask({ size: 0, track_total_hits: true, query });
        return (hits as { total: { value: number } }).total.value > trigger.over ? ['*'] : [];
      }
      const { by } = await search({ by: terms(trigger.by) });
      return keys((by?.buckets ?? []).filter(({ doc_count }) => doc_count > trigger.over));
    }
    case 'quiet': {
      const { by } = await search({ by: terms(trigger.by, { last: { max: { field: '@timestamp' } } }) });
      return keys((by?.buckets ?? []).filter((bucket) => number(bucket, 'last') < since(trigger.minutes)));
    }
    case 'fresh': {
      const first = { first: { min: { field: '@timestamp' } } };
      const isNew = (bucket: Bucket): boolean => number(bucket, 'first') > since(trigger.minutes);
      if (trigger.within === undefined) {
        const { who } = await search({ who: terms(trigger.who, first) });
        return keys((who?.buckets ?? []).filter(isNew));
      }
      const { within } = await search({ within: terms(trigger.within, { who: terms(trigger.who, first) }) });
      return (within?.buckets ?? []).flatMap((group) => {
        const members = (group.who as { buckets: Bucket[] }).buckets;
        const strangers = members.filter(isNew);
        if (strangers.length === members.length) return [];
        return keys(strangers).map((key) => `${group.key}: ${key}`);
      });
    }
    case 'surge': {
      const value = trigger.average === undefined ? {} : { average: { avg: { field: trigger.average } } };
      const parts = {
        now: { filter: recent(trigger.minutes), aggs: value },
        before: { filter: { bool: { must_not: [recent(trigger.minutes)] } }, aggs: value },
      };
      const { by } = await search({ by: terms(trigger.by, parts) });
      const windows = (trigger.hours * 60) / trigger.minutes - 1;
      const size = (part: unknown, share: number): number => {
        const { doc_count, average } = part as { doc_count: number; average?: { value: number | null } };
        return average === undefined ? doc_count / share : (average.value ?? Number.NaN);
      };
      return keys(
        (by?.buckets ?? []).filter((bucket) => {
          const now = size(bucket.now, 1);
          return now >= trigger.atLeast && now > trigger.factor * size(bucket.before, windows);
        }),
      );
    }
    case 'breadth': {
      const { by } = await search({
        by: terms(trigger.by, { different: { cardinality: { field: trigger.different } } }),
      });
      return keys((by?.buckets ?? []).filter((bucket) => number(bucket, 'different') > trigger.over));
    }
    case 'late': {
      const source =
        "doc['event.ingested'].size() > 0 && doc['event.created'].size() > 0 && doc['event.ingested'].value.toInstant().toEpochMilli() - doc['event.created'].value.toInstant().toEpochMilli() > params.ms";
      const late = { script: { script: { source, params: { ms: trigger.seconds * 1000 } } } };
      const { by } = await search({ by: terms(trigger.by, { late: { filter: late } }) });
      return keys(
        (by?.buckets ?? []).filter((bucket) => (bucket.late as { doc_count: number }).doc_count > 0),
      );
    }
  }
}
