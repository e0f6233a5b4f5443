import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { numbersOf } from './batch.ts';
import { Listener } from './listener.ts';

/** A request as a receiver gets it. */
interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders;
  /** What the default codec of Logstash's http input makes of the body: an array is split, an empty body is nothing. */
  readonly events: readonly Record<string, unknown>[];
  readonly bytes: number;
  /** Answers; the events count as taken with a status of 200. */
  answer(status?: number, headers?: Readonly<Record<string, string>>): void;
}

/** A receiver of events by HTTP, as Logstash's http input is one: 200 when it has taken all events of a request. */
export class HttpReceiver extends Listener {
  readonly requests: ReceivedRequest[] = [];
  readonly taken: Record<string, unknown>[] = [];
  /** Also called for the empty requests that ask whether somebody is there. */
  onRequest: (request: ReceivedRequest) => void = (request) => request.answer();

  private constructor(tls: TlsOptions | undefined) {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    super(server, tls, () => {});
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.received(request.headers, Buffer.concat(chunks), response));
      request.on('error', () => {});
    });
  }

  static start(port = 0, tls?: TlsOptions): Promise<HttpReceiver> {
    return new HttpReceiver(tls).listen(port);
  }

  /** Numbers of the events that were taken. */
  get numbers(): number[] {
    return numbersOf(this.taken);
  }

  /** Requests that hold events. */
  get posts(): ReceivedRequest[] {
    return this.requests.filter(({ events }) => events.length > 0);
  }

  private received(headers: IncomingHttpHeaders, body: Buffer, response: ServerResponse): void {
    const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const value: unknown = plain.length === 0 ? [] : JSON.parse(plain.toString());
    const events = (Array.isArray(value) ? value : [value]) as Record<string, unknown>[];
    const request: ReceivedRequest = {
      headers,
      events,
      bytes: body.length,
      answer: (status = 200, more = {}) => {
        if (status === 200) this.taken.push(...events);
        response.writeHead(status, more).end(status === 200 ? 'ok' : '');
      },
    };
    this.requests.push(request);
    this.onRequest(request);
  }
}
