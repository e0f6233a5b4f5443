import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { RetryableError } from '../../core/errors.ts';
import type { Batch, Output, Receipt } from '../../core/output.ts';
import { connectionProblem, Reconnecting } from '../../net/reconnecting.ts';
import { type TlsOptions, tlsOptions } from '../../net/tls.ts';
import { LogstashConnection } from './connection.ts';

/** One Logstash in the list. */
export interface Host {
  readonly host: string;
  readonly port: number;
}

export interface TcpOutputOptions {
  /** In order of preference. */
  readonly hosts: readonly Host[];
  readonly tls: TlsOptions | undefined;
  readonly confirmAfterMs: number;
  /** How long after a fail-over the hosts before the one in use are tried again. */
  readonly returnAfterMs?: number;
  readonly reconnectMinMs?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 30_000;
const STABLE_MS = 2000;
const RETURN_AFTER_MS = 30_000;
const KEEP_ALIVE_MS = 15_000;

/**
 * Logstash's tcp input with the json_lines codec. It acknowledges nothing: see `Confirmation` for when events count as
 * delivered. With several hosts the first that answers is used; after a fail-over the better ones are tried again.
 */
export class LogstashTcpOutput implements Output {
  private readonly options: TcpOutputOptions;
  private readonly reconnecting: Reconnecting;
  private connection: LogstashConnection | undefined;
  private next = 0;
  private current = 0;
  private started = false;
  private problem = 'not connected yet';
  /** One for each host that has failed since the last connection. */
  private failures: string[] = [];
  private returning: NodeJS.Timeout | undefined;
  private readonly waiting = new Set<{ resolve: () => void; reject: (error: Error) => void }>();

  constructor(options: TcpOutputOptions) {
    this.options = options;
    this.reconnecting = new Reconnecting({
      create: () => {
        this.current = this.next;
        this.next = (this.next + 1) % options.hosts.length;
        return this.open(this.current);
      },
      onOpen: (socket) => this.opened(socket),
      onClose: (error) => this.closed(error),
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      minDelayMs: options.reconnectMinMs ?? RECONNECT_MIN_MS,
      maxDelayMs: RECONNECT_MAX_MS,
      stableMs: STABLE_MS,
    });
  }

  /** Resolves when a connection stands; rejects when every host has failed, while the attempts go on. */
  async check(signal: AbortSignal): Promise<void> {
    if (this.connection?.isUp === true) return;
    if (!this.started) {
      this.started = true;
      this.reconnecting.start();
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry = { resolve, reject };
    const abort = (): void => reject(new RetryableError(this.problem));
    this.waiting.add(entry);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      this.waiting.delete(entry);
      signal.removeEventListener('abort', abort);
    }
  }

  write(batch: Batch): Promise<Receipt> {
    if (this.connection === undefined)
      return Promise.reject(new RetryableError(this.problem, { retryAfterMs: 0 }));
    return this.connection.write(batch);
  }

  async close(timeoutMs: number): Promise<void> {
    clearTimeout(this.returning);
    const { connection } = this;
    this.connection = undefined;
    await connection?.end(timeoutMs);
    this.reconnecting.stop();
  }

  describe(): string {
    const state = this.connection === undefined ? `not connected: ${this.problem}` : 'connected';
    return `${this.place(this.current)} ${state}`;
  }

  private open(index: number): { socket: Socket; connected: 'connect' | 'secureConnect' } {
    const { host, port } = this.host(index);
    const { tls } = this.options;
    const socket =
      tls === undefined ? connect({ host, port }) : connectTls({ host, port, ...tlsOptions(tls, host) });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    return { socket, connected: tls === undefined ? 'connect' : 'secureConnect' };
  }

  private opened(socket: Socket): void {
    this.connection = new LogstashConnection(socket, this.place(this.current), this.options.confirmAfterMs);
    this.failures = [];
    for (const { resolve } of this.waiting) resolve();
    this.waiting.clear();
    if (this.current > 0) this.tryBetterHosts();
  }

  private closed(error: Error | undefined): void {
    const problem = `${this.place(this.current)}: ${connectionProblem(error)}`;
    if (this.connection !== undefined) {
      this.connection = undefined;
      this.next = 0;
      this.failures = [];
    } else {
      this.failures.push(problem);
    }
    this.problem = problem;
    if (this.failures.length < this.options.hosts.length) return;
    const everyHost = new RetryableError(this.failures.join('; '), { cause: error, retryAfterMs: 0 });
    this.failures = [];
    for (const { reject } of this.waiting) reject(everyHost);
    this.waiting.clear();
  }

  /** Looks whether a better host answers again; if so, the connection in use is given up for the best that does. */
  private tryBetterHosts(): void {
    clearTimeout(this.returning);
    this.returning = setTimeout(() => this.tryHost(0), this.options.returnAfterMs ?? RETURN_AFTER_MS);
    this.returning.unref();
  }

  private tryHost(index: number): void {
    if (index >= this.current) {
      this.tryBetterHosts();
      return;
    }
    let attempt: ReturnType<typeof this.open>;
    try {
      attempt = this.open(index);
    } catch {
      // A certificate that cannot be read now, because it is being replaced, concerns no connection that stands.
      this.tryBetterHosts();
      return;
    }
    const { socket, connected } = attempt;
    const giveUp = setTimeout(() => socket.destroy(), CONNECT_TIMEOUT_MS);
    let answered = false;
    socket.once(connected, () => {
      answered = true;
      socket.destroy();
      this.next = index;
      void this.connection?.end(CONNECT_TIMEOUT_MS);
      this.connection = undefined;
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(giveUp);
      if (!answered && this.connection !== undefined) this.tryHost(index + 1);
    });
  }

  private host(index: number): Host {
    const host = this.options.hosts[index];
    if (host === undefined) throw new RangeError(`no host ${index}`);
    return host;
  }

  private place(index: number): string {
    const { host, port } = this.host(index);
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }
}
