import { Agent, request } from 'node:https';
import { TLSSocket } from 'node:tls';
import { configuredFile } from '../../net/configured-file.ts';
import type { ServerAccess } from './client.ts';

const TIMEOUT_MS = 10_000;

/**
 * The certificate with the fingerprint, from among those that a server shows. That it is shown proves nothing, as everybody
 * has it: connections have to verify that it has signed the server's own. Nothing secret is sent for it.
 * @returns PEM; undefined: the server shows none with that fingerprint
 * @throws Error when the server does not answer
 */
export async function authorityOf(
  node: string,
  fingerprint: string,
  { tls: { cert, key }, proxy }: Pick<ServerAccess, 'tls' | 'proxy'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const agent = new Agent({
    maxCachedSessions: 0,
    ...(proxy !== undefined && { proxyEnv: { HTTPS_PROXY: proxy } }),
  });
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const asked = request(node, {
    method: 'HEAD',
    agent,
    signal,
    timeout: TIMEOUT_MS,
    rejectUnauthorized: false,
    ...(cert !== undefined && { cert: configuredFile('tls.cert', cert) }),
    ...(key !== undefined && { key: configuredFile('tls.key', key) }),
  });
  asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
  asked.on('error', reject);
  asked.on('response', ({ socket }) => resolve(shown(socket, fingerprint)));
  asked.end();
  return promise.finally(() => agent.destroy());
}

function shown(socket: unknown, fingerprint: string): string | undefined {
  const seen = new Set<string>();
  const wanted = digits(fingerprint);
  let certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  while (certificate !== undefined && !seen.has(certificate.fingerprint256)) {
    if (digits(certificate.fingerprint256) === wanted) return certificate.toString();
    seen.add(certificate.fingerprint256);
    certificate = certificate.issuerCertificate;
  }
  return undefined;
}

function digits(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}
