import { identify, requireVersion } from '../search/identity.ts';
import { SearchServer } from '../search/server.ts';
import type { Plan, Target } from '../target.ts';

/** Lowest minor version of each major version that this is made for. */
const LEAST = [
  [2, 19],
  [3, 0],
] as const;

export const target: Target = {
  connect: (connection) => new SearchServer(connection),
  async plan(_options, server, signal): Promise<Plan> {
    if (server === undefined) return { server: undefined, assets: [], skipped: [] };
    const identity = await identify(server, signal);
    requireVersion(server, identity, 'opensearch', LEAST);
    return { server: identity.words, assets: [], skipped: [] };
  },
};
