import { BlockedError } from '../../core/errors.ts';
import { Cluster } from '../../outputs/elasticsearch/cluster.ts';
import { proxyFor } from '../../outputs/elasticsearch/proxy.ts';
import { at } from '../answer.ts';
import { Refused, type Reply, type Request, type Server } from '../asset.ts';
import { patiently } from '../patience.ts';
import type { Connection } from '../target.ts';

const TIMEOUT_MS = 30_000;

/** Elasticsearch or OpenSearch, reached as the elasticsearch output reaches it. */
export class SearchServer implements Server {
  readonly place: string;
  private readonly cluster: Cluster;

  constructor({ urls, proxy, ...connection }: Connection) {
    const nodes = urls.length === 0 ? undefined : urls;
    this.cluster = new Cluster({
      ...connection,
      nodes,
      proxy: proxy ?? proxyFor(nodes, process.env),
      gzip: false,
      timeoutMs: TIMEOUT_MS,
    });
    this.place = this.cluster.place;
  }

  send({ method, path, body }: Request, signal: AbortSignal): Promise<Reply> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    return patiently(async () => {
      const answer = await this.cluster.request(method, path, {}, signal, content);
      const { status } = answer;
      if (status === 401) {
        throw new BlockedError(
          `${this.place} refuses the credentials (401): write --user and --password-file, or --api-key-file, of an account that may install templates`,
        );
      }
      if (status === 403) {
        throw new BlockedError(
          `${this.place} refuses ${method} ${path} (403): the account needs the cluster privilege manage ` +
            '(with --create-api-key also manage_api_key), and manage on logs-mqtt.* and metrics-mqtt.*',
        );
      }
      if (status === 429 || status >= 500) throw this.cluster.problem(`${method} ${path}`, answer);
      return { status, body: read(answer.body) };
    }, signal);
  }

  close(): Promise<void> {
    return this.cluster.close();
  }
}

/** @throws Refused with the server's words when it has refused a request; `advice` says what to do then */
export function accepted(reply: Reply, what: string, advice = ''): void {
  if (reply.status < 300) return;
  const words = `${what}: ${reply.status} ${reasonIn(reply)}`;
  throw new Refused(advice === '' ? words : `${words}; ${advice}`);
}

/** The reason that a server gives for a refusal; of nested ones the innermost too. */
export function reasonIn({ body }: Reply): string {
  const error = at(body, 'error');
  if (typeof error === 'string') return error;
  const words: string[] = [];
  for (let level: unknown = error; level !== undefined; level = at(level, 'caused_by')) {
    const reason = at(level, 'reason');
    if (typeof reason === 'string' && !words.includes(reason)) words.push(reason);
  }
  return words.join(': ') || 'without a reason';
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
