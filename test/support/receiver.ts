import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { clientName, resetSocket } from './certificates.ts';

/** An event as a receiver reads it. */
export interface ReceivedEvent {
  readonly event: {
    readonly id: string;
    readonly action: string;
    readonly code: string;
    readonly reason?: string;
    readonly provider?: string;
  };
  readonly message: string;
  readonly log?: { readonly offset?: number; readonly file?: { readonly path: string } };
  readonly mqtt?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** What is not usual about a receiver. */
export interface ReceiverOptions {
  readonly tls?: TlsOptions | undefined;
  /** Gets each line; default: it is kept in `lines`. */
  readonly take?: (line: string) => void;
}

/** A plain TCP receiver of JSON lines, as Logstash's tcp input is one. */
export class Receiver {
  /** Whole lines, in the order they came. */
  readonly lines: string[] = [];
  private readonly sockets = new Set<Socket>();
  /** Who has connected with a client certificate. */
  readonly clients: (string | undefined)[] = [];
  private readonly server: Server;
  private paused = false;
  private readonly take: (line: string) => void;
  port = 0;

  private constructor(options: ReceiverOptions) {
    this.take = options.take ?? ((line) => this.lines.push(line));
    const accept = (socket: Socket): void => this.accept(socket);
    this.server = options.tls === undefined ? createServer(accept) : createTlsServer(options.tls, accept);
  }

  static async start(port = 0, options: ReceiverOptions = {}): Promise<Receiver> {
    const receiver = new Receiver(options);
    await new Promise<void>((resolve, reject) => {
      receiver.server.once('error', reject);
      receiver.server.listen(port, '127.0.0.1', resolve);
    });
    const address = receiver.server.address();
    receiver.port = typeof address === 'object' && address !== null ? address.port : 0;
    return receiver;
  }

  get events(): ReceivedEvent[] {
    return this.lines.map((line) => JSON.parse(line));
  }

  get connections(): number {
    return this.sockets.size;
  }

  /** Stops reading, or goes on. */
  pause(paused: boolean): void {
    this.paused = paused;
    for (const socket of this.sockets) paused ? socket.pause() : socket.resume();
  }

  /** Resets every connection. */
  reset(): void {
    for (const socket of this.sockets) resetSocket(socket);
  }

  /** Stops listening and resets every connection; `start(port)` makes another on the same port. */
  async stop(): Promise<void> {
    this.reset();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(socket: Socket): void {
    // A TLS handshake may end after the stop.
    if (!this.server.listening) {
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    this.clients.push(clientName(socket));
    if (this.paused) socket.pause();
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) this.take(part);
    });
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
  }
}
