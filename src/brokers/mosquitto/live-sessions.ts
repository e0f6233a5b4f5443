import type { JsonObject, JsonValue } from '../../core/event.ts';

/** What is known of a connected client. */
export interface LiveSession {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly address: string;
  /** Undefined: the broker does not say it (1.6). */
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly protocol: string | undefined;
}

/** Sessions that are remembered; the one connected longest ago is forgotten first. */
const MAX_SESSIONS = 10_000;
/** Connections without CONNECT that are remembered. */
const MAX_OPENED = 256;

/** The clients that the log has told of and not seen leave. */
export class LiveSessions {
  private readonly sessions = new Map<string, LiveSession>();
  /** Accepted connections whose CONNECT was not seen yet: `ip:port`. */
  private readonly opened = new Set<string>();

  constructor(state: JsonValue | undefined) {
    if (!Array.isArray(state)) return;
    for (const entry of state) {
      if (!Array.isArray(entry)) continue;
      const [id, since, address, port, user, protocol] = entry;
      this.sessions.set(String(id), {
        since: Number(since),
        address: String(address),
        port: typeof port === 'number' ? port : undefined,
        user: typeof user === 'string' ? user : undefined,
        protocol: typeof protocol === 'string' ? protocol : undefined,
      });
    }
  }

  has(id: string): boolean {
    return this.sessions.has(id);
  }

  get(id: string): LiveSession | undefined {
    return this.sessions.get(id);
  }

  connected(id: string, session: LiveSession): void {
    const key = own(id);
    this.sessions.delete(key);
    const { address, user } = session;
    this.sessions.set(key, {
      ...session,
      address: own(address),
      user: user === undefined ? undefined : own(user),
    });
    this.opened.delete(`${address}:${session.port}`);
    if (this.sessions.size <= MAX_SESSIONS) return;
    for (const oldest of this.sessions.keys()) {
      this.sessions.delete(oldest);
      break;
    }
  }

  /** The client has left. Returns what was known of it. */
  gone(id: string): LiveSession | undefined {
    const session = this.sessions.get(id);
    if (session !== undefined) this.sessions.delete(id);
    return session;
  }

  /** A connection was accepted. */
  open(address: string, port: number): void {
    this.opened.add(own(`${address}:${port}`));
    if (this.opened.size <= MAX_OPENED) return;
    for (const oldest of this.opened) {
      this.opened.delete(oldest);
      break;
    }
  }

  /** True when a connection from that address waits for its CONNECT. */
  isOpen(address: string): boolean {
    const prefix = `${address}:`;
    for (const connection of this.opened) if (connection.startsWith(prefix)) return true;
    return false;
  }

  /** The broker has started anew: nobody is connected. */
  clear(): void {
    this.sessions.clear();
    this.opened.clear();
  }

  state(): JsonObject {
    return {
      sessions: [...this.sessions].map(([id, s]) => [
        id,
        s.since,
        s.address,
        s.port ?? null,
        s.user ?? null,
        s.protocol ?? null,
      ]),
      opened: [...this.opened],
    };
  }

  /** Takes back the connections that `state` gave. */
  restoreOpened(state: JsonValue | undefined): void {
    if (Array.isArray(state)) for (const connection of state) this.opened.add(String(connection));
  }
}

/** A copy of its own: a text cut from a chunk of the log would keep the whole chunk in memory. */
export function own(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
