import { CATALOGUE } from '../../ecs/catalogue.ts';
import type { Field } from '../../ecs/fields/field.ts';
import { datasetOf, indexPattern } from '../data-views.ts';
import { esql } from '../query/esql.ts';
import { PARAMETERS, type Parameter, type Question } from './question.ts';

const ROWS = 1000;

/**
 * A question as a query in ES|QL with its parameters (`?client`); each has to be given, as an empty text where it does
 * not matter. Needs Elasticsearch 8.15.
 */
export function esqlQuery(question: Question, namespace: string): string {
  const { title, view, where, columns, oldestFirst, parameters } = question;
  return [
    `// ${title}`,
    `// ${question.question}`,
    `FROM ${indexPattern(view, namespace)}`,
    `| WHERE ${esql(where)}`,
    ...parameters.map((name) => `| WHERE ${matches(name, question)}`),
    `| SORT @timestamp ${oldestFirst ? 'ASC' : 'DESC'}`,
    `| KEEP @timestamp, ${columns.join(', ')}`,
    `| LIMIT ${ROWS}\n`,
  ].join('\n');
}

function matches(name: Parameter, { view }: Question): string {
  const { fields, prefix } = PARAMETERS[name];
  const dataset = datasetOf(view);
  const there = fields.filter((field) => {
    const { datasets }: Field = CATALOGUE[field];
    return dataset === undefined || datasets === undefined || datasets.includes(dataset);
  });
  const tests = there.map((field) => {
    if (!prefix) return `${field} == ?${name}`;
    const text = CATALOGUE[field].type === 'ip' ? `TO_STRING(${field})` : field;
    return `STARTS_WITH(${text}, ?${name})`;
  });
  return [`?${name} == ""`, ...tests].join(' OR ');
}
