import { z } from 'zod';
import type { TlsOptions } from '../net/tls.ts';

/** How to reach the REST API of an EMQX. */
export interface ApiAccess {
  /** `http(s)://HOST:PORT/api/`: the version is found out. */
  readonly url: string;
  /** An API key with the file of its secret; or, of 4.x, an application. */
  readonly key?: string | undefined;
  readonly secretFile?: string | undefined;
  /** A user of the dashboard. */
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  /** Longest silence of the server, in milliseconds. */
  readonly timeoutMs: number;
  /** How often a request is made at most that fails for reasons which may pass. */
  readonly attempts: number;
  readonly tls?: ApiTls | undefined;
}

/** TLS settings; `verify: false` takes any certificate. */
export interface ApiTls extends TlsOptions {
  readonly verify?: boolean | undefined;
}

export const DEFAULT_TIMEOUT_MS = 5000;
export const DEFAULT_ATTEMPTS = 3;

/** Address of the API as users write it. */
export const apiUrl = z
  .string()
  .regex(
    /^https?:\/\/[^/@?#\s]+(\/[^@?#\s]+)?\/api\/$/,
    'write http:// or https://, host, port and "/api/", such as "http://emqx:18083/api/"; the key has a setting of its own',
  );
