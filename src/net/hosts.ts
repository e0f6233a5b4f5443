import type { Socket } from 'node:net';
import { BlockedError, RetryableError } from '../core/errors.ts';
import type { Connection } from './connection.ts';
import { connected, type Host, type Opening, openHost, placeOf } from './host.ts';
import { connectionError } from './problem.ts';
import { Reconnecting } from './reconnecting.ts';
import { type TlsOptions, tlsFilesMark } from './tls.ts';
import { WaitingList } from './waiting-list.ts';

export interface HostsOptions<C extends Connection> {
  /** In order of preference. */
  readonly hosts: readonly Host[];
  readonly tls: TlsOptions | undefined;
  /** Begins a conversation; `another` opens one more socket to the same host. */
  readonly converse: (socket: Socket, host: Host, another: () => Socket) => C;
  /** How often better hosts and replaced files are looked for. */
  readonly returnAfterMs?: number | undefined;
  readonly reconnectMinMs?: number | undefined;
}

const CONNECT_TIMEOUT_MS = 8000;
const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 30_000;
const STABLE_MS = 2000;
const RETURN_AFTER_MS = 30_000;
/** A better host that lets us down after each return is tried less and less often, down to this fraction. */
const RETURN_RARELY = 16;
/** Time for what is under way when another connection takes over. */
const HAND_OVER_MS = 15_000;

/**
 * Keeps a conversation with one host of a list. The first that takes something is used; when it is lost the list starts
 * anew, after a host that confirmed nothing with the next one. Now and then it is looked whether a better host answers
 * again, and whether the TLS files were replaced: then the conversation moves to a new connection, and loses nothing.
 */
export class Hosts<C extends Connection> {
  private readonly options: HostsOptions<C>;
  private readonly reconnecting: Reconnecting;
  /** The conversation whose socket stands; in use once it is `greeted`. */
  private connection: C | undefined;
  private greeted = false;
  private current = 0;
  private next = 0;
  private started = false;
  /** Writes wait for the next conversation: the present one is left, or was closed when nothing was under way. */
  private moving = false;
  private left: C | undefined;
  private problem: RetryableError = new RetryableError('no host has answered yet', { retryAfterMs: 0 });
  /** One for each host that has failed since the last conversation. */
  private failures: RetryableError[] = [];
  private filesMark = '';
  private looking: NodeJS.Timeout | undefined;
  /** Factor of the pause before the next look at better hosts. */
  private patience = 1;
  private readonly waiting = new WaitingList<C>();

  constructor(options: HostsOptions<C>) {
    this.options = options;
    this.reconnecting = new Reconnecting({
      create: () => {
        this.current = this.next;
        this.next = (this.next + 1) % options.hosts.length;
        if (options.tls !== undefined) this.filesMark = tlsFilesMark(options.tls);
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

  /** Resolves when a host answers; rejects when every host has failed, while the attempts go on. */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.inUse !== undefined) return;
    if (!this.started) {
      this.started = true;
      this.reconnecting.start();
    }
    await this.waiting.wait(signal, () => this.problem);
  }

  /** The conversation in use; waits only while it moves. @throws RetryableError when there is none */
  async use(): Promise<C> {
    const { inUse } = this;
    if (inUse !== undefined) return inUse;
    if (this.moving) return this.waiting.wait(undefined, () => this.problem);
    throw this.problem;
  }

  /** Waits up to `timeoutMs` for what is under way; makes no other connection. */
  async close(timeoutMs: number): Promise<void> {
    clearTimeout(this.looking);
    const { connection } = this;
    this.connection = undefined;
    this.moving = false;
    await connection?.end(timeoutMs);
    this.reconnecting.stop();
    this.waiting.refuse(this.problem);
  }

  /** For `status`: the host and what goes on with it. */
  describe(): string {
    const place = placeOf(this.host(this.current));
    if (this.inUse !== undefined) return `${place} ${this.inUse.describe()}`;
    if (this.moving) return `${place} changes connection`;
    const { message } = this.problem;
    return `${message.startsWith(`${place}: `) ? '' : `${place} `}not connected: ${message}`;
  }

  private get inUse(): C | undefined {
    const { connection } = this;
    return this.greeted && !this.moving && connection?.isUp === true ? connection : undefined;
  }

  private open(index: number): Opening {
    return openHost(this.host(index), this.options.tls);
  }

  private converse(socket: Socket, index: number): C {
    return this.options.converse(socket, this.host(index), () => this.open(index).socket);
  }

  private opened(socket: Socket): Promise<Error> | undefined {
    let connection: C;
    try {
      connection = this.converse(socket, this.current);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
    this.connection = connection;
    this.greeted = false;
    connection.greet().then(
      () => this.begin(connection),
      (error: Error) => socket.destroy(error),
    );
    return connection.over;
  }

  private begin(connection: C): void {
    if (this.connection !== connection) return;
    this.greeted = true;
    this.moving = false;
    this.failures = [];
    this.waiting.serve(connection);
    this.lookLater();
  }

  /** @returns true when the host had taken something */
  private closed(error: Error | undefined): boolean {
    clearTimeout(this.looking);
    const { connection, greeted } = this;
    this.connection = undefined;
    this.greeted = false;
    if (connection !== undefined && connection === this.left) return true;
    const handshake = connection === undefined && this.options.tls !== undefined;
    const problem = connectionError(placeOf(this.host(this.current)), error, handshake);
    this.problem = problem;
    if (greeted) {
      this.failures = [];
      const { useful, idle } = connection ?? { useful: false, idle: false };
      // An idle connection is closed by many a server: that is no trouble, what is written waits for the next one.
      this.moving = idle;
      const good = useful || idle;
      if (good) this.next = 0;
      if (this.current === 0) this.patience = good ? 1 : Math.min(this.patience * 2, RETURN_RARELY);
      return useful;
    }
    this.failures.push(problem);
    if (this.failures.length < this.options.hosts.length) return false;
    const { failures } = this;
    this.failures = [];
    this.moving = false;
    const Kind = failures.every((failure) => failure instanceof BlockedError) ? BlockedError : RetryableError;
    const everyHost = failures.map(({ message }) => message).join('; ');
    this.waiting.refuse(new Kind(everyHost, { cause: error, retryAfterMs: 0 }));
    return false;
  }

  private lookLater(): void {
    clearTimeout(this.looking);
    const pauseMs = this.options.returnAfterMs ?? RETURN_AFTER_MS;
    this.looking = setTimeout(() => void this.look(), pauseMs * (this.current > 0 ? this.patience : 1));
    this.looking.unref();
  }

  /** Moves to a better host that answers, or to a new connection when the TLS files were replaced. */
  private async look(): Promise<void> {
    const { connection, current } = this;
    const { tls } = this.options;
    const replaced = tls !== undefined && tlsFilesMark(tls) !== this.filesMark;
    for (let index = 0; index < current + (replaced ? 1 : 0); index++) {
      const answers = await this.answers(index);
      if (this.connection !== connection || connection === undefined) return;
      if (!answers) continue;
      this.next = index;
      this.moving = true;
      this.left = connection;
      await connection.end(HAND_OVER_MS);
      return;
    }
    this.lookLater();
  }

  /** True when a host would take something over a new connection. */
  private async answers(index: number): Promise<boolean> {
    let socket: Socket | undefined;
    try {
      const opening = this.open(index);
      socket = opening.socket;
      await connected(opening, CONNECT_TIMEOUT_MS);
      const connection = this.converse(socket, index);
      await connection.greet();
      await connection.end(CONNECT_TIMEOUT_MS);
      return true;
    } catch {
      socket?.destroy();
      return false;
    }
  }

  private host(index: number): Host {
    const host = this.options.hosts[index];
    if (host === undefined) throw new RangeError(`no host ${index}`);
    return host;
  }
}
