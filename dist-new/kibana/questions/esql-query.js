import { CATALOGUE } from '../../ecs/catalogue.js';
import { datasetOf, indexPattern } from '../data-views.js';
import { esql } from '../query/esql.js';
import { PARAMETERS } from './question.js';
const ROWS = 1000;
/**
 * A question as a query in ES|QL with its parameters (`?client`); each has to be given, as an empty text where it does
 * not matter. Needs Elasticsearch 8.15.
 */
export function esqlQuery(question, namespace) {
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
function matches(name, { view }) {
    const { fields, prefix } = PARAMETERS[name];
    const dataset = datasetOf(view);
    const there = fields.filter((field) => {
        const { datasets } = CATALOGUE[field];
        return dataset === undefined || datasets === undefined || datasets.includes(dataset);
    });
    const tests = there.map((field) => {
        if (!prefix)
            return `${field} == ?${name}`;
        const text = CATALOGUE[field].type === 'ip' ? `TO_STRING(${field})` : field;
        return `STARTS_WITH(${text}, ?${name})`;
    });
    return [`?${name} == ""`, ...tests].join(' OR ');
}
