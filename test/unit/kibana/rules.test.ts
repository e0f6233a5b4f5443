import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DASHBOARDS } from '../../../src/kibana/dashboards/index.ts';
import { datasetOf } from '../../../src/kibana/data-views.ts';
import { esqlQuery } from '../../../src/kibana/questions/esql-query.ts';
import { RULES } from '../../../src/kibana/rules/index.ts';
import { ruleBody, ruleId } from '../../../src/kibana/rules/rule-body.ts';
import { QUESTIONS } from '../../../src/questions/index.ts';
import { fieldsOf } from '../../../src/questions/query/query.ts';
import { checkEsql } from '../../support/kibana/esql.ts';
import { assertField } from '../../support/kibana/fields.ts';

const OLD = { artifacts: false, rows: false };
const NEW = { artifacts: true, rows: true };

describe('alert rules', () => {
  it('have ids that Kibana takes, the same each time and each of its own', () => {
    const ids = RULES.map(ruleId);
    assert.equal(new Set(ids).size, RULES.length);
    for (const id of ids)
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual(ids, RULES.map(ruleId));
  });

  it('keep the rules of the rule type', () => {
    for (const rule of RULES) {
      const { params, schedule } = ruleBody(rule, '*', OLD);
      const { timeField, timeWindowSize, timeWindowUnit, threshold, thresholdComparator, searchType } =
        params;
      assert.equal(timeField, '@timestamp');
      assert.ok(Number(timeWindowSize) >= 1 && /^[smhd]$/.test(String(timeWindowUnit)));
      assert.match(schedule.interval, /^\d+m$/);
      assert.equal(thresholdComparator, '>');
      if (searchType === 'esQuery') {
        assert.deepEqual(Object.keys(JSON.parse(String(params.esQuery))), ['query']);
        assert.ok(Array.isArray(params.index) && params.index.length === 1);
        if (params.groupBy === 'top')
          assert.ok(Number(params.termSize) > 0 && typeof params.termField === 'string');
        else assert.equal(params.groupBy, 'all');
      } else {
        assert.equal(searchType, 'esqlQuery');
        assert.deepEqual(threshold, [0]);
        assert.equal(params.groupBy, 'all');
        assert.equal(ruleBody(rule, '*', NEW).params.groupBy, 'row');
      }
    }
  });

  it('use fields that their events have, and fit', () => {
    for (const { where, view, trigger } of RULES) {
      const dataset = datasetOf(view);
      for (const field of where ? fieldsOf(where) : []) assertField(field, dataset, 'value');
      const {
        by,
        who,
        within,
        different,
      }: { by?: string; who?: string; within?: string; different?: string } = trigger;
      for (const field of [by, who, within, different])
        if (field !== undefined) assertField(field, dataset, 'term');
      if ('average' in trigger && trigger.average) assertField(trigger.average, dataset, 'number');
    }
  });

  it('say what to do, and lead to a dashboard', () => {
    for (const rule of RULES) {
      assert.ok(rule.advice.length > 60, rule.id);
      assert.ok(
        DASHBOARDS.some(({ id }) => id === rule.dashboard),
        rule.id,
      );
      const { artifacts } = ruleBody(rule, '*', NEW);
      assert.deepEqual(artifacts, {
        dashboards: [{ id: rule.dashboard }],
        investigation_guide: { blob: rule.advice },
      });
      assert.equal(ruleBody(rule, '*', OLD).artifacts, undefined);
    }
  });

  it('their ES|QL is well formed and names what is there', () => {
    let queries = 0;
    for (const rule of RULES) {
      const { esqlQuery: query } = ruleBody(rule, '*', OLD).params as { esqlQuery?: { esql: string } };
      if (query === undefined) continue;
      queries++;
      assert.deepEqual([...checkEsql(query.esql, datasetOf(rule.view))], [], rule.id);
    }
    assert.ok(queries >= 10);
  });
});

describe('questions in ES|QL', () => {
  it('are well formed, name what is there, and have their parameters', () => {
    for (const question of QUESTIONS) {
      const parameters = checkEsql(esqlQuery(question, '*'), question.dataset);
      const hasTopics = !['mqtt.audit', 'mqtt.probe'].includes(question.dataset ?? '');
      const expected = ['client', 'event', 'source', ...(hasTopics ? ['topic'] : []), 'user'];
      assert.deepEqual([...parameters].sort(), expected, question.name);
    }
  });

  it('the checker finds what is wrong', () => {
    const from = 'FROM logs-mqtt.message-*\n';
    checkEsql(`${from}| WHERE mqtt.topic == "a"`, 'mqtt.message');
    for (const wrong of [
      '| WHERE mqtt.topics == "a"',
      '| WHERE (mqtt.topic == "a"',
      '| WHERE FOO(mqtt.topic) == "a"',
      '| STATS n = COUNT(*) BY mqtt.qos\n| WHERE mqtt.topic == "a"',
      '| WHERE mqtt.subscription.granted_qos == 1',
      '| LOOK mqtt.topic',
    ])
      assert.throws(() => checkEsql(from + wrong, 'mqtt.message'), assert.AssertionError);
  });
});
