import { createHash } from 'node:crypto';
import { indexPattern } from '../data-views.js';
import { dsl } from '../query/dsl.js';
import { esqlRule, windowMinutes } from './esql-rule.js';
const TERMS = 100;
const HITS = 10;
/** Kibana takes only UUIDs as ids of rules: one that is the same each time, in the form of version 4. */
export function ruleId(rule) {
    const hex = createHash('sha256').update(`brokertap rule ${rule.id}`).digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
/** @param namespace `*` for all */
export function ruleBody(rule, namespace, { artifacts, rows }) {
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
        params: trigger.kind === 'count' ? countParams(rule, trigger, namespace) : esqlParams(rule, namespace, rows),
        actions: [],
        ...(artifacts && {
            artifacts: { dashboards: [{ id: rule.dashboard }], investigation_guide: { blob: rule.advice } },
        }),
    };
}
const window = (minutes) => minutes % 1440 === 0
    ? { timeWindowSize: minutes / 1440, timeWindowUnit: 'd' }
    : { timeWindowSize: minutes, timeWindowUnit: 'm' };
function countParams({ view, where }, { by, over, minutes }, namespace) {
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
function esqlParams(rule, namespace, rows) {
    const { trigger } = rule;
    if (trigger.kind === 'count')
        throw new TypeError('a count needs no ES|QL');
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
