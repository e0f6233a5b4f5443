import { RetryableError } from '../../core/errors.js';
import { reasonIn } from './server.js';
const simulated = (template, more = {}) => ({
    method: 'POST',
    path: '/_index_template/_simulate',
    body: { index_patterns: ['brokertap-ability-*'], priority: 900, data_stream: {}, template, ...more },
});
const processed = (processor) => ({
    method: 'POST',
    path: '/_ingest/pipeline/_simulate',
    body: { pipeline: { processors: [processor] }, docs: [{ _source: {} }] },
});
const got = (path) => ({ method: 'GET', path });
/** How each ability is asked for: what answers 200 has it. Nothing is changed by asking. */
const QUESTIONS = {
    lifecycle: simulated({ lifecycle: { data_retention: '1d' } }),
    ilm: got('/_ilm/policy'),
    ism: got('/_plugins/_ism/policies?size=1'),
    failureStore: simulated({ data_stream_options: { failure_store: { enabled: true } } }),
    logsdb: simulated({ settings: { index: { mode: 'logsdb' } } }),
    timeSeries: simulated({
        settings: { index: { mode: 'time_series', routing_path: ['a'] } },
        mappings: { properties: { a: { type: 'keyword', time_series_dimension: true } } },
    }),
    ecsMappings: got('/_component_template/ecs@mappings'),
    // A name that cannot exist: the answer is about the interface.
    streamSettings: got('/_data_stream/brokertap-none*/_lifecycle'),
    customComponents: simulated({}, { composed_of: ['brokertap-none'], ignore_missing_component_templates: ['brokertap-none'] }),
    set: processed({ set: { field: 'event.ingested', value: '{{{_ingest.timestamp}}}' } }),
    geoip: processed({ geoip: { field: 'source.ip', target_field: 'source.geo', ignore_missing: true } }),
    customPipeline: processed({ pipeline: { name: 'brokertap-none', ignore_missing_pipeline: true } }),
    searchTemplates: {
        method: 'POST',
        path: '/_render/template',
        body: { source: '{"size":"{{size}}"}', params: { size: 1 } },
    },
};
/** What users are told when an ability is missing; absent: another one takes its place, or it is of no use there. */
const WORDS = {
    elasticsearch: {
        lifecycle: { what: 'data stream lifecycles', why: 'this server has none; --ilm uses ILM policies' },
        failureStore: {
            what: 'the failure store',
            why: 'this server has none: what does not fit becomes a dead letter of the probe',
        },
        logsdb: { what: 'index mode logsdb', why: 'this server does not know it: indices are larger' },
        timeSeries: { what: 'time series mode of metrics-mqtt.sys', why: 'this server does not know it' },
        ecsMappings: {
            what: 'ecs@mappings',
            why: 'this server has no such component template: fields that others add are stored and not searchable',
        },
        set: { what: 'the ingest pipeline', why: 'this server has no set processor: no event.ingested' },
        geoip: { what: 'source.geo', why: 'this server has no geoip processor' },
        searchTemplates: { what: 'search templates', why: 'this server has none' },
    },
    opensearch: {
        ism: {
            what: 'how long events are kept',
            why: 'this server has no index state management plugin: nothing is ever deleted',
        },
        set: { what: 'the ingest pipeline', why: 'this server has no set processor: no event.ingested' },
        geoip: { what: 'source.geo', why: 'this server has no geoip processor' },
        searchTemplates: { what: 'search templates', why: 'this server has none' },
    },
};
/** Asks for everything. @throws RetryableError when an answer is neither yes nor no */
export async function askAbilities(product, server, signal) {
    const answers = await Promise.all(Object.entries(QUESTIONS).map(async ([ability, request]) => {
        const reply = await server.send(request, signal);
        // 410: serverless, for what it has left out.
        if (reply.status === 200 || [400, 404, 405, 410].includes(reply.status))
            return [ability, reply.status === 200];
        throw new RetryableError(`${server.place} answers ${request.method} ${request.path} with ${reply.status} (${reasonIn(reply)}): check the address`);
    }));
    return { product, ...Object.fromEntries(answers) };
}
/** What the abilities leave out. */
export function missing(abilities) {
    return Object.entries(WORDS[abilities.product]).flatMap(([ability, words]) => abilities[ability] ? [] : [words]);
}
