import { kql } from '../../questions/query/kql.ts';
import type { Question } from '../../questions/question.ts';
import { viewOf } from '../data-views.ts';
import { type SavedObject, tagReferences } from '../saved-object.ts';

const INDEX = 'kibanaSavedObjectMeta.searchSourceJSON.index';

/** A question as a saved search; what its parameters say is filtered there. */
export function savedSearch(asked: Question): SavedObject {
  const { name, question, reading, dataset, where, columns, oldestFirst } = asked;
  return {
    id: `mqtt-${name}`,
    type: 'search',
    attributes: {
      title: `MQTT: ${question}`,
      description: reading,
      columns,
      sort: [['@timestamp', oldestFirst ? 'asc' : 'desc']],
      grid: {},
      hideChart: false,
      isTextBasedQuery: false,
      timeRestore: false,
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({
          query: { language: 'kuery', query: kql(where) },
          filter: [],
          indexRefName: INDEX,
        }),
      },
    },
    references: [{ type: 'index-pattern', id: viewOf(dataset), name: INDEX }, ...tagReferences('mqtt')],
    typeMigrationVersion: '8.0.0',
  };
}
