import type { SearchServer } from './start.ts';

/** Makes data streams of a namespace's names; `message` and more may be mapped otherwise. */
export async function putTemplates(
  server: SearchServer,
  namespace: string,
  properties: object = {},
  more: object = {},
): Promise<void> {
  const mappings = { dynamic: false, properties: { '@timestamp': { type: 'date' }, ...properties } };
  await server.ask('PUT', `/_index_template/brokertap-${namespace}`, {
    index_patterns: [`logs-mqtt.*-${namespace}`, `metrics-mqtt.*-${namespace}`],
    priority: 500,
    data_stream: {},
    template: { settings: { number_of_replicas: 0 }, mappings, ...more },
  });
}
