import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { indexPattern, viewOf } from '../../../src/kibana/data-views.ts';
import { QUESTIONS } from '../../../src/questions/index.ts';
import { kql } from '../../../src/questions/query/kql.ts';
import { conditionOf, PARAMETERS, type Parameter } from '../../../src/questions/question.ts';
import { answersOf, NARROWED } from '../../support/kibana/answers.ts';
import { corpus } from '../../support/kibana/corpus.ts';
import { parseKql } from '../../support/kibana/kql.ts';
import { type Event, matches, valuesOf } from '../../support/kibana/matches.ts';

/** What a person means by the parameter, in no query language. */
function says(name: Parameter, wanted: string, event: Event): boolean {
  const values = PARAMETERS[name].fields.flatMap((field) => valuesOf(event, field)).map(String);
  if (PARAMETERS[name].compared === 'word') return values.includes(wanted);
  return values.some((value) => value.startsWith(wanted.replace(/#$/, '')));
}

describe('questions over every golden log', () => {
  let events: Event[];
  before(async () => {
    events = (await corpus()).filter((event) => valuesOf(event, 'data_stream.type')[0] === 'logs');
  });

  for (const question of QUESTIONS)
    it(`${question.name}: SQL and the saved search find the events that are meant`, () => {
      const fitting = events.filter((event) => matches(conditionOf(question), event));
      assert.ok(fitting.length > 0);
      const inView = indexPattern(viewOf(question.dataset), '').replace(/\*?-$/, '');
      const shown = parseKql(kql(question.where));
      const found = events.filter(
        (event) =>
          `logs-${valuesOf(event, 'data_stream.dataset')[0]}`.startsWith(inView) && matches(shown, event),
      );
      assert.deepEqual(found, fitting);
      for (const [i, ids] of answersOf(question, events).entries()) {
        const { sql } = NARROWED[i]!;
        const meant = fitting.filter((event) =>
          Object.entries(sql).every(([name, wanted]) => says(name as Parameter, wanted, event)),
        );
        const expected = meant.map((event) => String(valuesOf(event, 'event.id')[0]));
        assert.deepEqual(ids, expected.sort(), JSON.stringify(sql));
      }
    });
});
