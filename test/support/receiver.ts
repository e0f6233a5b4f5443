import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { numbersOf } from './batch.ts';
import { Listener } from './listener.ts';

/** An event as a receiver reads it. */
export interface ReceivedEvent {
  readonly event: {
    readonly id: string;
    readonly action: string;
    readonly code: string;
    readonly reason?: string;
    readonly provider?: string;
    readonly original?: string;
  };
  readonly message: string;
  readonly log?: { readonly offset?: number; readonly file?: { readonly path: string } };
  readonly mqtt?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** What is not usual about a receiver. */
interface ReceiverOptions {
  readonly tls?: TlsOptions | undefined;
  /** Gets each line; default: it is kept in `lines`. */
  readonly take?: (line: string) => void;
}

/** A plain TCP receiver of JSON lines, as Logstash's tcp input is one. */
export class Receiver extends Listener {
  /** Whole lines, in the order they came. */
  readonly lines: string[] = [];
  private paused = false;

  private constructor({ tls, take }: ReceiverOptions) {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    super(server, tls, (socket) => {
      if (this.paused) socket.pause();
      readLines(socket, take ?? ((line) => this.lines.push(line)));
    });
  }

  static start(port = 0, options: ReceiverOptions = {}): Promise<Receiver> {
    return new Receiver(options).listen(port);
  }

  get events(): ReceivedEvent[] {
    return this.lines.map((line) => JSON.parse(line));
  }

  /** Numbers of the events, in the order they came. */
  get numbers(): number[] {
    return numbersOf(this.events);
  }

  /** Stops reading, or goes on. */
  pause(paused: boolean): void {
    this.paused = paused;
    for (const socket of this.sockets) paused ? socket.pause() : socket.resume();
  }
}

function readLines(socket: Socket, take: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) take(part);
  });
}
