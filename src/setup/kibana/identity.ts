import { BlockedError } from '../../core/errors.ts';
import { at } from '../answer.ts';
import type { Server } from '../asset.ts';

/** What a Kibana is, and what it can do. */
export interface KibanaIdentity {
  /** For people. */
  readonly words: string;
  /** Rules can have dashboards and advice beside them: 8.19, 9.1. */
  readonly artifacts: boolean;
  /** Rules with ES|QL give one alert a row: 9.2. */
  readonly rows: boolean;
  /** Why there is no machine learning; undefined: there is. */
  readonly noMachineLearning: string | undefined;
}

/** One that can do what the oldest supported version can, with every licence: what is committed and exported is for it. */
export const OLDEST: KibanaIdentity = {
  words: '',
  artifacts: false,
  rows: false,
  noMachineLearning: undefined,
};

/** @throws BlockedError when it is no Kibana, or too old */
export async function identifyKibana(server: Server, signal: AbortSignal): Promise<KibanaIdentity> {
  const { status, body } = await server.send({ method: 'GET', path: '/api/status' }, signal);
  const number = String(at(body, 'version', 'number') ?? '');
  const [major = Number.NaN, minor = Number.NaN] = number.split('.').map(Number);
  if (status !== 200 || Number.isNaN(minor))
    throw new BlockedError(
      `${server.place} does not say that it is Kibana (GET /api/status answers ${status}): check the address (port 5601, not 9200), and what stands between (proxy, login page)`,
    );
  const serverless = at(body, 'version', 'build_flavor') === 'serverless';
  const since = (eight: number, nine: number): boolean =>
    serverless || (major === 8 && minor >= eight) || (major === 9 && minor >= nine) || major > 9;
  if (!since(15, 0))
    throw new BlockedError(
      `${server.place} is Kibana ${number}: this needs 8.15 or newer; upgrade it, or import the files of --export and mend by hand what it refuses`,
    );
  return {
    words: `Kibana ${serverless ? 'serverless' : number}`,
    artifacts: since(19, 1),
    rows: serverless || major > 9 || (major === 9 && minor >= 2),
    noMachineLearning: await lackOfMachineLearning(server, signal),
  };
}

async function lackOfMachineLearning(server: Server, signal: AbortSignal): Promise<string | undefined> {
  const { status, body } = await server.send({ method: 'GET', path: '/api/licensing/info' }, signal);
  // Where it does not tell, the attempt shows it.
  if (status !== 200 || at(body, 'features', 'ml', 'isAvailable') === undefined) return undefined;
  const license = at(body, 'license', 'type');
  const works =
    at(body, 'features', 'ml', 'isAvailable') === true &&
    at(body, 'features', 'ml', 'isEnabled') === true &&
    license !== 'basic';
  return works
    ? undefined
    : `the licence (${license}) has no anomaly detection; the rules "twin-…" stand in for it`;
}
