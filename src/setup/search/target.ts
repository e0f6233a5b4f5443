import type { Plan, Target } from '../target.ts';
import { type Abilities, askAbilities } from './abilities.ts';
import { identify, requireVersion } from './identity.ts';
import { searchPlan } from './plan.ts';
import { SearchServer } from './server.ts';

/**
 * A search server that can be made ready: the plan is for what it can do.
 * @param least lowest minor version of each major version that this is made for
 * @param everything what a server of this product can have; assumed where none is asked
 */
export function searchTarget(
  least: Parameters<typeof requireVersion>[3],
  everything: Abilities,
): Pick<Target, 'connect' | 'plan'> {
  const { product } = everything;
  return {
    connect: (connection) => new SearchServer(connection),
    async plan(options, server, signal) {
      if (server === undefined) return unasked(searchPlan(options, everything, undefined), product);
      const identity = await identify(server, signal);
      requireVersion(server, identity, product, least);
      return searchPlan(options, await askAbilities(product, server, signal), identity.words);
    },
  };
}

/** A plan whose words are about no server. */
function unasked(plan: Plan, product: Abilities['product']): Plan {
  const why = `no server was asked, and not every ${product} has it: with --url one is asked`;
  return { ...plan, skipped: plan.skipped.map(({ what }) => ({ what, why })) };
}
