import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { finished } from 'node:stream/promises';
import { RetryableError } from '../core/errors.ts';
import { Agent as HttpAgent, request as requestHttp } from '../net/http.ts';
import { connectionError } from '../net/problem.ts';
import { tlsOptions } from '../net/tls.ts';
import type { ApiTls } from './access.ts';
import { tooLarge } from './problem.ts';

/** A page has a kilobyte for each row, mostly; several are in memory at once. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** A server that sends a little now and then is given up after so many times the time-out. */
const LONGEST_TIMEOUTS = 12;
/** The pages that are under way at once. */
const CONNECTIONS = 3;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly authorization: string | undefined;
  /** JSON. */
  readonly body?: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly text: string;
}

/** Makes requests to one server over connections that are kept. */
export class HttpClient {
  private readonly tls: ApiTls | undefined;
  private readonly timeoutMs: number;
  private readonly plain = new HttpAgent({ keepAlive: true, maxSockets: CONNECTIONS });
  private readonly secure = new HttpsAgent({ keepAlive: true, maxSockets: CONNECTIONS });

  /** @param timeoutMs longest silence of the server */
  constructor(tls: ApiTls | undefined, timeoutMs: number) {
    this.tls = tls;
    this.timeoutMs = timeoutMs;
  }

  /**
   * Makes one request.
   * @throws RetryableError without an answer, BlockedError when somebody has to act first
   */
  async send({ method, url, authorization, body }: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const options = {
      method,
      headers: {
        accept: 'application/json',
        ...(authorization !== undefined && { authorization }),
        ...(body !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_TIMEOUTS * this.timeoutMs)]),
    };
    try {
      // Files of TLS that are being replaced, and a header that is none, are refused when it is made.
      const request = this.begun(url, options);
      return await new Promise<HttpAnswer>((resolve, reject) => {
        request.on('error', reject);
        request.setTimeout(this.timeoutMs, () => request.destroy(late(url, this.timeoutMs)));
        request.on('response', (response) => {
          read(response, url).then(resolve, reject);
        });
        request.end(body);
      });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (options.signal.aborted) throw late(url, LONGEST_TIMEOUTS * this.timeoutMs);
      throw connectionError(url.host, error instanceof Error ? error : undefined);
    }
  }

  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }

  private begun(url: URL, options: RequestOptions): ClientRequest {
    if (url.protocol !== 'https:') return requestHttp(url, { ...options, agent: this.plain });
    return requestHttps(url, {
      ...options,
      agent: this.secure,
      ...tlsOptions(this.tls ?? {}, url.hostname),
      rejectUnauthorized: this.tls?.verify !== false,
    });
  }
}

function late(url: URL, ms: number): RetryableError {
  return new RetryableError(`${url.host}: no answer within ${ms / 1000} s`);
}

async function read(response: IncomingMessage, url: URL): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      response.destroy(tooLarge(url.host, MAX_BODY_BYTES));
    } else chunks.push(chunk);
  });
  await finished(response);
  const { headers, statusCode = 0 } = response;
  const seconds = Number(headers['retry-after']);
  return {
    status: statusCode,
    contentType: headers['content-type'] ?? '',
    location: headers.location,
    retryAfterMs: Number.isFinite(seconds) ? Math.min(60, Math.max(0, seconds)) * 1000 : undefined,
    text: Buffer.concat(chunks).toString('utf8'),
  };
}
