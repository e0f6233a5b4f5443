import { askAbilities } from '../search/abilities.js';
import { identify, requireVersion } from '../search/identity.js';
import { searchPlan } from '../search/plan.js';
import { SearchServer } from '../search/server.js';
/** Lowest minor version of each major version that this is made for. */
const LEAST = [
    [2, 19],
    [3, 0],
];
/** OpenSearch with the plugins of its distribution, and without a database of addresses. */
export const EVERYTHING = {
    product: 'opensearch',
    lifecycle: false,
    ilm: false,
    ism: true,
    failureStore: false,
    logsdb: false,
    timeSeries: false,
    ecsMappings: false,
    streamSettings: false,
    customComponents: false,
    set: true,
    geoip: false,
    customPipeline: false,
    searchTemplates: true,
};
export const target = {
    connect: (connection) => new SearchServer(connection),
    async plan(options, server, signal) {
        if (server === undefined)
            return searchPlan(options, EVERYTHING, undefined);
        const identity = await identify(server, signal);
        requireVersion(server, identity, 'opensearch', LEAST);
        return searchPlan(options, await askAbilities('opensearch', server, signal), identity.words);
    },
};
