import type { MqttInputConfig } from './config.ts';

/** Client identifier of a mirror: stable, so that the broker keeps its session. */
export function clientIdOf(config: Pick<MqttInputConfig, 'client_id'>, host: string, input: string): string {
  return config.client_id ?? `brokertap-${host}-${input}`.replace(/[^A-Za-z0-9_.-]/g, '-');
}
