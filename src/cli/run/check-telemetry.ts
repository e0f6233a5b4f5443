import type { Config } from '../../config/load.ts';
import { hasCode } from '../../core/errors.ts';
import { type Host, hostOf } from '../../net/host.ts';
import { request } from '../../net/http.ts';
import { listeningError, whyNoListening } from '../../net/listening.ts';
import { askProbe } from '../probe/control.ts';

/** A running probe answers at once. */
const TIMEOUT_MS = 2000;

/** Why the probe could not listen on its own address; undefined when it could, or does already. */
export async function checkTelemetry({ state, telemetry }: Config): Promise<string | undefined> {
  const host = hostOf(telemetry.listen);
  const error = await listeningError(host);
  if (error === undefined || (hasCode(error, 'EADDRINUSE') && (await isProbeOf(state, host))))
    return undefined;
  return `${whyNoListening(error)}; choose another address, or "off"`;
}

/** True when what answers at an address is the probe that uses a state directory. */
async function isProbeOf(state: string, host: Host): Promise<boolean> {
  const own = startOf(await askProbe(state, 'GET', '/status').catch(() => undefined));
  return own !== undefined && own === startOf(await statusAt(host));
}

/** When a probe has started, as its status tells. */
function startOf(status: string | undefined): string | undefined {
  return /"started":"[^"]+"/.exec(status ?? '')?.[0];
}

/** What answers there, up to where the start of a probe would stand; undefined: nothing. */
function statusAt({ host, port }: Host): Promise<string | undefined> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const asked = request(
      { host, port, path: '/status', headers: { host: 'localhost' }, signal },
      (response) =>
        response
          .setEncoding('utf8')
          .once('data', (part: string) => {
            resolve(part);
            asked.destroy();
          })
          .once('end', () => resolve(undefined)),
    );
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}
