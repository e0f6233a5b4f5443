import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Input, InputHost } from '../../core/input.ts';
import type { Journal, Note } from '../../core/source.ts';
import { amount } from '../../core/text/amount.ts';
import { placeOf } from '../../net/host.ts';
import { followFiles, guard, type ListenerTls, listenerTlsOptions, listenOn } from '../../net/listening.ts';
import { Reports } from '../reports.ts';
import { type TcpInputConfig, whenFullOf } from './config.ts';
import { LineCutter } from './cutter.ts';
import { ReadAhead } from './read-ahead.ts';

export { check } from './check.ts';

const MAX_CONNECTIONS = 256;
/** A line so many times longer than what is kept of it has no end: its connection is closed. */
const ENDLESS = 16;
/** Heads of unfinished lines in memory, over all connections. */
const HELD_BYTES = 64 * 2 ** 20;
const KEEP_ALIVE_MS = 60_000;

/** One sender. */
interface Connection {
  readonly socket: Socket;
  readonly cutter: LineCutter;
  /** Its address, for messages. */
  readonly place: string;
}

/** JSON lines over TCP, as the capture interface of a Mosquitto sends them. Nothing is acknowledged. */
class TcpInput implements Input {
  private readonly config: TcpInputConfig;
  private readonly host: InputHost;
  private readonly journal: Journal;
  private readonly readAhead: ReadAhead;
  private readonly reports: Reports;
  private readonly connections = new Set<Connection>();
  private server: Server | undefined;
  private heldBytes = 0;

  constructor(config: TcpInputConfig, host: InputHost) {
    this.config = config;
    this.host = host;
    this.journal = host.journal();
    const gap = (lines: number): Note =>
      this.note('queue_full', `${amount(lines, 'line')} found no room`, lines);
    this.readAhead = new ReadAhead(this.journal, whenFullOf(config) ?? 'block', gap, host.admit);
    this.reports = new Reports(host.log, host.name);
  }

  async start(): Promise<void> {
    const { allow, tls, listen } = this.config;
    const accept = (socket: Socket): void => this.accept(socket);
    const server = tls === undefined ? createServer(accept) : this.secure(tls, accept);
    this.server = server;
    guard(server, allow, MAX_CONNECTIONS, this.reports.warn);
    await listenOn(server, listen);
  }

  async stop(): Promise<void> {
    this.server?.close();
    for (const { socket, cutter } of this.connections) {
      socket.removeAllListeners('data');
      cutter.end(Date.now());
      socket.destroy();
    }
    this.connections.clear();
    const lost = this.readAhead.stop();
    if (lost > 0) this.reports.warn('lost', `${amount(lost, 'line')} found no room before the stop`);
  }

  problems(): readonly string[] {
    return this.server?.listening === true ? [] : ['does not listen'];
  }

  private secure(tls: ListenerTls, accept: (socket: Socket) => void): Server {
    const server = createTlsServer(listenerTlsOptions(tls), accept);
    followFiles(server, tls, (sentence) => this.reports.warn('certificate', sentence));
    return server;
  }

  private accept(socket: Socket): void {
    const place = placeOf({ host: socket.remoteAddress ?? '?', port: socket.remotePort ?? 0 });
    const cutter = new LineCutter(this.config.limit, this.readAhead.take);
    if (socket.destroyed) return;
    const connection = { socket, cutter, place };
    this.connections.add(connection);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.reports.info('connected', `${place} has connected`);
    socket.on('data', (chunk) => this.received(connection, chunk));
    socket.on('error', (error) => this.reports.warn('error', `the connection of ${place}: ${error.message}`));
    socket.once('close', () => {
      if (!this.connections.delete(connection)) return;
      this.heldBytes -= cutter.heldBytes;
      cutter.end(Date.now());
      this.reports.info('left', `${place} has left`);
    });
  }

  private received(connection: Connection, chunk: Buffer): void {
    const { socket, cutter } = connection;
    const before = cutter.heldBytes;
    cutter.push(chunk, Date.now());
    this.heldBytes += cutter.heldBytes - before;
    if (cutter.openBytes > this.config.limit * ENDLESS) this.cutOff(connection);
    else if (this.heldBytes > HELD_BYTES) this.cutOff(this.longest(connection));
    const pause = this.readAhead.pause();
    if (pause === undefined || socket.destroyed) return;
    socket.pause();
    void pause.then(() => socket.resume());
  }

  /** The connection whose unfinished line takes most memory. */
  private longest(first: Connection): Connection {
    let longest = first;
    for (const one of this.connections) if (one.cutter.heldBytes > longest.cutter.heldBytes) longest = one;
    return longest;
  }

  /** What never ends is no line: nothing of it is kept. */
  private cutOff(connection: Connection): void {
    const { socket, cutter, place } = connection;
    this.connections.delete(connection);
    this.heldBytes -= cutter.heldBytes;
    socket.removeAllListeners('data');
    socket.destroy();
    const message = `a line of ${place} had no end after ${cutter.openBytes} bytes: the connection was closed`;
    this.reports.warn('endless', `${message} (limit ${this.config.limit} bytes)`);
    void this.journal.append({ type: 'note', note: this.note('line_too_long', message, 1) });
  }

  private note(reason: string, message: string, records: number): Note {
    return {
      action: 'input-gap',
      seen: Date.now(),
      reason,
      message: `input ${this.host.name}: ${message}`,
      fields: { 'mqtt.probe.input.name': this.host.name, 'mqtt.drop.count': records },
    };
  }
}

export function create(config: TcpInputConfig, host: InputHost): Input {
  return new TcpInput(config, host);
}
