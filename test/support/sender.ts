import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** A program that writes to a TCP receiver and waits until the operating system has taken each piece. */
export class Sender {
  /** Longest time for which one piece was not taken, in milliseconds. */
  longestMs = 0;
  closed = false;
  private readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.once('close', () => {
      this.closed = true;
    });
  }

  static async connect(port: number): Promise<Sender> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Sender(socket);
  }

  /** Resolves when the operating system has taken it. @throws when the connection is closed */
  async send(piece: string | Buffer): Promise<void> {
    const start = performance.now();
    await new Promise<void>((resolve, reject) => {
      this.socket.write(piece, (error) => (error ? reject(error) : resolve()));
    });
    this.longestMs = Math.max(this.longestMs, performance.now() - start);
  }

  /** Closes in good order. Resolves when the other side has closed too. */
  async end(): Promise<void> {
    this.socket.end();
    this.socket.resume();
    if (!this.closed) await new Promise<void>((resolve) => this.socket.once('close', () => resolve()));
  }
}

/** A PUBLISH as the capture interface writes it. */
export function hicapPublish(topic: string, payload: Buffer | string = '21.5', client = 'c-1'): string {
  const encoded = Buffer.from(payload).toString('base64');
  return `{"mqtt": {"action": "PUBLISH", "topic": ${JSON.stringify(topic)}, "clientIP": "127.0.0.1", "port": 1883, "clientID": ${JSON.stringify(client)}, "tsUTC": "2026-11-21T19:23:59Z (GMT)", "tsLocal": "2026-11-21T20:23:59+0100 (CET)", "payload": "${encoded}"}}\n`;
}
