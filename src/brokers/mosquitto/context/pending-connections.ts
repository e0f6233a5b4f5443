import type { JsonValue } from '../../../core/event.ts';
import { own } from '../text/own.ts';

/** Connections without CONNECT that are remembered. */
const MAX_WAITING = 256;

/** Where a connection comes from; the port only where it is certain. */
export interface Origin {
  readonly ip: string;
  readonly port: number | undefined;
}

/**
 * Connections that were accepted and whose CONNECT was not accepted yet. Most lines about a refusal do not name the
 * connection: it is known only if no other one can be meant, which takes the log from the broker's start on.
 */
export class PendingConnections {
  private connections: Origin[] = [];
  /** How many have ended without the log telling which. */
  private lost = 0;
  /** Every connection since the broker's start was seen. */
  private complete = false;

  /** While set, nothing changes. */
  frozen = false;

  /** @param state what `state` gave */
  constructor(state: JsonValue | undefined) {
    if (!Array.isArray(state)) return;
    const [complete, lost, ...connections] = state;
    this.complete = complete === true;
    this.lost = Number(lost);
    for (const entry of connections) {
      const [ip, port] = Array.isArray(entry) ? entry : [];
      this.connections.push({ ip: String(ip), port: typeof port === 'number' ? port : undefined });
    }
  }

  /** The broker has started: there are none. */
  restart(): void {
    if (this.frozen) return;
    this.connections = [];
    this.lost = 0;
    this.complete = true;
  }

  /** Connections may come and go without a line, as over WebSockets and of bridges. */
  miss(): void {
    if (this.frozen) return;
    this.complete = false;
  }

  /** One of them may have ended. */
  doubt(): void {
    if (this.connections.length > 0) this.miss();
  }

  opened(ip: string, port: number | undefined): void {
    if (this.frozen) return;
    this.connections.push({ ip: own(ip), port });
    if (this.connections.length <= MAX_WAITING) return;
    this.connections.shift();
    this.complete = false;
  }

  /**
   * A CONNECT from there was accepted.
   * @returns false when nothing was known of that connection
   */
  connected(ip: string, port: number | undefined): boolean {
    const at = this.connections.findIndex((c) => c.ip === ip && c.port === port);
    if (at !== -1 && !this.frozen) this.connections.splice(at, 1);
    this.settle();
    return at !== -1;
  }

  /** Certainly no connection waits for its CONNECT. */
  get none(): boolean {
    return this.complete && this.connections.length === 0;
  }

  /** Every connection that exists was certainly seen to open. */
  get hasAll(): boolean {
    return this.complete;
  }

  /** A connection from that address, and port if one is given, waits for its CONNECT. */
  has(ip: string, port?: number): boolean {
    return this.connections.some((c) => c.ip === ip && (port === undefined || c.port === port));
  }

  /** All of them come from that address. */
  isOnly(ip: string): boolean {
    return this.connections.every((c) => c.ip === ip);
  }

  /**
   * One of them has ended.
   * @param ip its address, where a line named it
   * @returns where it came from, as far as that is certain
   */
  ended(ip?: string): Origin | undefined {
    const [only, second] = ip === undefined ? this.connections : this.connections.filter((c) => c.ip === ip);
    if (this.frozen || only === undefined) return ip === undefined ? undefined : { ip, port: undefined };
    if (second === undefined && (ip !== undefined || this.lost === 0)) {
      this.connections = this.connections.filter((c) => c !== only);
      this.settle();
      return this.complete ? only : ip === undefined ? undefined : { ip, port: undefined };
    }
    const address = ip ?? this.sharedAddress();
    this.lost++;
    this.settle();
    return address === undefined ? undefined : { ip: address, port: undefined };
  }

  state(): JsonValue {
    return [this.complete, this.lost, ...this.connections.map(({ ip, port }) => [ip, port ?? null])];
  }

  /** The address that all of them have. */
  private sharedAddress(): string | undefined {
    const ip = this.connections[0]?.ip;
    return this.complete && this.connections.every((c) => c.ip === ip) ? ip : undefined;
  }

  private settle(): void {
    if (this.lost < this.connections.length) return;
    this.connections = [];
    this.lost = 0;
  }
}
