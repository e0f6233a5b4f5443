import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DASHBOARDS } from '../../../src/kibana/dashboards/index.ts';
import { JOBS } from '../../../src/kibana/jobs/index.ts';
import { RULES } from '../../../src/kibana/rules/index.ts';
import { QUESTIONS } from '../../../src/questions/index.ts';
import { dsl } from '../../../src/questions/query/dsl.ts';
import { esql } from '../../../src/questions/query/esql.ts';
import { kql } from '../../../src/questions/query/kql.ts';
import { lucene } from '../../../src/questions/query/lucene.ts';
import {
  action,
  and,
  exists,
  is,
  like,
  not,
  or,
  type Query,
  withinDays,
} from '../../../src/questions/query/query.ts';
import { sql } from '../../../src/questions/query/sql.ts';
import { parseKql } from '../../support/kibana/kql.ts';

const everything: Query[] = [
  ...QUESTIONS.map(({ where }) => where),
  ...JOBS.map(({ where }) => where),
  ...RULES.flatMap(({ where }) => where ?? []),
  ...DASHBOARDS.flatMap(({ panels }) => panels.flatMap((panel) => ('chart' in panel && panel.where) || [])),
];

describe('queries', () => {
  const query = and(
    action('client-connected', 'client-disconnected'),
    not(is('event.reason', 'normal')),
    or(
      like('mqtt.topic', '*/set'),
      exists('user.name'),
      withinDays('tls.server.not_after', 10),
      is('mqtt.retained', true),
    ),
  );

  it('say the same in five languages', () => {
    assert.equal(
      kql(query),
      'event.action: ("client-connected" or "client-disconnected") and not event.reason: "normal" and ' +
        '(mqtt.topic: */set or user.name: * or tls.server.not_after < "now+10d" or mqtt.retained: true)',
    );
    assert.equal(
      esql(query),
      'event.action IN ("client-connected", "client-disconnected") AND ' +
        '(event.reason IS NULL OR NOT (event.reason == "normal")) AND ' +
        '(mqtt.topic LIKE "*/set" OR user.name IS NOT NULL OR tls.server.not_after < NOW() + 10 days OR mqtt.retained == true)',
    );
    assert.equal(
      lucene(query),
      'event.action:("client-connected" OR "client-disconnected") AND (*:* AND NOT event.reason:"normal") AND ' +
        '(mqtt.topic:*\\/set OR _exists_:user.name OR tls.server.not_after:[* TO now+10d} OR mqtt.retained:true)',
    );
    assert.equal(
      sql(query),
      `"event.action" IN ('client-connected', 'client-disconnected') AND ` +
        `NOT coalesce("event.reason" = 'normal', 0) AND ` +
        `("mqtt.topic" GLOB '*/set' OR "user.name" IS NOT NULL OR "tls.server.not_after" < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+10 days') OR "mqtt.retained" = 1)`,
    );
    assert.deepEqual(dsl(query), {
      bool: {
        filter: [
          { terms: { 'event.action': ['client-connected', 'client-disconnected'] } },
          { bool: { must_not: [{ term: { 'event.reason': 'normal' } }] } },
          {
            bool: {
              should: [
                { wildcard: { 'mqtt.topic': { value: '*/set' } } },
                { exists: { field: 'user.name' } },
                { range: { 'tls.server.not_after': { lt: 'now+10d' } } },
                { term: { 'mqtt.retained': true } },
              ],
              minimum_should_match: 1,
            },
          },
        ],
      },
    });
  });

  it('text that is read as something else in KQL is quoted or escaped', () => {
    assert.equal(kql(is('mqtt.topic', 'a "b" or c\\d')), 'mqtt.topic: "a \\"b\\" or c\\\\d"');
    assert.deepEqual(parseKql(kql(like('mqtt.topic', 'a (b):c*'))), like('mqtt.topic', 'a (b):c*'));
  });

  it('every query that is shipped reads back from KQL as what it was', () => {
    assert.ok(everything.length > 80);
    for (const one of everything) assert.deepEqual(parseKql(kql(one)), one, kql(one));
  });
});
