import { type Client, errors } from '@elastic/elasticsearch';
import { BlockedError, RetryableError, reasonOf } from '../../core/errors.ts';
import { connectionProblem } from '../../net/problem.ts';
import { head, isRecord } from './answer.ts';
import { authorityOf } from './authority.ts';
import { type ClusterOptions, filesMark, makeClient, nodesOf } from './client.ts';

/** What a server has answered, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly isJson: boolean;
  /** Of the Retry-After header, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** How often at most files are looked at for a change. */
const LOOK_MS = 1000;
/** Elasticsearch 7, 8, 9 and OpenSearch all take these; the client's own media types are refused by all but the newest. */
const BULK_HEADERS = { 'content-type': 'application/x-ndjson', accept: 'application/json' };
const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

/** The client passes on what Node.js says, without its code. */
const NETWORK = /^(?:connect|getaddrinfo) (E[A-Z_]+)/;
const CODES: readonly (readonly [sentence: RegExp, code: string])[] = [
  [/self-signed certificate|unable to (?:get|verify)/, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  [/certificate signature failure/, 'CERT_SIGNATURE_FAILURE'],
  [/certificate has expired/, 'CERT_HAS_EXPIRED'],
  [/certificate is not yet valid/, 'CERT_NOT_YET_VALID'],
  [/bad decrypt/, 'ERR_OSSL_BAD_DECRYPT'],
];

/** The nodes of a cluster, as the official client reaches them; without its retries, which would hide what goes on. */
export class Cluster {
  readonly place: string;
  private readonly options: ClusterOptions;
  private client: Client | undefined;
  private stamp = '';
  /** The certificate with the fingerprint of the settings, once a server has shown it. */
  private authority: string | undefined;
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ClusterOptions) {
    this.options = options;
    this.place = options.nodes?.join(', ') ?? `cloud ${options.cloudId?.split(':')[0]}`;
  }

  /**
   * @param content bytes of a bulk request, or JSON
   * @throws RetryableError when there is no answer
   */
  async request(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    querystring: Readonly<Record<string, string | boolean>>,
    signal: AbortSignal,
    content?: Buffer | string,
  ): Promise<Answer> {
    await this.findAuthority(signal);
    const client = this.connect();
    const isBulk = content instanceof Buffer;
    try {
      const sent = isBulk ? { bulkBody: content } : content !== undefined && { body: content };
      const params = { method, path, querystring, ...sent };
      const { statusCode, headers, body } = await client.transport.request(params, {
        headers: content === undefined || isBulk ? BULK_HEADERS : JSON_HEADERS,
        signal,
        meta: true,
        compression: this.options.gzip && isBulk,
      });
      return answer(statusCode, headers, body);
    } catch (error) {
      if (error instanceof errors.ResponseError) {
        return answer(error.statusCode ?? 0, error.headers ?? {}, error.body);
      }
      throw this.unanswered(error);
    }
  }

  /** Ends idle connections; those with a request after it. */
  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.close();
  }

  /**
   * Why a whole request was refused, or was not answered by a search server at all.
   * @param what the request, for the message
   */
  problem(what: string, { status, body, isJson, retryAfterMs }: Answer): RetryableError {
    const { place, options } = this;
    const words = errorWords(body);
    const blocked = (advice: string): BlockedError =>
      new BlockedError(`${place} refuses ${what} (${status}, ${words}): ${advice}`);
    if (status === 429 || status >= 500) {
      const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
      return new RetryableError(`${place} cannot take ${what} now (${status}, ${words})`, wait);
    }
    if (status === 413) {
      return blocked('raise http.max_content_length, or the limit of what stands before it');
    }
    if (!isJson || status < 400) {
      return new BlockedError(
        `${place} answers ${what} with something else than a search server would (${status}, ${head(body)}): ` +
          'check the address, and what stands between (proxy, login page)',
      );
    }
    switch (status) {
      case 401: {
        const secret = options.apiKeyFile ?? options.passwordFile;
        return blocked(
          secret === undefined
            ? 'write "api_key_file", or "user" and "password_file"'
            : `check the secret in ${secret}`,
        );
      }
      case 403:
        return blocked(
          'the key or user needs the cluster privilege monitor, and auto_configure and create_doc on ' +
            'logs-mqtt.*-* and metrics-mqtt.*-*; "brokertap setup elasticsearch --create-api-key" makes such a key',
        );
      case 400:
      case 406:
        return blocked(
          'the server does not take bulk requests of this form; nothing was dropped. Check "flavor"',
        );
      default:
        return blocked('check "nodes": the address must be that of the search server itself');
    }
  }

  private unanswered(error: unknown): RetryableError {
    const { place, options } = this;
    const by = URL.parse(options.proxy ?? '')?.host;
    const way = by === undefined ? place : `${place} (through the proxy ${by})`;
    return new RetryableError(`${way}: ${noAnswer(error)}`, { cause: error });
  }

  /** Finds out what `tls.fingerprint` stands for. @throws RetryableError when no server shows it */
  private async findAuthority(signal: AbortSignal): Promise<void> {
    const { place, options } = this;
    const { fingerprint, ca } = options.tls;
    const nodes = nodesOf(options).filter((node) => node.startsWith('https:'));
    if (fingerprint === undefined || ca !== undefined || nodes.length === 0) return;
    let problem: RetryableError = new BlockedError(
      `${place}: the fingerprint does not match: no certificate that it shows has the SHA-256 of tls.fingerprint`,
    );
    for (const node of nodes) {
      if (this.authority !== undefined) return;
      try {
        this.authority = await authorityOf(node, fingerprint, options, signal);
      } catch (error) {
        if (error instanceof BlockedError) throw error;
        problem = this.unanswered(error);
      }
    }
    if (this.authority === undefined) throw problem;
  }

  /** The client, made anew when a file was replaced. @throws BlockedError when one cannot be used */
  private connect(): Client {
    const now = performance.now();
    if (this.client !== undefined && now - this.lookedAt < LOOK_MS) return this.client;
    this.lookedAt = now;
    const stamp = filesMark(this.options);
    if (this.client !== undefined && stamp === this.stamp) return this.client;
    const before = this.client;
    this.client = makeClient(this.place, this.options, this.authority);
    this.stamp = stamp;
    void before?.close();
    return this.client;
  }
}

function answer(status: number, headers: Readonly<Record<string, unknown>>, body: unknown): Answer {
  return {
    status,
    body: typeof body === 'string' ? body : '',
    isJson: /^application\/(?:[\w.]+\+)?json/.test(String(headers['content-type'])),
    retryAfterMs: retryAfterMs(headers['retry-after']),
  };
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfterMs(header: unknown): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 600_000);
}

function errorWords(body: string): string {
  try {
    const { error } = JSON.parse(body) as Record<string, unknown>;
    const reason = isRecord(error) ? error.reason : error;
    return typeof reason === 'string' ? head(reason) : 'without a reason';
  } catch {
    return head(body);
  }
}

function noAnswer(error: unknown): string {
  if (error instanceof errors.TimeoutError) return 'no answer in time';
  // Where the request was made, with a port that is another each time, would make each loss a new one for the log.
  const words = reasonOf(error).replace(/ - Local: .*$/, '');
  if (/^The content length \(\d+\) is bigger/.test(words))
    return 'its answer is too large for one of a search server';
  if (error instanceof errors.RequestAbortedError) return 'the request was given up';
  if (words === 'other side closed') return connectionProblem(undefined);
  const code = CODES.find(([sentence]) => sentence.test(words))?.[1] ?? NETWORK.exec(words)?.[1];
  return code === undefined
    ? words || 'no answer'
    : connectionProblem(Object.assign(new Error(words), { code }));
}
