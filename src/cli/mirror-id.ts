import { hostname } from 'node:os';
import { openVault } from '../app/privacy.ts';
import type { Config } from '../config/load.ts';
import { UsageError } from '../core/errors.ts';
import type { JsonObject } from '../core/event.ts';
import { clientIdOf } from '../inputs/mqtt/client-id.ts';
import type { MqttInputConfig } from '../inputs/mqtt/config.ts';
import { savedFacts } from '../state/positions-file.ts';

/**
 * The client identifiers that the mirrors of a configuration have: those of their first runs, where the state directory and its
 * secret can be read.
 */
export async function mirrorIds(
  config: Config,
): Promise<(name: string, settings: MqttInputConfig) => string> {
  const facts = await factsOf(config);
  return (name, settings) => clientIdOf(settings, hostname(), name, facts[name]);
}

async function factsOf(config: Config): Promise<Readonly<Record<string, JsonObject>>> {
  try {
    return await savedFacts(config.state, openVault(config));
  } catch (error) {
    if (error instanceof UsageError) return {};
    throw error;
  }
}
