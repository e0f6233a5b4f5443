const rows = {
    elasticsearch: {
        summary: 'index templates, lifecycles and ingest pipelines for Elasticsearch',
        flags: ['createApiKey', 'retention', 'ilm'],
        address: 'output',
        load: () => import('./elasticsearch/index.js'),
    },
    opensearch: {
        summary: 'index templates, lifecycles and ingest pipelines for OpenSearch',
        flags: ['retention'],
        address: 'output',
        load: () => import('./opensearch/index.js'),
    },
    kibana: {
        summary: 'dashboards, searches, alert rules and machine-learning jobs for Kibana',
        flags: ['start'],
        address: 'url',
        load: () => import('./kibana/index.js'),
    },
};
/** Every product that things are installed on, by the word users write after `setup`. */
export const targets = rows;
