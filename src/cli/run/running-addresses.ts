import { type Host, hostOf } from '../../net/host.ts';
import type { Status } from '../../telemetry/status.ts';
import { askProbe } from '../probe/control.ts';

const ALL: readonly string[] = ['0.0.0.0', '::'];

/**
 * Which addresses the probe that uses a state directory has: they are free for the next one there, as this one stops before.
 * @returns true for such an address; for none when no probe runs
 */
export async function runningAddresses(state: string): Promise<(host: Host) => boolean> {
  const body = await askProbe(state, 'GET', '/status').catch(() => undefined);
  const { listens = [] }: Partial<Status> = body === undefined ? {} : JSON.parse(body);
  const own = listens.map(hostOf);
  return ({ host, port }) =>
    own.some(
      (one) => one.port === port && (one.host === host || ALL.includes(one.host) || ALL.includes(host)),
    );
}
