import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { configuredFile, fileMark } from './configured-file.ts';

/** TLS settings as configured: paths of PEM files. */
export interface TlsOptions {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly server_name?: string | undefined;
}

/**
 * Options for one connection; the files are read again for each, so that replaced certificates are used.
 * @throws BlockedError when a file cannot be read
 */
export function tlsOptions(tls: TlsOptions, host: string): ConnectionOptions {
  const name = tls.server_name ?? (isIP(host) === 0 ? host : undefined);
  return {
    ...(tls.ca !== undefined && { ca: configuredFile('tls.ca', tls.ca) }),
    ...(tls.cert !== undefined && { cert: configuredFile('tls.cert', tls.cert) }),
    ...(tls.key !== undefined && { key: configuredFile('tls.key', tls.key) }),
    ...(name !== undefined && { servername: name }),
  };
}

/** A mark of the files as they are now: it changes when one of them is replaced. */
export function tlsFilesMark(tls: TlsOptions): string {
  return [tls.ca, tls.cert, tls.key].map((file) => (file === undefined ? '' : fileMark(file))).join();
}
