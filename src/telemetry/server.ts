import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { reasonOf } from '../core/errors.ts';
import { createServer } from '../net/http.ts';
import type { Metrics } from './metrics.ts';
import type { Status } from './status.ts';

interface TelemetryOptions {
  readonly status: () => Status;
  readonly metrics: Metrics;
  /** Names that a Host header may carry besides IP addresses and localhost; undefined: any (a Unix socket has no rebinding). */
  readonly hosts: readonly string[] | undefined;
  /** Does what a POST to a path asks for; undefined: there is no such thing to do. */
  readonly act?: (path: string) => Promise<object> | undefined;
  /** Answers `/follow` with a stream. @returns why not; undefined: it does */
  readonly follow?: (query: URLSearchParams, response: ServerResponse) => string | undefined;
}

const FOLLOW = '/follow?';

interface Answer {
  readonly code: number;
  readonly type: string;
  readonly body: string;
}

/** Serves `/health/live`, `/health/ready`, `/metrics` and `/status`, and nothing else. */
export function createTelemetryServer(options: TelemetryOptions): Server {
  const { follow } = options;
  const server = createServer((request, response) => {
    if (follow !== undefined && request.method === 'GET' && request.url?.startsWith(FOLLOW) === true) {
      const problem = follow(new URLSearchParams(request.url.slice(FOLLOW.length)), response);
      if (problem !== undefined) send(response, json(503, { error: problem }));
      return;
    }
    answer(options, request).then(
      (result) => send(response, result),
      () => send(response, json(500, { error: 'internal error' })),
    );
  });
  server.requestTimeout = 5000;
  server.headersTimeout = 5000;
  return server;
}

async function answer(
  { status, metrics, hosts, act }: TelemetryOptions,
  request: IncomingMessage,
): Promise<Answer> {
  if (hosts !== undefined && !allowedHost(request.headers.host, hosts)) {
    return json(403, { error: 'this Host header is not allowed; add the name to telemetry.hosts' });
  }
  if (request.method === 'POST' && act !== undefined) return perform(act(request.url ?? ''));
  if (request.method !== 'GET' && request.method !== 'HEAD') return json(405, { error: 'only GET' });
  switch (request.url?.split('?')[0]) {
    case '/health/live':
      return json(200, { live: true });
    case '/health/ready': {
      const { ready, problems } = status();
      return json(ready ? 200 : 503, { ready, problems });
    }
    case '/metrics':
      return { code: 200, type: metrics.registry.contentType, body: await metrics.text() };
    case '/status':
      return json(200, status());
    default:
      return json(404, { error: 'not here; there are /health/live, /health/ready, /metrics and /status' });
  }
}

async function perform(act: Promise<object> | undefined): Promise<Answer> {
  if (act === undefined) return json(404, { error: 'this probe has nothing of that name' });
  try {
    return json(200, await act);
  } catch (error) {
    return json(500, { error: reasonOf(error) });
  }
}

/** A page in a browser may only reach us by a name that its owner cannot point at us (DNS rebinding). */
function allowedHost(header: string | undefined, hosts: readonly string[]): boolean {
  if (header === undefined) return false;
  const name = header.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) !== 0 || name === 'localhost' || hosts.includes(name);
}

function json(code: number, body: object): Answer {
  return { code, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}

function send(response: ServerResponse, { code, type, body }: Answer): void {
  response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
