import { CATALOGUE } from '../../ecs/catalogue.ts';
import type { Field } from '../../ecs/fields/field.ts';
import { esql } from '../../questions/query/esql.ts';
import { PARAMETERS, type Parameter, type Question } from '../../questions/question.ts';
import { indexPattern, viewOf } from '../data-views.ts';

const ROWS = 1000;

/**
 * A question as a query in ES|QL with its parameters (`?client`); each has to be given, as an empty text where it does
 * not matter. Needs Elasticsearch 8.15.
 */
export function esqlQuery(asked: Question, namespace: string): string {
  const { question, reading, dataset, where, columns, oldestFirst } = asked;
  return [
    `// ${question}`,
    `// ${reading}`,
    `FROM ${indexPattern(viewOf(dataset), namespace)}`,
    `| WHERE ${esql(where)}`,
    ...(Object.keys(PARAMETERS) as Parameter[]).flatMap((name) => narrowed(name, dataset)),
    `| SORT @timestamp ${oldestFirst ? 'ASC' : 'DESC'}`,
    `| KEEP @timestamp, ${columns.join(', ')}`,
    `| LIMIT ${ROWS}\n`,
  ].join('\n');
}

/** Nothing for a parameter of fields that the dataset does not have: to ES|QL a field that is nowhere is a mistake. */
function narrowed(name: Parameter, dataset: string | undefined): string[] {
  const { fields, compared } = PARAMETERS[name];
  const there = fields.filter((field) => {
    const { datasets }: Field = CATALOGUE[field];
    return dataset === undefined || datasets === undefined || datasets.includes(dataset);
  });
  if (there.length === 0) return [];
  const tests = there.map((field) => {
    if (compared === 'word') return `${field} == ?${name}`;
    return `STARTS_WITH(${compared === 'address' ? `TO_STRING(${field})` : field}, ?${name})`;
  });
  return [`| WHERE ${[`?${name} == ""`, ...tests].join(' OR ')}`];
}
