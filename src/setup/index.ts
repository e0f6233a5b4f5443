import type { TargetRow } from './target.ts';

const rows = {
  elasticsearch: {
    summary: 'index templates, lifecycles and ingest pipelines for Elasticsearch',
    flags: ['createApiKey', 'retention', 'ilm'],
    address: 'output',
    load: () => import('./elasticsearch/index.ts'),
  },
  opensearch: {
    summary: 'index templates, lifecycles and ingest pipelines for OpenSearch',
    flags: ['retention'],
    address: 'output',
    load: () => import('./opensearch/index.ts'),
  },
  kibana: {
    summary: 'dashboards, searches, alert rules and machine-learning jobs for Kibana',
    flags: ['start'],
    address: 'url',
    load: () => import('./kibana/index.ts'),
  },
} satisfies Record<string, TargetRow>;

export type TargetName = keyof typeof rows;

/** Every product that things are installed on, by the word users write after `setup`. */
export const targets: Readonly<Record<TargetName, TargetRow>> = rows;
