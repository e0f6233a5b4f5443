import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { Input, InputHost } from '../../core/input.ts';
import type { Journal } from '../../core/source.ts';
import { createServer } from '../../net/http.ts';
import { followFiles, guard, type ListenerTls, listenerTlsOptions, listenOn } from '../../net/listening.ts';
import { Reports } from '../reports.ts';
import { Bodies, recordsOf } from './body.ts';
import type { HttpInputConfig } from './config.ts';
import { Credentials } from './credentials.ts';
import { answer, Refusal, refuse, refuseBroken } from './refusal.ts';
import { Resends } from './resends.ts';

export { check } from './check.ts';

const MAX_CONNECTIONS = 1000;
const MAX_HEADERS_MS = 10_000;
const CHECK_MS = 500;
/** Longer than senders keep an idle connection (ehttpc of EMQX, proxies): they close first, and no request meets a close. */
const KEEP_ALIVE_MS = 120_000;
/** Time at a stop for requests that are being answered. */
const STOP_MS = 1000;

/** Web hooks: takes events as JSON bodies, and answers 200 when they are as safe as a synced spool makes them. */
class HttpInput implements Input {
  private readonly config: HttpInputConfig;
  private readonly host: InputHost;
  private readonly journal: Journal;
  private readonly bodies: Bodies;
  private readonly resends: Resends;
  private readonly reports: Reports;
  private readonly answering = new Set<Promise<void>>();
  private credentials: Credentials | undefined;
  private server: Server | undefined;
  private room: Promise<void> | undefined;
  private readonly stopping = new AbortController();

  constructor(config: HttpInputConfig, host: InputHost) {
    this.config = config;
    this.host = host;
    this.journal = host.journal();
    this.resends = new Resends(this.journal);
    this.bodies = new Bodies(config.limit);
    this.reports = new Reports(host.log, host.name);
  }

  async start(): Promise<void> {
    const { auth, allow, tls, timeout, listen } = this.config;
    if (auth !== undefined && auth !== 'none') this.credentials = new Credentials(auth);
    const options = {
      requestTimeout: timeout,
      headersTimeout: Math.min(timeout, MAX_HEADERS_MS),
      connectionsCheckingInterval: Math.min(timeout, CHECK_MS),
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    const server = tls === undefined ? createServer(options) : this.secure(tls, options);
    this.server = server;
    guard(server, allow, MAX_CONNECTIONS, this.reports.warn);
    server.on('clientError', refuseBroken);
    server.on('request', (request, response) => this.handle(request, response, false));
    server.on('checkContinue', (request, response) => this.handle(request, response, true));
    await this.resends.recall();
    await listenOn(server, listen);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    const { server } = this;
    if (server === undefined) return;
    server.close();
    server.closeIdleConnections();
    await Promise.race([Promise.all(this.answering), delay(STOP_MS, undefined, { ref: false })]);
    server.closeAllConnections();
  }

  problems(): readonly string[] {
    return this.server?.listening === true ? [] : ['does not listen'];
  }

  private secure(tls: ListenerTls, options: ServerOptions): Server {
    const server = createTlsServer({ ...options, ...listenerTlsOptions(tls) });
    followFiles(server, tls, (sentence) => this.reports.warn('certificate', sentence));
    return server;
  }

  /** @param waits the sender waits for a word before it sends the body (RFC 9110 §10.1.1) */
  private handle(request: IncomingMessage, response: ServerResponse, waits: boolean): void {
    const done = this.take(request, response, waits)
      .catch((error: unknown) => {
        // Anything else: the connection has ended.
        if (error instanceof Refusal) this.refuse(request, response, error);
        else request.socket.destroy();
      })
      .finally(() => this.answering.delete(done));
    this.answering.add(done);
  }

  private async take(request: IncomingMessage, response: ServerResponse, waits: boolean): Promise<void> {
    this.check(request);
    this.bodies.announced(request);
    if (waits) response.writeContinue();
    await this.bodies.whole(request, async (body) => {
      const records = recordsOf(body, Date.now(), this.host.admit);
      if (records.length > 0) {
        const kept = this.resends.admit(records);
        if (kept === undefined) throw this.full();
        response.once('close', () => {
          // A sender that has closed its side reads no answer.
          const isAnswered = response.writableFinished && !request.socket.readableEnded;
          if (!isAnswered) this.resends.unanswered(records, kept);
        });
        await kept;
      }
      answer(response, 200, { taken: records.length });
    });
  }

  /** @throws Refusal */
  private check({ headers, method, url = '' }: IncomingMessage): void {
    // EMQX sends again what was answered with 429 or 503, and nothing else (emqx_bridge_http_connector.erl of 5.x).
    if (this.stopping.signal.aborted)
      throw new Refusal(503, 'the probe stops; send again later', { connection: 'close' });
    const { credentials, config } = this;
    if (credentials?.accepts(headers.authorization) === false)
      throw new Refusal(401, 'the credentials are missing or wrong', {
        'www-authenticate': credentials.challenge,
      });
    if (url.split('?', 1)[0] !== config.path) throw new Refusal(404, 'nothing takes events at this path');
    if (method !== 'POST' && method !== 'PUT')
      throw new Refusal(405, 'send events with POST', { allow: 'POST, PUT' });
  }

  private full(): Refusal {
    if (this.stopping.signal.aborted)
      return new Refusal(503, 'the probe stops; send again later', { connection: 'close' });
    // The journal is full until somebody has waited for room in it.
    this.room ??= this.journal
      .room(this.stopping.signal)
      .catch(() => {})
      .finally(() => {
        this.room = undefined;
      });
    return new Refusal(429, 'the spool is full; send again later', { 'retry-after': '1' });
  }

  private refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
    const { status, message } = refusal;
    this.reports.warn(
      String(status),
      `a request from ${request.socket.remoteAddress} was refused: ${status}, ${message}`,
    );
    refuse(request, response, refusal);
  }
}

export function create(config: HttpInputConfig, host: InputHost): Input {
  return new HttpInput(config, host);
}
