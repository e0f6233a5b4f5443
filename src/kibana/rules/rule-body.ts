import { createHash } from 'node:crypto';
import { dsl } from '../../questions/query/dsl.ts';
import { indexPattern } from '../data-views.ts';
import { esqlRule, windowMinutes } from './esql-rule.ts';
import type { Rule } from './rule.ts';

/** What Kibana's alerting API takes for a rule of the type "Elasticsearch query". */
interface RuleBody {
  readonly name: string;
  readonly tags: readonly string[];
  readonly rule_type_id: '.es-query';
  readonly consumer: 'stackAlerts';
  readonly enabled: boolean;
  readonly schedule: { readonly interval: string };
  readonly params: Readonly<Record<string, unknown>>;
  readonly actions: readonly object[];
  /** Since 8.19 and 9.1. */
  readonly artifacts?: {
    readonly dashboards: readonly { readonly id: string }[];
    readonly investigation_guide: { readonly blob: string };
  };
}

/** What a version of Kibana takes. */
export interface RuleFeatures {
  /** Advice and dashboards beside the rule: 8.19, 9.1. */
  readonly artifacts: boolean;
  /** One alert for each row of an ES|QL query: 9.2. */
  readonly rows: boolean;
}

const TERMS = 100;
const HITS = 10;

/** Kibana takes only UUIDs as ids of rules: one that is the same each time, in the form of version 4. */
export function ruleId(rule: Rule): string {
  const hex = createHash('sha256').update(`brokertap rule ${rule.id}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** @param namespace `*` for all */
export function ruleBody(rule: Rule, namespace: string, { artifacts, rows }: RuleFeatures): RuleBody {
  const { trigger } = rule;
  // The longer the memory, the dearer the search.
  const interval = 'days' in trigger ? '30m' : 'hours' in trigger ? '5m' : '1m';
  return {
    name: `MQTT: ${rule.name}`,
    tags: ['MQTT', ...(rule.security ? ['Security'] : [])],
    rule_type_id: '.es-query',
    consumer: 'stackAlerts',
    enabled: rule.off !== true,
    schedule: { interval },
    params:
      trigger.kind === 'count' ? countParams(rule, trigger, namespace) : esqlParams(rule, namespace, rows),
    actions: [],
    ...(artifacts && {
      artifacts: { dashboards: [{ id: rule.dashboard }], investigation_guide: { blob: rule.advice } },
    }),
  };
}

const window = (minutes: number) =>
  minutes % 1440 === 0
    ? { timeWindowSize: minutes / 1440, timeWindowUnit: 'd' }
    : { timeWindowSize: minutes, timeWindowUnit: 'm' };

function countParams(
  { view, where }: Rule,
  { by, over, minutes }: Extract<Rule['trigger'], { kind: 'count' }>,
  namespace: string,
): Record<string, unknown> {
  return {
    searchType: 'esQuery',
    index: [indexPattern(view, namespace)],
    timeField: '@timestamp',
    esQuery: JSON.stringify({ query: where === undefined ? { match_all: {} } : dsl(where) }),
    size: HITS,
    ...window(minutes),
    thresholdComparator: '>',
    threshold: [over],
    aggType: 'count',
    excludeHitsFromPreviousRun: by === undefined,
    ...(by === undefined ? { groupBy: 'all' } : { groupBy: 'top', termField: by, termSize: TERMS }),
  };
}

function esqlParams(rule: Rule, namespace: string, rows: boolean): Record<string, unknown> {
  const { trigger } = rule;
  if (trigger.kind === 'count') throw new TypeError('a count needs no ES|QL');
  return {
    searchType: 'esqlQuery',
    esqlQuery: { esql: esqlRule(rule, trigger, namespace) },
    timeField: '@timestamp',
    size: HITS,
    ...window(windowMinutes(trigger)),
    thresholdComparator: '>',
    threshold: [0],
    aggType: 'count',
    groupBy: rows ? 'row' : 'all',
    excludeHitsFromPreviousRun: !rows,
  };
}
