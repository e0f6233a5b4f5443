import { EventDatabase } from '../../../src/query/database.ts';
import { questionSql } from '../../../src/query/question-sql.ts';
import { PARAMETERS, type Parameter, type Question } from '../../../src/questions/question.ts';
import type { Event } from './matches.ts';

type Given = Readonly<Partial<Record<Parameter, string>>>;

/** What somebody says who asks about the corpus, as SQL and as a search template have it. */
export const NARROWED: readonly { readonly sql: Given; readonly template: Given }[] = [
  ...[
    {},
    { client: 'pump-7' },
    { client: 'meter-3', event: 'publish-denied' },
    { user: 'pumps' },
    { user: 'admin' },
    { event: 'message-dropped' },
    { client: 'nobody"}}' },
  ].map((given) => ({ sql: given, template: given })),
  { sql: { source: '203.0.113.' }, template: { source: '203.0.113.0/24' } },
  { sql: { topic: 'plant/#' }, template: { topic: 'plant/*' } },
];

/** The ids of the events that answer a question by SQL, sorted, for each of `NARROWED`. */
export function answersOf(question: Question, events: readonly Event[]): string[][] {
  const columns = ['event.id', ...question.columns] as const;
  const database = new EventDatabase(questionSql({ ...question, columns }));
  try {
    for (const event of events) database.insert(event);
    const nothing = Object.fromEntries(Object.keys(PARAMETERS).map((name) => [name, null]));
    return NARROWED.map(({ sql }) => {
      const answer = database.answer({ ...nothing, ...sql });
      const id = answer.columns.indexOf('event.id');
      return Array.from(answer.rows, (row) => String(row[id])).sort();
    });
  } finally {
    database.close();
  }
}
