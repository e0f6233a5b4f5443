import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** One action of a bulk request with its document. */
export interface BulkItem {
  readonly index: string;
  /** Undefined: the server would make one. */
  readonly id: string | undefined;
  readonly source: { readonly event: { readonly id: string }; readonly message: string };
}

/** What becomes of an item instead of being stored. */
export interface Refusal {
  readonly status: number;
  readonly type?: string;
  readonly reason?: string;
  readonly failure_store?: string;
}

/** What becomes of a whole bulk request. */
export type Reaction =
  /** Answered in the usual way. */
  | undefined
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  /** The connection is cut: before anything was stored, or after everything was. */
  | 'cut-before'
  | 'cut-after'
  /** Stored, and never answered. */
  | 'silent';

const ROOTS = {
  elasticsearch: {
    cluster_name: 'hostile',
    version: { number: '9.5.3', build_flavor: 'default' },
    tagline: 'You Know, for Search',
  },
  serverless: {
    cluster_name: 'hostile',
    version: { number: '8.11.0', build_flavor: 'serverless' },
    tagline: 'You Know, for Search',
  },
  opensearch: { cluster_name: 'hostile', version: { number: '3.8.0', distribution: 'opensearch' } },
};

/** A search server that does what a test tells it, and stores what it takes. Strict about the form of requests. */
export class BulkServer {
  url = '';
  flavor: keyof typeof ROOTS = 'elasticsearch';
  /** What is answered to a bulk request, by its number from 0. */
  react: (number: number, items: readonly BulkItem[]) => Reaction = () => undefined;
  /** What becomes of an item, by how often it has come; undefined: it is stored. */
  judge: (item: BulkItem, times: number) => Refusal | undefined = () => undefined;
  /** What is answered to anything but a bulk request; undefined: as usual. */
  answer: (path: string) => { status: number; body: string; type?: string } | undefined = () => undefined;
  /** Largest request, in bytes. */
  maxBytes = Number.POSITIVE_INFINITY;
  /** By index and id. */
  readonly stored = new Map<string, BulkItem>();
  /** Items that came without an id. */
  readonly withoutId: BulkItem[] = [];
  readonly requests: {
    readonly items: number;
    readonly headers: IncomingMessage['headers'];
    readonly query: string;
  }[] = [];
  private readonly times = new Map<string, number>();
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((request, response) => {
    this.serve(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });

  static async start(): Promise<BulkServer> {
    const bulk = new BulkServer();
    bulk.server.on('connection', (socket) => {
      bulk.sockets.add(socket);
      socket.on('close', () => bulk.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => bulk.server.listen(0, '127.0.0.1', resolve));
    bulk.url = `http://127.0.0.1:${(bulk.server.address() as AddressInfo).port}`;
    return bulk;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  /** Texts of stored log lines. */
  get messages(): string[] {
    return [...this.stored.values()]
      .map(({ source }) => source.message)
      .filter((text) => text.startsWith('line '));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await buffer(request);
    const [path = '', query = ''] = (request.url ?? '').split('?');
    if (path !== '/_bulk') return this.look(path, response);
    if (raw.length > this.maxBytes) return void response.writeHead(413).end();
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const items = itemsOf(body.toString());
    const reaction = this.react(this.requests.length, items);
    this.requests.push({ items: items.length, headers: request.headers, query });
    if (reaction === 'cut-before') return void request.socket.destroy();
    if (typeof reaction === 'object') {
      const headers = { 'content-type': 'application/json', ...reaction.headers };
      return void response.writeHead(reaction.status, headers).end(reaction.body ?? '');
    }
    const results = items.map((item) => this.take(item));
    if (reaction === 'cut-after') return void request.socket.destroy();
    if (reaction === 'silent') return;
    const errors = results.some(({ error }) => error !== undefined);
    json(response, { errors, items: results.map((result) => ({ create: result })) });
  }

  private take(item: BulkItem): { status: number; error?: object; failure_store?: string } {
    const key = `${item.index} ${item.id ?? item.source.event.id}`;
    const times = this.times.get(key) ?? 0;
    this.times.set(key, times + 1);
    const refusal = this.judge(item, times);
    if (refusal !== undefined) {
      const { status, type = 'some_exception', reason = 'for a reason', failure_store } = refusal;
      return {
        status,
        ...(status >= 300 && { error: { type, reason } }),
        ...(failure_store !== undefined && { failure_store }),
      };
    }
    if (item.id === undefined) {
      this.withoutId.push(item);
      return { status: 201 };
    }
    if (this.stored.has(key)) {
      const type = 'version_conflict_engine_exception';
      return {
        status: 409,
        error: { type, reason: `[${item.id}]: version conflict, document already exists` },
      };
    }
    this.stored.set(key, item);
    return { status: 201 };
  }

  private look(path: string, response: ServerResponse): void {
    const answer = this.answer(path);
    if (answer !== undefined) {
      response
        .writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' })
        .end(answer.body);
    } else if (path === '/') {
      json(response, ROOTS[this.flavor]);
    } else if (path.startsWith('/_resolve/index/')) {
      json(response, {
        indices: [],
        aliases: [],
        data_streams: [{ name: decodeURIComponent(path.slice(16)) }],
      });
    } else {
      response.writeHead(404).end('{}');
    }
  }
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body));
}

/** @throws when the body is not what the bulk API takes */
function itemsOf(body: string): BulkItem[] {
  if (!body.endsWith('\n')) throw new Error('the body must end with a newline');
  const lines = body.slice(0, -1).split('\n');
  if (lines.length % 2 !== 0) throw new Error('an action without a document');
  return Array.from({ length: lines.length / 2 }, (_, i): BulkItem => {
    const { create } = JSON.parse(lines[2 * i] ?? '');
    const source = JSON.parse(lines[2 * i + 1] ?? '');
    if (typeof create?._index !== 'string') throw new Error(`no create action: ${lines[2 * i]}`);
    if (create._id !== undefined && create._id !== source.event.id)
      throw new Error('not the id of the event');
    return { index: create._index, id: create._id, source };
  });
}
