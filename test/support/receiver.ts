import { createServer, type Socket } from 'node:net';

/** An event as a receiver reads it. */
export interface ReceivedEvent {
  readonly event: {
    readonly id: string;
    readonly action: string;
    readonly code: string;
    readonly reason?: string;
  };
  readonly message: string;
  readonly log?: { readonly offset?: number; readonly file?: { readonly path: string } };
  readonly mqtt?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** A plain TCP receiver of JSON lines, as Logstash's tcp input is one. */
export class Receiver {
  /** Whole lines, in the order they came. */
  readonly lines: string[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => this.accept(socket));
  private paused = false;
  private readonly take: (line: string) => void;
  port = 0;

  private constructor(take: ((line: string) => void) | undefined) {
    this.take = take ?? ((line) => this.lines.push(line));
  }

  /** @param take gets each line; default: it is kept in `lines` */
  static async start(port = 0, take?: (line: string) => void): Promise<Receiver> {
    const receiver = new Receiver(take);
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
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Stops listening and resets every connection; `start(port)` makes another on the same port. */
  async stop(): Promise<void> {
    this.reset();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
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
