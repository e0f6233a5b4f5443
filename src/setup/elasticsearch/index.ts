import type { Abilities } from '../search/abilities.ts';
import { apiKeyRequest, createApiKey } from '../search/api-key.ts';
import { searchTarget } from '../search/target.ts';
import type { Target } from '../target.ts';

/** Lowest minor version of each major version that this is made for. */
const LEAST = [
  [8, 15],
  [9, 0],
] as const;

/** Elasticsearch 9.1 and later with all that the default distribution has. */
export const EVERYTHING: Abilities = {
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

export const target: Target = {
  ...searchTarget(LEAST, EVERYTHING),
  apiKey: {
    request: ({ namespace }) => apiKeyRequest(namespace),
    create: ({ namespace }, server, signal) => createApiKey(namespace, server, signal),
  },
};
