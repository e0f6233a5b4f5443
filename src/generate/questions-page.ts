import { QUESTIONS } from '../questions/index.ts';
import { PARAMETERS } from '../questions/question.ts';
import { table } from './markdown.ts';

/** How a parameter is compared by `brokertap query`, in ES|QL and in search templates. */
const COMPARED = {
  word: ['the same', 'the same', 'the same'],
  address: ['how it begins: `10.20.`', 'how it begins: `10.20.`', 'an address, or a network: `10.20.0.0/16`'],
  topic: ['MQTT filter: `plant/+/temp`', 'how it begins: `plant/`', '`*` for any text: `plant/*`'],
} as const;

/** The questions as the page `docs/questions.md`. */
export function questionsPage(): string {
  const words = (fields: readonly string[]): string => fields.map((field) => `\`${field}\``).join(', ');
  const parameters = Object.entries(PARAMETERS).map(([name, { meaning, fields, compared }]) => [
    `\`${name}\``,
    meaning,
    words(fields),
    ...COMPARED[compared],
  ]);
  const rows = QUESTIONS.map(({ name, question, reading, dataset, needs, by }) => [
    `\`${name}\``,
    question,
    reading,
    `\`${dataset ?? 'mqtt.*'}\``,
    needs === undefined ? '' : `\`${needs}\``,
    words(by),
  ]);
  return [
    '# Questions\n\nGenerated from the definitions by `npm run generate`.\n',
    'What troubleshooting begins with. Each question is there four times, made from one definition:\n',
    '- `brokertap query --name NAME`, [SQL](query.md) over archives and logs;',
    '- a search template `mqtt-NAME` of [Elasticsearch or OpenSearch](setup.md#questions), which also counts;',
    '- a saved search of [Kibana](kibana.md), for Discover;',
    '- a query in ES|QL, `kibana/queries/NAME.esql`.\n',
    table(['name', 'question', 'how to read the answer', 'dataset', 'needs', 'counted by'], rows),
    '## Parameters\n',
    'Each question can be narrowed. In ES|QL give every parameter that the query names, and an empty text where it does not matter. To ES|QL a field that no data stream has yet is a mistake: leave its line out.\n',
    '```http\nPOST /_query\n{"query": "FROM …", "params": [{"client": "sensor-7"}, {"user": ""}, {"source": ""}, {"topic": ""}, {"event": ""}]}\n```\n',
    table(['parameter', 'meaning', 'fields', 'SQL', 'ES|QL', 'search template'], parameters),
    'In SQL `event` may be the name that EMQX gives to the event, too: `client.connected`.',
    '',
  ].join('\n');
}
