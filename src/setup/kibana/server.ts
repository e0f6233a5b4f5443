import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { BlockedError, RetryableError, reasonOf } from '../../core/errors.ts';
import { connectionError } from '../../net/problem.ts';
import { tlsOptions } from '../../net/tls.ts';
import { at } from '../answer.ts';
import { Refused, type Reply, type Request, type Server } from '../asset.ts';
import { patiently } from '../patience.ts';
import type { Connection } from '../target.ts';

const TIMEOUT_MS = 60_000;

/** Kibana, with the headers that its APIs ask for. Its address may have a path: of a proxy, of a space (`/s/<name>`). */
export class KibanaServer implements Server {
  readonly place: string;
  private readonly base: URL;
  private readonly connection: Connection;
  private readonly agent: http.Agent;

  constructor(connection: Connection) {
    const [url = '', ...more] = connection.urls;
    if (more.length > 0) throw new BlockedError('write one --url: a Kibana has one address');
    this.base = new URL(url);
    this.place = url;
    this.connection = connection;
    this.agent =
      this.base.protocol === 'https:'
        ? new https.Agent({ keepAlive: true, ...tlsOptions(connection.tls, this.base.hostname) })
        : new http.Agent({ keepAlive: true });
  }

  send(request: Request, signal: AbortSignal): Promise<Reply> {
    return patiently(async () => {
      const reply = await this.ask(request, signal);
      const what = `${request.method} ${request.path}`;
      if (reply.status === 401)
        throw new BlockedError(
          `${this.place} refuses the credentials (401): write --user and --password-file, or --api-key-file, of an account of Kibana`,
        );
      if (reply.status === 403)
        throw new BlockedError(
          `${this.place} refuses ${what} (403): the account needs, in this space, all rights on Saved Objects Management, ` +
            'Data Views, Dashboards, Discover, Stack Rules and Tags; on Machine Learning and Transforms where those are installed',
        );
      if (reply.status === 429 || reply.status >= 500)
        throw new RetryableError(`${this.place} cannot take ${what} now (${reply.status})`);
      return reply;
    }, signal);
  }

  async close(): Promise<void> {
    this.agent.destroy();
  }

  private ask({ method, path, body, file }: Request, signal: AbortSignal): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const content = file !== undefined ? form(file) : body === undefined ? undefined : json(body);
    const base = this.base.pathname.replace(/\/$/, '');
    const call = (this.base.protocol === 'https:' ? https : http).request(
      new URL(base + path, this.base),
      {
        method,
        agent: this.agent,
        timeout: TIMEOUT_MS,
        signal,
        headers: {
          'kbn-xsrf': 'brokertap',
          // Without it Kibana 9 keeps its internal APIs to itself; machine learning and transforms have no others.
          'x-elastic-internal-origin': 'brokertap',
          'elastic-api-version': path.startsWith('/internal/') ? '1' : '2023-10-31',
          ...(content && { 'content-type': content.type, 'content-length': content.bytes.length }),
          ...this.authorization(),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: read(Buffer.concat(chunks).toString()) }),
        );
      },
    );
    call.on('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    call.on('error', (error) => {
      const problem = connectionError(this.place, error);
      // Its pause is for callers that wait by themselves.
      reject(
        problem instanceof BlockedError ? problem : new RetryableError(problem.message, { cause: error }),
      );
    });
    call.end(content?.bytes);
    return promise;
  }

  private authorization(): { authorization?: string } {
    const { apiKeyFile, user, passwordFile } = this.connection;
    if (apiKeyFile !== undefined) return { authorization: `ApiKey ${secret(apiKeyFile)}` };
    if (user === undefined || passwordFile === undefined) return {};
    return { authorization: `Basic ${Buffer.from(`${user}:${secret(passwordFile)}`).toString('base64')}` };
  }
}

/** An answer that Kibana gives to what it has taken. @throws Refused with its words */
export function taken(reply: Reply, what: string): Reply {
  if (reply.status < 300) return reply;
  const words = at(reply.body, 'message') ?? 'without a reason';
  throw new Refused(`${what}: ${reply.status} ${words}`);
}

interface Content {
  readonly type: string;
  readonly bytes: Buffer;
}

function json(body: unknown): Content {
  return { type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) };
}

function form({ name, text }: NonNullable<Request['file']>): Content {
  const boundary = `brokertap-${randomUUID()}`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/ndjson\r\n\r\n`;
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.from(`${head}${text}\r\n--${boundary}--\r\n`),
  };
}

/** A body as JSON; one of several lines as a list of them. */
function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    try {
      return lines.map((line) => JSON.parse(line));
    } catch {
      return undefined;
    }
  }
}

function secret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new BlockedError(`${file} cannot be read (${reasonOf(error)}): check the path and the rights`, {
      cause: error,
    });
  }
}
