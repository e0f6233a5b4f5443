import type { Host } from './host.ts';
import type { TlsOptions } from './tls.ts';

/** A server that the probe speaks TLS with. */
export interface TlsEndpoint extends Host {
  readonly tls: TlsOptions;
}

/** Schemes with TLS, and their ports where none is written. */
const PORTS: Readonly<Record<string, number>> = { 'mqtts:': 8883, 'wss:': 443, 'https:': 443 };

/** The servers of those addresses whose scheme has TLS. */
export function tlsEndpoints(urls: readonly string[], tls: TlsOptions = {}): TlsEndpoint[] {
  return urls.flatMap((text) => {
    const { protocol, hostname, port } = new URL(text);
    const standard = PORTS[protocol];
    if (standard === undefined) return [];
    return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || standard, tls };
  });
}
