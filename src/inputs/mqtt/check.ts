import { hostname } from 'node:os';
import type { MqttInputConfig } from './config.ts';
import { tryMirror } from './trial.ts';

/** As in `InputType`: does the broker let a mirror in, and may it subscribe. */
export async function check(config: MqttInputConfig, name: string): Promise<string | undefined> {
  const { failure, refused } = await tryMirror(
    config,
    `brokertap-check-${hostname()}-${name}-${process.pid}`,
  );
  return failure === undefined ? refused.join('; ') || undefined : `${config.url}: ${failure}`;
}
