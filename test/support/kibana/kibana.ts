import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface KibanaOptions {
  readonly version?: string;
  readonly license?: 'basic' | 'trial' | 'platinum';
  /** Certificate and key in PEM form: speaks TLS. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}
interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly file: string | undefined;
}
type Json = Record<string, unknown>;

const PASSWORD = 'changeme';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[14][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Types whose absence an import finds. */
const CHECKED = ['index-pattern', 'search'];
const IMPORTABLE = [...CHECKED, 'dashboard', 'tag', 'ml-module'];
const CREATE = [
  'name',
  'tags',
  'rule_type_id',
  'consumer',
  'enabled',
  'schedule',
  'params',
  'actions',
  'artifacts',
];
const UPDATE = ['name', 'tags', 'schedule', 'params', 'actions', 'artifacts'];

const ok = (body: unknown = {}): Answer => ({ status: 200, body });
const no = (status: number, message: string, more: Json = {}): Answer => ({
  status,
  body: { statusCode: status, error: String(status), message, ...more },
});

/**
 * Behaves as Kibana does towards `setup kibana`, by what its source and documentation say: the headers it insists on, what
 * it refuses, what it answers to what is there already. The one user is `elastic` with the password `changeme`.
 */
export class Kibana {
  readonly objects = new Map<string, Json>();
  readonly rules = new Map<string, Json>();
  readonly jobs = new Map<string, Json>();
  readonly datafeeds = new Map<string, { config: Json; state: 'started' | 'stopped' }>();
  readonly calendars = new Map<string, Json>();
  readonly transforms = new Map<string, { config: Json; state: 'started' | 'stopped' }>();
  /** Method and path of every request. */
  readonly calls: string[] = [];
  /** Answers once with a status in place of its own, for a path that begins so. */
  readonly faults: { readonly path: string; readonly status: number; readonly message?: string }[] = [];
  url = '';
  private readonly options: Required<Pick<KibanaOptions, 'version' | 'license'>> & KibanaOptions;
  private readonly server: Server;

  private constructor(options: KibanaOptions) {
    this.options = { version: '9.1.4', license: 'platinum', ...options };
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      void this.handle(request, response);
    this.server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  }

  static async start(options: KibanaOptions = {}): Promise<Kibana> {
    const kibana = new Kibana(options);
    await new Promise<void>((resolve) => kibana.server.listen(0, '127.0.0.1', resolve));
    const { port } = kibana.server.address() as AddressInfo;
    kibana.url = `${options.tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}`;
    return kibana;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Requests that change something. */
  get changes(): string[] {
    return this.calls.filter((call) => !call.startsWith('GET ') && !call.endsWith('/_export'));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://kibana');
    const path = url.pathname.replace(/^\/s\/[^/]+/, '');
    const raw = await text(request);
    this.calls.push(`${request.method} ${url.pathname}`);
    const file = /\r\n\r\n([\s\S]*)\r\n--/.exec(raw)?.[1];
    const body = file === undefined && raw !== '' ? JSON.parse(raw) : undefined;
    const call: Call = { method: request.method ?? '', path, query: url.searchParams, body, file };
    const answer = this.refusal(request, call) ?? this.answer(call);
    const isLines = answer.body instanceof Lines;
    response.writeHead(answer.status, {
      'content-type': isLines ? 'application/ndjson' : 'application/json',
    });
    response.end(isLines ? (answer.body as Lines).text : JSON.stringify(answer.body));
  }

  private refusal({ headers }: IncomingMessage, { method, path }: Call): Answer | undefined {
    const fault = this.faults.findIndex((one) => path.startsWith(one.path));
    if (fault >= 0) {
      const [{ status, message = 'told to fail' }] = this.faults.splice(fault, 1) as [
        Kibana['faults'][number],
      ];
      return no(status, message);
    }
    if (headers.authorization !== `Basic ${Buffer.from(`elastic:${PASSWORD}`).toString('base64')}`)
      return no(401, 'unauthorized');
    if (method !== 'GET' && headers['kbn-xsrf'] === undefined)
      return no(400, 'Request must contain a kbn-xsrf header.');
    if (!path.startsWith('/internal/')) return undefined;
    if (headers['x-elastic-internal-origin'] === undefined)
      return no(
        400,
        `uri [${path}] with method [${method}] exists but is not available with the current configuration`,
      );
    return headers['elastic-api-version'] === '1'
      ? undefined
      : no(400, 'Please specify a version via elastic-api-version header.');
  }

  private answer(call: Call): Answer {
    const { method, path } = call;
    const [, root, area, ...rest] = path.split('/');
    if (path === '/api/status')
      return ok({ name: 'kibana', version: { number: this.options.version, build_flavor: 'traditional' } });
    if (path === '/api/licensing/info') {
      const isAvailable = this.options.license !== 'basic';
      return ok({
        license: { type: this.options.license },
        features: { ml: { isAvailable, isEnabled: true } },
      });
    }
    if (area === 'saved_objects') return this.savedObjects(call);
    if (root === 'api' && area === 'alerting') return this.rule(call, rest[1] ?? '');
    if (area === 'transform') return this.transform(call, rest);
    if (area === 'ml') {
      if (this.options.license === 'basic') return no(403, 'Your license does not support Machine Learning.');
      return rest[0] === 'calendars' ? this.calendar(call, rest[1]) : this.machineLearning(call, rest);
    }
    return no(404, `Not Found: ${method} ${path}`);
  }

  private savedObjects({ path, query, body, file }: Call): Answer {
    switch (path) {
      case '/api/saved_objects/_import': {
        if (file === undefined) return no(400, '[request body.file]: expected value of type [Stream]');
        const given = file
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line));
        const here = (type: string, id: string): boolean =>
          this.objects.has(`${type}:${id}`) || given.some((one) => one.type === type && one.id === id);
        const errors: Json[] = [];
        for (const { type, id, references } of given) {
          if (!IMPORTABLE.includes(type)) errors.push({ type, id, error: { type: 'unsupported_type' } });
          const missing = references.filter(
            (one: Json) => CHECKED.includes(String(one.type)) && !here(String(one.type), String(one.id)),
          );
          if (missing.length > 0)
            errors.push({ type, id, error: { type: 'missing_references', references: missing } });
          if (query.get('overwrite') !== 'true' && this.objects.has(`${type}:${id}`))
            errors.push({ type, id, error: { type: 'conflict' } });
        }
        if (errors.length > 0) return ok({ success: false, successCount: 0, errors });
        for (const one of given)
          this.objects.set(`${one.type}:${one.id}`, { ...one, managed: false, version: 'WzEsMV0=' });
        return ok({ success: true, successCount: given.length });
      }
      case '/api/saved_objects/_export': {
        const { objects } = body as { objects: { type: string; id: string }[] };
        const missing = objects.filter(({ type, id }) => !this.objects.has(`${type}:${id}`));
        if (missing.length > 0)
          return no(400, 'Error fetching objects to export', { attributes: { objects: missing } });
        return ok(
          new Lines(
            objects.map(({ type, id }) => JSON.stringify(this.objects.get(`${type}:${id}`))).join('\n'),
          ),
        );
      }
      case '/api/saved_objects/_bulk_delete': {
        for (const { type, id } of body as { type: string; id: string }[])
          this.objects.delete(`${type}:${id}`);
        return ok({ statuses: [] });
      }
      default:
        return no(404, 'Not Found');
    }
  }

  private rule({ method, body }: Call, id: string): Answer {
    const there = this.rules.get(id);
    const given = (body ?? {}) as Json;
    const [major = 0, minor = 0] = this.options.version.split('.').map(Number);
    const knowsArtifacts = major > 9 || (major === 9 && minor >= 1) || (major === 8 && minor >= 19);
    const unknown = Object.keys(given).find(
      (key) =>
        !(method === 'POST' ? CREATE : UPDATE).includes(key) || (key === 'artifacts' && !knowsArtifacts),
    );
    if (unknown !== undefined)
      return no(400, `[request body.${unknown}]: definition for this key is missing`);
    if ((given.actions as Json[] | undefined)?.some((action) => 'connector_type_id' in action))
      return no(400, '[request body.actions.0.connector_type_id]: definition for this key is missing');
    switch (method) {
      case 'POST':
        if (there !== undefined) return no(409, `Saved object [alert/${id}] conflict`);
        if (!UUID.test(id))
          return no(
            400,
            'Predefined IDs are not allowed for saved objects with encrypted attributes unless the ID is a UUID.',
          );
        this.rules.set(id, {
          id,
          ...given,
          revision: 0,
          params: { ...(given.params as Json), sourceFields: [] },
        });
        return ok(this.rules.get(id));
      case 'PUT':
        if (there === undefined) return no(404, 'Not found');
        this.rules.set(id, { ...there, ...given, revision: Number(there.revision) + 1 });
        return ok(this.rules.get(id));
      case 'DELETE':
        return this.rules.delete(id) ? { status: 204, body: undefined } : no(404, 'Not found');
      default:
        return there === undefined ? no(404, `Saved object [alert/${id}] not found`) : ok(there);
    }
  }

  private transform({ method, body }: Call, [what = '', id = '', stats]: readonly string[]): Answer {
    const there = this.transforms.get(id);
    if (what === 'start_transforms') {
      const results = (body as { id: string }[]).map((one) => {
        const found = this.transforms.get(one.id);
        if (found) found.state = 'started';
        return [one.id, { success: found !== undefined }];
      });
      return ok(Object.fromEntries(results));
    }
    if (what === 'delete_transforms') {
      for (const one of (body as { transformsInfo: { id: string }[] }).transformsInfo)
        this.transforms.delete(one.id);
      return ok({});
    }
    if (method === 'PUT') {
      this.transforms.set(id, { config: body as Json, state: 'stopped' });
      return ok({ transformsCreated: [{ transform: id }], errors: [] });
    }
    if (there === undefined) return no(404, 'Transform not found');
    return ok({
      count: 1,
      transforms: [stats === '_stats' ? { id, state: there.state } : { id, ...there.config }],
    });
  }

  private calendar({ method, body }: Call, id: string | undefined): Answer {
    const given = body as Json;
    if (method === 'PUT') {
      const key = id ?? String(given.calendarId);
      if (id === undefined && this.calendars.has(key)) return no(400, 'status_exception: calendar exists');
      const { calendarId: _, ...calendar } = given;
      this.calendars.set(key, { ...calendar, calendar_id: key });
      return ok({ calendar_id: key });
    }
    if (id === undefined || !this.calendars.has(id)) return no(404, `No calendar with id [${id}]`);
    if (method === 'GET') return ok(this.calendars.get(id));
    this.calendars.delete(id);
    return ok({ acknowledged: true });
  }

  private machineLearning({ path, body }: Call, [area, what, id]: readonly string[]): Answer {
    const module = this.objects.get(`ml-module:${id}`) as
      | { attributes: { jobs: { id: string; config: Json }[]; datafeeds: { id: string; config: Json }[] } }
      | undefined;
    if (area === 'datafeeds' && what === '_stats') {
      const datafeeds = [...this.datafeeds].map(([datafeed_id, { state }]) => ({ datafeed_id, state }));
      return ok({ count: datafeeds.length, datafeeds });
    }
    if (area === 'modules') {
      if (module === undefined) return no(404, `Module with the id "${id}" not found`);
      const { jobs, datafeeds } = module.attributes;
      if (what === 'jobs_exist') return ok({ jobsExist: jobs.every((job) => this.jobs.has(job.id)) });
      const exists = {
        success: false,
        error: { error: { type: 'resource_already_exists_exception', reason: 'exists' }, status: 400 },
      };
      const made = jobs.map((job) => {
        if (this.jobs.has(job.id)) return { id: job.id, ...exists };
        this.jobs.set(job.id, job.config);
        return { id: job.id, success: true };
      });
      const started = (body as { startDatafeed: boolean }).startDatafeed;
      const fed = datafeeds.map((feed) => {
        if (this.datafeeds.has(feed.id)) return { id: feed.id, ...exists, started: false };
        this.datafeeds.set(feed.id, { config: feed.config, state: started ? 'started' : 'stopped' });
        return { id: feed.id, success: true, started };
      });
      return ok({ jobs: made, datafeeds: fed, kibana: {} });
    }
    const { datafeedIds = [], jobIds = [] } = body as { datafeedIds?: string[]; jobIds?: string[] };
    if (what === 'force_start_datafeeds' || what === 'stop_datafeeds') {
      const state = what === 'stop_datafeeds' ? 'stopped' : 'started';
      const results = datafeedIds.map((one) => {
        const feed = this.datafeeds.get(one);
        if (feed) feed.state = state;
        return [one, { [state]: feed !== undefined }];
      });
      return ok(Object.fromEntries(results));
    }
    if (what === 'delete_jobs') {
      for (const job of jobIds) {
        this.jobs.delete(job);
        this.datafeeds.delete(`datafeed-${job}`);
      }
      return ok(Object.fromEntries(jobIds.map((job) => [job, { deleted: true }])));
    }
    return no(404, `Not Found: ${path}`);
  }
}

/** A body of several JSON objects, one a line. */
class Lines {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
