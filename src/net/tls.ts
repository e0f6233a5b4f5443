import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { BlockedError, reasonOf } from '../core/errors.ts';

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
    ...(tls.ca !== undefined && { ca: pem(tls.ca) }),
    ...(tls.cert !== undefined && { cert: pem(tls.cert) }),
    ...(tls.key !== undefined && { key: pem(tls.key) }),
    ...(name !== undefined && { servername: name }),
  };
}

function pem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new BlockedError(`${file} cannot be read (${reasonOf(error)}): check the path and the rights`, {
      cause: error,
    });
  }
}
