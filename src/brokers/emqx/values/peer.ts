import { isIP } from 'node:net';

/** The MQTT client's end of a connection. */
export interface Peer {
  /** Undefined for what is no IP address. */
  readonly ip: string | undefined;
  readonly port: number | undefined;
  /** As the broker wrote it, where it is no IP address. */
  readonly address: string | undefined;
}

export const NO_PEER: Peer = { ip: undefined, port: undefined, address: undefined };

/** Reads `IP:PORT`. IPv6 addresses have no brackets (`2001:db8::7:51022`): the port follows the last colon. */
export function parsePeer(text: string): Peer {
  if (text === '') return NO_PEER;
  const colon = text.lastIndexOf(':');
  const port = colon === -1 ? -1 : portOf(text, colon + 1);
  if (port === -1) return parseHost(text);
  const host = parseHost(text.slice(0, colon));
  return host.ip === undefined ? { ...NO_PEER, address: text } : { ...host, port };
}

/** Reads an address without port. */
export function parseHost(text: string): Peer {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (isIP(bare) === 0) return { ...NO_PEER, address: text };
  const mapped = bare.startsWith('::ffff:') && isIP(bare.slice(7)) === 4 ? bare.slice(7) : bare;
  return { ip: mapped, port: undefined, address: undefined };
}

function portOf(text: string, from: number): number {
  if (text.length === from || text.length - from > 5) return -1;
  let port = 0;
  for (let i = from; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    port = port * 10 + digit;
  }
  return port;
}
