import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { inflateSync } from 'node:zlib';
import { numbersOf } from './batch.ts';
import { resetSocket } from './certificates.ts';
import { Listener } from './listener.ts';

/** A window as a server gets it. */
export interface ReceivedWindow {
  readonly events: readonly Record<string, unknown>[];
  readonly sequences: readonly number[];
  readonly compressed: boolean;
  readonly socket: Socket;
  /** Sends an ack of the window's first `count` events; 0: still at work. */
  ack(count?: number): void;
}

/**
 * A server of lumberjack version 2, written from the protocol and what was measured on Logstash: an empty window is
 * answered with an ack of 0, a frame that is not understood or no JSON object resets the connection and takes the whole
 * window with it. What happens to a whole window is up to `onWindow`; by default it is acknowledged.
 */
export class LumberjackServer extends Listener {
  readonly windows: ReceivedWindow[] = [];
  /** Acknowledged events. */
  readonly taken: Record<string, unknown>[] = [];
  pings = 0;
  answersPings = true;
  onWindow: (window: ReceivedWindow) => void = (window) => window.ack();

  private constructor(tls: TlsOptions | undefined) {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    super(server, tls, (socket) => this.accept(socket));
  }

  static start(port = 0, tls?: TlsOptions): Promise<LumberjackServer> {
    return new LumberjackServer(tls).listen(port);
  }

  /** Numbers of the acknowledged events, in the order of the acks. */
  get numbers(): number[] {
    return numbersOf(this.taken);
  }

  private accept(socket: Socket): void {
    let rest = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      try {
        for (;;) {
          const used = this.window(socket, rest);
          if (used === 0) break;
          rest = rest.subarray(used);
        }
      } catch {
        resetSocket(socket);
      }
    });
  }

  /** Reads one window if it is whole; returns its length. @throws when it is not of the protocol */
  private window(socket: Socket, bytes: Buffer): number {
    if (bytes.length < 6) return 0;
    if (bytes.toString('latin1', 0, 2) !== '2W') throw new Error('no window');
    const count = bytes.readUInt32BE(2);
    const ack = (sequence: number): void => {
      const frame = Buffer.from('2A\0\0\0\0', 'latin1');
      frame.writeUInt32BE(sequence, 2);
      if (!socket.destroyed) socket.write(frame);
    };
    if (count === 0) {
      this.pings++;
      if (this.answersPings) ack(0);
      return 6;
    }
    const window = { events: [] as Record<string, unknown>[], sequences: [] as number[], compressed: false };
    const used = this.frames(bytes, 6, count, window);
    if (used === 0) return 0;
    if (window.events.length > count) throw new Error('more events than the window has');
    let acknowledged = 0;
    const received: ReceivedWindow = {
      ...window,
      socket,
      ack: (sequence = count) => {
        this.taken.push(...window.events.slice(acknowledged, sequence));
        acknowledged = Math.max(acknowledged, sequence);
        ack(sequence);
      },
    };
    this.windows.push(received);
    this.onWindow(received);
    return used;
  }

  private frames(
    bytes: Buffer,
    from: number,
    count: number,
    window: { events: Record<string, unknown>[]; sequences: number[]; compressed: boolean },
  ): number {
    let at = from;
    while (window.events.length < count) {
      if (bytes.length < at + 6) return 0;
      const type = bytes.toString('latin1', at, at + 2);
      if (type === '2C') {
        const length = bytes.readUInt32BE(at + 2);
        if (bytes.length < at + 6 + length) return 0;
        window.compressed = true;
        const content = inflateSync(bytes.subarray(at + 6, at + 6 + length));
        if (this.frames(content, 0, window.events.length + countOf(content), window) !== content.length)
          throw new Error('content ends inside a frame');
        at += 6 + length;
      } else if (type === '2J') {
        if (bytes.length < at + 10) return 0;
        const length = bytes.readUInt32BE(at + 6);
        if (bytes.length < at + 10 + length) return 0;
        const value: unknown = JSON.parse(bytes.toString('utf8', at + 10, at + 10 + length));
        if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object');
        window.sequences.push(bytes.readUInt32BE(at + 2));
        window.events.push(value as Record<string, unknown>);
        at += 10 + length;
      } else throw new Error(`unknown frame ${type}`);
    }
    return at;
  }
}

function countOf(frames: Buffer): number {
  let count = 0;
  for (let at = 0; at < frames.length; count++) at += 10 + frames.readUInt32BE(at + 6);
  return count;
}
