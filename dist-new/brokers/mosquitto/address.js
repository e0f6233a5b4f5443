import { isIP } from 'node:net';
/**
 * Reads `IP:PORT`. IPv6 addresses stand without brackets, so that the port is what follows the last colon (Mosquitto 2.0);
 * IPv4 addresses of WebSockets connections come mapped, `::ffff:127.0.0.1`.
 */
export function parsePeer(text) {
    const colon = text.lastIndexOf(':');
    const port = colon === -1 ? '' : text.slice(colon + 1);
    if (!/^\d{1,5}$/.test(port))
        return { ...parseAddress(text), port: undefined };
    const { address, ip } = parseAddress(text.slice(0, colon));
    return { address, ip, port: ip === undefined ? undefined : Number(port) };
}
/** Reads an address without port. */
export function parseAddress(text) {
    const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
    if (isIP(bare) === 0)
        return { address: text, ip: undefined };
    const mapped = bare.startsWith('::ffff:') && isIP(bare.slice(7)) === 4 ? bare.slice(7) : bare;
    return { address: mapped, ip: mapped };
}
