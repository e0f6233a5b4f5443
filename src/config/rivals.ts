import { type Host, hostOf, placeOf } from '../net/host.ts';
import type { InputConfig } from '../registry.ts';
import type { Report } from './schema-check.ts';

/** Hosts that stand for every address of the machine, by what they take with them: `::` has the IPv4 addresses too. */
const EVERY: Readonly<Record<string, (other: string) => boolean>> = {
  '0.0.0.0': (other) => !other.includes(':'),
  '::': () => true,
};

/**
 * Tells inputs that want what only one can have: a port, and standard input.
 * @param own where the probe itself listens, `host:port` or `off`; undefined: something is wrong there
 */
export function checkRivals(
  inputs: Readonly<Record<string, InputConfig>>,
  own: string | undefined,
  report: Report,
): void {
  const taken = new Map<string, Host>();
  if (own !== undefined && own !== 'off') taken.set('telemetry.listen', hostOf(own));
  let reader: string | undefined;
  for (const [name, input] of Object.entries(inputs)) {
    if (input.type === 'stdin') {
      if (reader !== undefined)
        report(
          ['inputs', name, 'type'],
          `inputs.${reader} reads standard input already; leave one of them out`,
        );
      reader ??= name;
    }
    if (!('listen' in input)) continue;
    const { listen } = input;
    const rival = [...taken].find(([, other]) => overlap(listen, other));
    if (rival !== undefined)
      report(
        ['inputs', name, 'listen'],
        `${rival[0]} ${placeOf(rival[1])} has the port already; choose another`,
      );
    taken.set(`inputs.${name}.listen`, listen);
  }
}

/** Port 0 is any that is free. */
function overlap(a: Host, b: Host): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  return a.host === b.host || EVERY[a.host]?.(b.host) === true || EVERY[b.host]?.(a.host) === true;
}
