import { hostname } from 'node:os';
import type { Input, InputHost } from '../../core/input.ts';
import { clientIdOf } from './client-id.ts';
import type { MqttInputConfig } from './config.ts';
import { MqttMirror } from './mirror.ts';

export { check } from './check.ts';

/**
 * A mirror of what flows through a broker. The way of a message:
 *
 * 1. `mirror.ts`: connects, and connects again (`connection/`).
 * 2. The broker's session goes on over connections and runs: what is subscribed, what was lost (`session/`).
 * 3. Each message goes into the journal and is acknowledged when it is kept there (`messages/`).
 *
 * `pulse-watch.ts` hears from `$SYS` that the broker lives; `reports.ts` tells gaps and problems; `trial.ts` tries all that
 * without leaving a trace.
 */
export function create(config: MqttInputConfig, host: InputHost): Input {
  return new MqttMirror(config, clientIdOf(config, hostname(), host.name, host.facts.recall()), host);
}
