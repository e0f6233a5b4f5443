import type { Abilities } from '../search/abilities.ts';
import { searchTarget } from '../search/target.ts';
import type { Target } from '../target.ts';

/** Lowest minor version of each major version that this is made for. */
const LEAST = [
  [2, 19],
  [3, 0],
] as const;

/** OpenSearch with the plugins of its distribution, and without a database of addresses. */
export const EVERYTHING: Abilities = {
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

export const target: Target = searchTarget(LEAST, EVERYTHING);
