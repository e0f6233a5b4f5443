import { askAbilities } from '../search/abilities.js';
import { apiKeyRequest, createApiKey } from '../search/api-key.js';
import { identify, requireVersion } from '../search/identity.js';
import { searchPlan } from '../search/plan.js';
import { SearchServer } from '../search/server.js';
/** Lowest minor version of each major version that this is made for. */
const LEAST = [
    [8, 15],
    [9, 0],
];
/** Elasticsearch 9.1 and later with all that the default distribution has. */
export const EVERYTHING = {
    product: 'elasticsearch',
    lifecycle: true,
    ilm: true,
    ism: false,
    failureStore: true,
    logsdb: true,
    timeSeries: true,
    ecsMappings: true,
    streamSettings: true,
    customComponents: true,
    set: true,
    geoip: true,
    customPipeline: true,
    searchTemplates: true,
};
export const target = {
    connect: (connection) => new SearchServer(connection),
    async plan(options, server, signal) {
        if (server === undefined)
            return searchPlan(options, EVERYTHING, undefined);
        const identity = await identify(server, signal);
        requireVersion(server, identity, 'elasticsearch', LEAST);
        return searchPlan(options, await askAbilities('elasticsearch', server, signal), identity.words);
    },
    apiKey: {
        request: ({ namespace }) => apiKeyRequest(namespace),
        create: ({ namespace }, server, signal) => createApiKey(namespace, server, signal),
    },
};
