import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that the stand-in got. */
interface Asked {
  readonly method: string;
  /** With its query. */
  readonly target: string;
  readonly body: unknown;
}

export interface StandInOptions {
  /** What `GET /` answers. */
  readonly root: object;
  /** Requests that it does not know, as `METHOD path` or a part of the body: answered 400. */
  readonly lacks?: readonly RegExp[];
  /** Interfaces that serverless has left out: answered 410. */
  readonly gone?: RegExp;
  /** Names of data streams that are there. */
  readonly streams?: readonly string[];
}

export const ELASTICSEARCH = {
  cluster_name: 'stand-in',
  version: { number: '9.5.3', build_flavor: 'default' },
  tagline: 'You Know, for Search',
};
export const SERVERLESS = {
  ...ELASTICSEARCH,
  version: { number: '8.11.0', build_flavor: 'serverless' },
};
export const OPENSEARCH = {
  cluster_name: 'stand-in',
  version: { distribution: 'opensearch', number: '3.8.0' },
  tagline: 'The OpenSearch Project: https://opensearch.org/',
};

/** What one of them knows and the other does not. */
const FOREIGN = {
  elasticsearch: /_plugins/,
  opensearch:
    /_ilm|data_stream_options|data_retention|"mode"|ignore_missing_(component|pipeline)|\/_data_stream/,
};

/**
 * What of a search server the setup command talks to, for what the real servers of the tests do not have (ILM, ISM,
 * serverless, lifecycles of existing streams) or do not do on demand. Answers have the documented form, with defaults
 * added as the servers add them.
 */
export class SearchStandIn {
  readonly asked: Asked[] = [];
  /** Statuses that come instead of the next answers, by `METHOD path`. */
  readonly faults = new Map<string, number[]>();
  url = '';
  private readonly stored = new Map<string, object>();
  private readonly options: StandInOptions;
  private readonly server: Server;
  private changes = 0;

  private constructor(options: StandInOptions) {
    this.options = options;
    this.server = createServer(async (request, response) => {
      const [status, body] = await this.answer(request);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  }

  static async start(options: StandInOptions): Promise<SearchStandIn> {
    const made = new SearchStandIn(options);
    await new Promise<void>((resolve) => made.server.listen(0, '127.0.0.1', resolve));
    made.url = `http://127.0.0.1:${(made.server.address() as AddressInfo).port}`;
    return made;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Requests that changed something since the last look, without those that only ask. */
  changed(): Asked[] {
    const all = this.asked.splice(0);
    return all.filter(({ method, target }) => method !== 'GET' && !/_simulate|_render/.test(target));
  }

  private async answer(request: IncomingMessage): Promise<[number, object]> {
    const text = (await request.toArray()).join('');
    const { method = '', url: target = '' } = request;
    this.asked.push({ method, target, body: text === '' ? undefined : JSON.parse(text) });
    const [path = ''] = target.split('?');
    const fault = this.faults.get(`${method} ${path}`)?.shift();
    if (fault !== undefined) return [fault, refusal(`told to answer ${fault}`)];
    const { root, lacks = [], gone, streams = [] } = this.options;
    if (gone?.test(path)) return [410, refusal('not available when running in serverless mode')];
    const foreign = FOREIGN[root === OPENSEARCH ? 'opensearch' : 'elasticsearch'];
    if ([foreign, ...lacks].some((what) => what.test(`${method} ${path} ${text}`)))
      return [400, refusal('no handler found')];
    if (path === '/') return [200, root];
    if (path.startsWith('/_resolve/index/')) {
      const fits = new RegExp(
        `^${decodeURIComponent(path.slice(16)).replaceAll('.', '\\.').replace('*', '.*')}$`,
      );
      return [200, { data_streams: streams.filter((name) => fits.test(name)).map((name) => ({ name })) }];
    }
    if (path === '/_security/api_key') return [200, { id: 'a', encoded: 'YTpi' }];
    if (/_simulate|_render|_rollover|_data_stream/.test(path)) return [200, {}];
    return this.store(method, path, text);
  }

  private store(method: string, path: string, text: string): [number, object] {
    const name = decodeURIComponent(path.split('/').at(-1) ?? '');
    const found = this.stored.get(path);
    if (method === 'PUT') {
      this.stored.set(path, JSON.parse(text));
      this.changes++;
      return [200, { acknowledged: true }];
    }
    if (/policy$|policies$|ecs@mappings$/.test(path)) return [200, {}];
    if (found === undefined) return [404, refusal(`${name} not found`)];
    if (method === 'DELETE') {
      this.stored.delete(path);
      return [200, { acknowledged: true }];
    }
    if (path.startsWith('/_component_template/'))
      return [
        200,
        { component_templates: [{ name, component_template: { ...found, created_date_millis: 1 } }] },
      ];
    if (path.startsWith('/_index_template/'))
      return [200, { index_templates: [{ name, index_template: { ...found, allow_auto_create: true } }] }];
    if (path.startsWith('/_plugins/_ism/'))
      return [200, { _id: name, _seq_no: this.changes, _primary_term: 1, policy: withRetries(found) }];
    return [
      200,
      path.startsWith('/_scripts/') ? { _id: name, ...found } : { [name]: { version: 1, ...found } },
    ];
  }
}

function refusal(reason: string): object {
  return { error: { type: 'x', reason } };
}

/** ISM fills in how often each action is tried. */
function withRetries(body: object): object {
  const { policy } = JSON.parse(JSON.stringify(body));
  for (const { actions } of policy.states)
    for (const action of actions) action.retry = { count: 3, backoff: 'exponential', delay: '1m' };
  return { ...policy, policy_id: 'x', schema_version: 21, error_notification: null };
}
