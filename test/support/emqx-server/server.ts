import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { Certificate } from '../certificates.ts';
import type { Cleanup } from '../temp.ts';
import { DataIntegration, type Reply, refusal } from './data-integration.ts';
import { type Row, row4, UNKNOWN_FIELDS } from './tables.ts';

/** What a test does to one request: another answer, or a pause. */
export interface Fault {
  readonly status?: number;
  readonly contentType?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
  /** Ends the connection without an answer. */
  readonly hangUp?: boolean;
}

export interface EmqxServerOptions {
  readonly generation?: 4 | 5;
  readonly version?: string;
  readonly certificate?: Certificate;
}

const MAX_LIMIT = 10_000;

/**
 * Answers as the REST API of EMQX does, where it is asked what this program asks: paging over live tables, API keys and logins,
 * roles, errors. There is no broker behind it.
 */
export class EmqxServer {
  /** In the order of the table that pages are read from. */
  readonly clients = new Map<string, Row>();
  readonly audit: Row[] = [];
  auditEnabled = true;
  readonly integration = new DataIntegration();
  readonly configs: Record<string, Row> = {};
  /** Text of `acl.conf`; undefined: no such source. */
  aclFile: string | undefined;
  /** Secrets and roles of API keys, and of users. */
  readonly keys = new Map<string, { secret: string; role?: 'viewer' }>([['key-1', { secret: 'secret-1' }]]);
  readonly users = new Map<string, string>([['admin', 'public-1']]);
  /** Tokens of logins that are valid. */
  readonly tokens = new Set<string>();
  logins = 0;
  /** Method and URL of every request. */
  readonly requests: string[] = [];
  /** Time in which at least one request was being answered, from its last byte to the last one of the answer, milliseconds. */
  answeringMs = 0;
  private inHand = 0;
  private busySince = 0;
  /** Told of each request before it is answered; may change the tables. */
  onRequest: (method: string, url: URL) => Fault | undefined = () => undefined;
  private readonly server: Server;
  private readonly generation: 4 | 5;
  private readonly version: string;
  private readonly scheme: 'http' | 'https';

  private constructor({
    generation = 5,
    version = generation === 4 ? '4.4.19' : '5.8.9',
    certificate,
  }: EmqxServerOptions) {
    this.generation = generation;
    this.version = version;
    this.scheme = certificate === undefined ? 'http' : 'https';
    const listener: RequestListener = (request, response) => {
      this.serve(request, response).catch(() => response.destroy());
    };
    this.server =
      certificate === undefined ? createServer(listener) : createTlsServer({ ...certificate.pem }, listener);
  }

  static async start(t: Cleanup, options: EmqxServerOptions = {}): Promise<EmqxServer> {
    const server = new EmqxServer(options);
    server.server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    t.after(() => server.stop());
    return server;
  }

  get url(): string {
    const address = this.server.address();
    return `${this.scheme}://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/`;
  }

  add(...rows: readonly Row[]): void {
    for (const row of rows) this.clients.set(String(row.clientid), row);
  }

  /** Changes a client in its place. */
  change(id: string, more: Row): void {
    this.clients.set(id, { ...this.clients.get(id), ...more });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    if (this.inHand++ === 0) this.busySince = performance.now();
    const url = new URL(request.url ?? '', this.url);
    const method = request.method ?? '';
    this.requests.push(`${method} ${url.pathname}${url.search}`);
    const fault = this.onRequest(method, url);
    if (fault?.delayMs !== undefined) await delay(fault.delayMs);
    if (fault?.hangUp === true) {
      this.inHand--;
      request.socket.destroy();
      return;
    }
    const reply = fault?.status === undefined ? this.reply(request, url, text) : { status: fault.status };
    const body = fault?.body ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
    response.writeHead(reply.status, {
      ...(body !== '' && { 'content-type': fault?.contentType ?? 'application/json' }),
      ...fault?.headers,
    });
    response.end(body, () => {
      if (--this.inHand === 0) this.answeringMs += performance.now() - this.busySince;
    });
  }

  private reply(request: IncomingMessage, url: URL, text: string): Reply {
    const [, , version, table = '', id, ...rest] = url.pathname.split('/');
    if (version !== `v${this.generation}`) return { status: 404 };
    const method = request.method ?? '';
    const body: Row = text === '' ? {} : JSON.parse(text);
    if (table === 'login' && method === 'POST') return this.logIn(body);
    const refused = this.authorize(request.headers.authorization ?? '', method);
    if (refused !== undefined) return refused;
    const key = id === undefined ? undefined : decodeURIComponent(id);
    const reply =
      this.generation === 4
        ? this.reply4(url, table, key)
        : this.reply5(method, url, [table, key, ...rest], body);
    return reply ?? refusal(404, 'NOT_FOUND', 'Request Path Not Found');
  }

  private logIn({ username, password }: Row): Reply {
    if (this.users.get(String(username)) !== password)
      return refusal(401, 'BAD_USERNAME_OR_PWD', 'Auth failed');
    const token = `token-${++this.logins}`;
    this.tokens.add(token);
    return { status: 200, body: { token, version: this.version, license: { edition: 'opensource' } } };
  }

  private authorize(header: string, method: string): Reply | undefined {
    const [scheme = '', value = ''] = header.split(' ');
    if (scheme === 'Bearer')
      return this.tokens.has(value)
        ? undefined
        : refusal(401, 'TOKEN_TIME_OUT', 'Token expired, get new token by POST /login');
    if (scheme !== 'Basic')
      return refusal(401, 'AUTHORIZATION_HEADER_ERROR', 'Support authorization: basic/bearer ');
    const [name = '', secret] = Buffer.from(value, 'base64').toString().split(':');
    const key = this.keys.get(name);
    if (key === undefined || key.secret !== secret)
      return refusal(401, 'BAD_API_KEY_OR_SECRET', 'Check api_key/api_secret');
    if (key.role === 'viewer' && method !== 'GET')
      return refusal(403, 'UNAUTHORIZED_ROLE', "You don't have permission to access this resource");
    return undefined;
  }

  private reply5(
    method: string,
    url: URL,
    [table, id, ...rest]: (string | undefined)[],
    body: Row,
  ): Reply | undefined {
    if (table === 'nodes')
      return {
        status: 200,
        body: [{ node: 'emqx@10.20.0.1', version: this.version, node_status: 'running' }],
      };
    if (table === 'clients' && id !== undefined) {
      const row = this.clients.get(id);
      return row === undefined
        ? refusal(404, 'CLIENTID_NOT_FOUND', `Client ID ${id} not found`)
        : { status: 200, body: row };
    }
    if (table === 'clients') return this.list(url, [...this.clients.values()]);
    if (table === 'audit') {
      if (!this.auditEnabled) return refusal(400, 'BAD_REQUEST', 'Audit is disabled');
      const since = Date.parse(url.searchParams.get('gte_created_at') ?? '1970-01-01T00:00:00Z');
      return this.list(
        url,
        this.audit.filter(({ created_at: at }) => Date.parse(String(at)) >= since),
      );
    }
    if (table === 'configs' && id !== undefined && id in this.configs)
      return { status: 200, body: this.configs[id] };
    if (table === 'authorization' && rest[0] === 'file' && this.aclFile !== undefined)
      return { status: 200, body: { type: 'file', enable: true, rules: this.aclFile } };
    return this.integration.handle(method, table ?? '', id, body);
  }

  /** The envelope of 4.x: errors come with status 200. */
  private reply4(url: URL, table: string, id: string | undefined): Reply | undefined {
    const ok = (data: unknown, more: Row = {}): Reply => ({ status: 200, body: { code: 0, data, ...more } });
    if (table === 'nodes')
      return ok([{ node: 'emqx@10.20.0.1', version: this.version, node_status: 'Running' }]);
    if (table !== 'clients') return undefined;
    const rows = [...this.clients.values()].map(row4);
    if (id !== undefined) return ok(rows.filter(({ clientid }) => clientid === id));
    const page = Number(url.searchParams.get('_page') ?? 1);
    const limit = Number(url.searchParams.get('_limit') ?? 100);
    if (!(page > 0 && limit > 0)) return { status: 200, body: { code: 108, message: 'bad _page or _limit' } };
    return ok(rows.slice((page - 1) * limit, page * limit), { meta: { page, limit, count: rows.length } });
  }

  private list(url: URL, rows: readonly Row[]): Reply {
    const page = Number(url.searchParams.get('page') ?? 1);
    const limit = Number(url.searchParams.get('limit') ?? 100);
    if (!(page > 0 && limit > 0 && limit <= MAX_LIMIT))
      return refusal(400, 'BAD_REQUEST', 'page_limit_invalid');
    const fields = url.searchParams.get('fields')?.split(',');
    if (fields?.some((name) => UNKNOWN_FIELDS.has(name)) === true)
      return refusal(400, 'BAD_REQUEST', JSON.stringify({ reason: 'unable_to_convert_to_enum_symbol' }));
    const some = rows.slice((page - 1) * limit, page * limit);
    const data =
      fields === undefined
        ? some
        : some.map((row) =>
            Object.fromEntries(fields.filter((name) => name in row).map((name) => [name, row[name]])),
          );
    return {
      status: 200,
      body: { data, meta: { page, limit, count: rows.length, hasnext: page * limit < rows.length } },
    };
  }
}
