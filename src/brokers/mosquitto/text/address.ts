import { isIP } from 'node:net';
import { MISSING } from './missing.ts';

/** A peer as the broker writes it. */
export interface Peer {
  readonly address: string;
  /** Undefined for what is no IP address: the path of a Unix socket. */
  readonly ip: string | undefined;
  readonly port: number | undefined;
}

/** For a missing address: of a bridge's own connection, or before a PROXY header was read. */
export const NO_ADDRESS: string = MISSING;

/**
 * Reads `IP:PORT` (Mosquitto 2.0). IPv6 addresses have no brackets: the port follows the last colon. IPv4 addresses of
 * WebSockets connections are mapped, `::ffff:127.0.0.1`.
 */
export function parsePeer(text: string): Peer {
  const colon = text.lastIndexOf(':');
  const port = colon === -1 ? '' : text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(port)) return { ...parseAddress(text), port: undefined };
  const { address, ip } = parseAddress(text.slice(0, colon));
  return { address, ip, port: ip === undefined ? undefined : Number(port) };
}

/** Reads an address without port. */
export function parseAddress(text: string): { address: string; ip: string | undefined } {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  // Elasticsearch takes no address with a zone, and the broker writes none.
  if (isIP(bare) === 0 || bare.includes('%')) return { address: text, ip: undefined };
  const mapped = bare.startsWith('::ffff:') && isIP(bare.slice(7)) === 4 ? bare.slice(7) : bare;
  return { address: mapped, ip: mapped };
}
