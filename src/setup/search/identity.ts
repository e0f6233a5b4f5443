import { BlockedError } from '../../core/errors.ts';
import { at } from '../answer.ts';
import type { Server } from '../asset.ts';

/** What a search server is. */
interface Identity {
  readonly product: 'elasticsearch' | 'opensearch';
  readonly isServerless: boolean;
  /** Major and minor version. */
  readonly version: readonly [number, number];
  /** Product, version and cluster for people. */
  readonly words: string;
}

/** @throws BlockedError when it is no search server, or does not say which */
export async function identify(server: Server, signal: AbortSignal): Promise<Identity> {
  const { status, body } = await server.send({ method: 'GET', path: '/' }, signal);
  const number = String(at(body, 'version', 'number') ?? '');
  const [major = Number.NaN, minor = Number.NaN] = number.split('.').map(Number);
  const isOpenSearch = at(body, 'version', 'distribution') === 'opensearch';
  if (
    status !== 200 ||
    Number.isNaN(minor) ||
    (!isOpenSearch && at(body, 'tagline') !== 'You Know, for Search')
  ) {
    throw new BlockedError(
      `${server.place} does not say that it is a search server (GET / answers ${status}): check the address, and what stands between (proxy, login page)`,
    );
  }
  const product = isOpenSearch ? 'opensearch' : 'elasticsearch';
  const isServerless = at(body, 'version', 'build_flavor') === 'serverless';
  const cluster = at(body, 'cluster_name');
  return {
    product,
    isServerless,
    version: [major, minor],
    words: `${product} ${isServerless ? 'serverless' : number}${typeof cluster === 'string' ? `, cluster ${cluster}` : ''}`,
  };
}

/**
 * Refuses what setup was not made for.
 * @param least lowest version of each major version that is supported, lowest first
 * @throws BlockedError that names the versions that are
 */
export function requireVersion(
  server: Server,
  identity: Identity,
  product: Identity['product'],
  least: readonly (readonly [number, number])[],
): void {
  if (identity.product !== product) {
    throw new BlockedError(
      `${server.place} is ${identity.words}: run "brokertap setup ${identity.product}" instead`,
    );
  }
  if (identity.isServerless) return;
  const [major, minor] = identity.version;
  const own = least.find(([wanted]) => wanted === major);
  const isNewer = major > Math.max(...least.map(([wanted]) => wanted));
  if (isNewer || (own !== undefined && minor >= own[1])) return;
  const known = least.map(([wanted, from]) => (from === 0 ? `${wanted}.x` : `${wanted}.${from} or newer`));
  throw new BlockedError(
    `${server.place} is ${identity.words}: this needs ${product} ${known.join(' or ')}; upgrade the server, or take the files of --export and adapt them`,
  );
}
