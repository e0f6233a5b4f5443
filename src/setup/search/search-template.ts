import { dsl } from '../../questions/query/dsl.ts';
import { conditionOf, PARAMETERS, type Question } from '../../questions/question.ts';

/** An address is equal to a term of a field of the type `ip`, or in the network that it is (10.1.0.0/16). */
const CLAUSE = { word: 'term', address: 'term', topic: 'wildcard' } as const;

/**
 * A question as a mustache template of a search. Parameters, all optional: those of questions, `from` (now-24h) and `to`
 * (now) in the date mathematics of the server, `size` (100). Mustache writes them as JSON has to have them.
 */
export function searchTemplate(question: Question): string {
  const fixed = [
    { range: { '@timestamp': { gte: '{{from}}{{^from}}now-24h{{/from}}', lte: '{{to}}{{^to}}now{{/to}}' } } },
    dsl(conditionOf(question)),
  ];
  const optional = Object.entries(PARAMETERS).map(([name, { fields, compared }]) => {
    const should = fields.map((field) => ({ [CLAUSE[compared]]: { [field]: { value: `{{${name}}}` } } }));
    return `{{#${name}}},${JSON.stringify({ bool: { should } })}{{/${name}}}`;
  });
  const conditions = `[${fixed.map((one) => JSON.stringify(one)).join()}${optional.join('')}]`;
  const order = question.oldestFirst === true ? 'asc' : 'desc';
  const sort = JSON.stringify([
    { '@timestamp': order },
    { 'event.sequence': { order, unmapped_type: 'long' } },
  ]);
  const counts = Object.fromEntries(question.by.map((field) => [field, { terms: { field, size: 20 } }]));
  return `{"size":{{size}}{{^size}}100{{/size}},"sort":${sort},"query":{"bool":{"filter":${conditions}}},"aggs":${JSON.stringify(counts)}}`;
}
