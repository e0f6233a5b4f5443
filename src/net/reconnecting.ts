import { createRequire } from 'node:module';
import { Socket } from 'node:net';

/*
 * reconnecting-socket 2.0.1 is a state machine for a socket that comes back: it decides when to try, we make and wire the
 * socket. What it leaves to its user is done here: the connect time-out, the pause after sessions that end at once (it
 * forgets its back-off at every open), errors thrown while a socket is made, and closing once only. It is CommonJS without
 * types; nothing outside this file knows it.
 */

interface StateMachine {
  start(): void;
  stop(): void;
  open(): void;
  close(): void;
  error(error: Error): void;
}
type StateMachineConstructor = new (options: {
  create: () => Socket;
  destroy: (socket: Socket) => void;
  onclose: () => void;
  backoff: {
    strategy: 'exponential';
    initialDelay: number;
    maxDelay: number;
    randomisationFactor: number;
    failAfter: null;
  };
}) => StateMachine;

const ReconnectingSocket: StateMachineConstructor = createRequire(import.meta.url)('reconnecting-socket');

interface ReconnectingOptions {
  /** Begins a connection; `connected` names the event that means success (`connect`, with TLS `secureConnect`). */
  readonly create: () => { socket: Socket; connected: 'connect' | 'secureConnect' };
  /** @returns resolves with the reason when the session is over; undefined: it ends with the socket */
  readonly onOpen: (socket: Socket) => Promise<Error> | undefined;
  /**
   * The connection ended, or an attempt failed; called once for each.
   * @returns true when it was of use: the pause before the next does not grow, however short the session was
   */
  readonly onClose: (error: Error | undefined) => boolean;
  readonly connectTimeoutMs: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** A session that was shorter than this and of no use counts as a failed attempt: the pause before the next grows. */
  readonly stableMs: number;
}

/** A socket that is connected again whenever it is lost, with a growing, random pause. */
export class Reconnecting {
  private readonly options: ReconnectingOptions;
  private readonly machine: StateMachine;
  private shortSessions = 0;
  private openedAt = 0;
  private socket: Socket | undefined;
  private lastError: Error | undefined;
  private stopped = true;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: ReconnectingOptions) {
    this.options = options;
    this.machine = new ReconnectingSocket({
      create: () => this.make(),
      destroy: (socket) => socket.destroy(),
      onclose: () => {},
      backoff: {
        strategy: 'exponential',
        initialDelay: options.minDelayMs,
        maxDelay: options.maxDelayMs,
        randomisationFactor: 0.5,
        failAfter: null,
      },
    });
  }

  start(): void {
    this.stopped = false;
    this.machine.start();
  }

  /** Gives the present connection up and makes no other. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    clearTimeout(this.timer);
    this.machine.stop();
  }

  private make(): Socket {
    const { socket, connected } = this.create();
    this.socket = socket;
    let over: Promise<Error> | undefined;
    const timeout = setTimeout(() => {
      socket.destroy(new Error(`no answer within ${this.options.connectTimeoutMs / 1000} s`));
    }, this.options.connectTimeoutMs);
    socket.once(connected, () => {
      clearTimeout(timeout);
      if (this.stopped) return;
      this.openedAt = performance.now();
      this.machine.open();
      over = this.options.onOpen(socket);
    });
    socket.on('error', (error) => {
      this.lastError = error;
      this.machine.error(error);
    });
    socket.once('close', () => {
      clearTimeout(timeout);
      if (over === undefined) this.ended(socket);
      else void over.then((reason) => this.ended(socket, reason));
    });
    return socket;
  }

  private ended(socket: Socket, reason = this.lastError): void {
    if (this.socket === socket) this.closed(reason);
  }

  /** An error thrown while a socket is made is a failed attempt like any other. */
  private create(): ReturnType<ReconnectingOptions['create']> {
    try {
      return this.options.create();
    } catch (error) {
      const socket = new Socket();
      setImmediate(() => socket.destroy(error instanceof Error ? error : new Error(String(error))));
      return { socket, connected: 'connect' };
    }
  }

  /** After a short session the machine, which has forgotten its back-off, is told of the end only after a pause of ours. */
  private closed(error: Error | undefined): void {
    this.lastError = undefined;
    const useful = this.options.onClose(error);
    const wasOpen = this.openedAt > 0;
    const short = wasOpen && !useful && performance.now() - this.openedAt < this.options.stableMs;
    this.openedAt = 0;
    this.shortSessions = short ? this.shortSessions + 1 : wasOpen ? 0 : this.shortSessions;
    if (!short || this.stopped) {
      this.machine.close();
      return;
    }
    const bound = Math.min(
      this.options.maxDelayMs,
      this.options.minDelayMs * 2 ** Math.min(this.shortSessions, 16),
    );
    this.timer = setTimeout(() => this.machine.close(), Math.random() * bound);
  }
}
