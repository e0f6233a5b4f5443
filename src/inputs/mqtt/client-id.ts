import type { JsonObject } from '../../core/event.ts';
import type { MqttInputConfig } from './config.ts';

/**
 * Client identifier of a mirror: stable, so that the broker keeps its session.
 * @param facts what an earlier run has kept: its identifier is used on, though the host may be called otherwise now, as each new
 * container is
 */
export function clientIdOf(
  config: Pick<MqttInputConfig, 'client_id' | 'url'>,
  host: string,
  input: string,
  facts?: JsonObject,
): string {
  if (config.client_id !== undefined) return config.client_id;
  if (facts?.url === config.url && typeof facts.client_id === 'string') return facts.client_id;
  return `brokertap-${host}-${input}`.replace(/[^A-Za-z0-9_.-]/g, '-');
}
