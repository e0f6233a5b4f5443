import { esql } from '../../questions/query/esql.ts';
import { indexPattern } from '../data-views.ts';
import type { Rule, Trigger } from './rule.ts';

type EsqlTrigger = Exclude<Trigger, { kind: 'count' }>;
const ROWS = 100;

/** How far back a rule looks, in minutes. */
export function windowMinutes(trigger: Trigger): number {
  if ('days' in trigger) return trigger.days * 24 * 60;
  return 'hours' in trigger ? trigger.hours * 60 : trigger.minutes;
}

/** The query of a rule that is more than a count, with its advice: each row that comes out is a find. Kibana adds the window. */
export function esqlRule(rule: Rule, trigger: EsqlTrigger, namespace: string): string {
  return [
    `// ${rule.advice}`,
    `FROM ${indexPattern(rule.view, namespace)}`,
    ...(rule.where === undefined ? [] : [`| WHERE ${esql(rule.where)}`]),
    ...STEPS[trigger.kind](trigger as never).map((step) => `| ${step}`),
    `| LIMIT ${ROWS}`,
  ].join('\n');
}

type Of<Kind> = Extract<EsqlTrigger, { kind: Kind }>;

const STEPS: { readonly [Kind in EsqlTrigger['kind']]: (trigger: Of<Kind>) => readonly string[] } = {
  quiet: ({ by, minutes }) => [
    `STATS last_seen = MAX(@timestamp) BY ${by}`,
    `WHERE last_seen < NOW() - ${minutes} minutes`,
    'SORT last_seen',
  ],
  fresh: ({ who, within, minutes }) =>
    within === undefined
      ? [
          `STATS first_seen = MIN(@timestamp), events = COUNT(*) BY ${who}`,
          `WHERE first_seen > NOW() - ${minutes} minutes`,
          'SORT first_seen',
        ]
      : [
          `STATS first_seen = MIN(@timestamp) BY ${within}, ${who}`,
          `EVAL newcomer = CASE(first_seen > NOW() - ${minutes} minutes, ${who})`,
          `STATS oldest = MIN(first_seen), newcomers = VALUES(newcomer) BY ${within}`,
          `WHERE oldest <= NOW() - ${minutes} minutes AND newcomers IS NOT NULL`,
        ],
  surge: ({ by, average, factor, atLeast, minutes, hours }) => {
    const recent = `@timestamp > NOW() - ${minutes} minutes`;
    const windows = (hours * 60) / minutes - 1;
    return average === undefined
      ? [
          `STATS recent = SUM(CASE(${recent}, 1, 0)), before = SUM(CASE(${recent}, 0, 1)) BY ${by}`,
          `EVAL usual = before / ${windows.toFixed(1)}`,
          `WHERE recent >= ${atLeast} AND recent > ${factor} * usual`,
        ]
      : [
          `EVAL fresh = CASE(${recent}, ${average}), old = CASE(${recent}, NULL, ${average})`,
          `STATS recent = AVG(fresh), usual = AVG(old) BY ${by}`,
          `WHERE recent >= ${atLeast} AND recent > ${factor} * usual`,
        ];
  },
  breadth: ({ by, different, over }) => [
    `STATS breadth = COUNT_DISTINCT(${different}) BY ${by}`,
    `WHERE breadth > ${over}`,
    'SORT breadth DESC',
  ],
  late: ({ by, seconds }) => [
    'EVAL seconds = DATE_DIFF("seconds", event.created, event.ingested)',
    `STATS late = MAX(seconds) BY ${by}`,
    `WHERE late > ${seconds}`,
  ],
};
