import { kql } from '../query/kql.js';
import { tagReferences } from '../saved-object.js';
const INDEX = 'kibanaSavedObjectMeta.searchSourceJSON.index';
/** A question as a saved search; what its parameters say is filtered there. */
export function savedSearch({ id, title, question, view, where, columns, oldestFirst, }) {
    return {
        id: `mqtt-${id}`,
        type: 'search',
        attributes: {
            title: `MQTT: ${title}`,
            description: question,
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
        references: [{ type: 'index-pattern', id: view, name: INDEX }, ...tagReferences('mqtt')],
        typeMigrationVersion: '8.0.0',
    };
}
