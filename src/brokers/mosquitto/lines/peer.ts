import { VERSION_2_0, type VersionRange } from '../context/version-range.ts';
import { type Peer, parseAddress, parsePeer } from '../text/address.ts';

/**
 * Reads the peer of a connection line: with port since 2.0. The last group of an IPv6 address without port looks like a port;
 * where the version is not known, only an ephemeral port is taken for one.
 */
export function peerOf(text: string, versions: VersionRange): Peer {
  const alone = parseAddress(text);
  if (alone.ip === undefined || versions.isSince(VERSION_2_0)) return parsePeer(text);
  const { port } = parsePeer(text);
  const isPort = port !== undefined && port >= 1024 && !versions.isBefore(VERSION_2_0);
  return isPort ? parsePeer(text) : { ...alone, port: undefined };
}

/** `network.type` of a peer's address. */
export function networkType(ip: string | undefined): string | undefined {
  if (ip === undefined) return undefined;
  return ip.includes(':') ? 'ipv6' : 'ipv4';
}
