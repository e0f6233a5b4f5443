import type { JsonValue } from '../../../core/event.ts';

/** What is known of a connected client. */
export interface LiveSession {
  /** Milliseconds since 1970; undefined: its connect was not seen. */
  readonly since: number | undefined;
  readonly ip: string | undefined;
  /** The broker may keep its session when it leaves. */
  readonly isKept?: true;
  /** What the broker wrote in place of an IP address: the path of a Unix socket. */
  readonly address?: string;
  /** Undefined: the broker does not say it (1.6). */
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly protocol: string | undefined;
  /** There was no line `New connection from …`, as over WebSockets. */
  readonly unannounced: boolean;
  /** It is this broker's own connection to another one. */
  readonly isBridge?: true;
  /** Its CONNACK was logged: the next one is another connection's. */
  readonly isAnswered?: true;
  /** The connection that it has taken over, whose end may still be logged. */
  readonly before?: LiveSession;
}

/** A session of which nothing is known. */
export const UNKNOWN_SESSION: LiveSession = {
  since: undefined,
  ip: undefined,
  port: undefined,
  user: undefined,
  protocol: undefined,
  unannounced: false,
};

/** What a connection and the one that it has taken over have in common. */
export function inCommon(session: LiveSession): LiveSession {
  const { before, ...now } = session;
  if (before === undefined) return session;
  const same = <T>(a: T, b: T): T | undefined => (a === b ? a : undefined);
  return {
    since: undefined,
    ip: same(now.ip, before.ip),
    port: undefined,
    user: same(now.user, before.user),
    protocol: same(now.protocol, before.protocol),
    unannounced: true,
  };
}

/** A session as `restore` takes it. */
export function saved(session: LiveSession): JsonValue[] {
  const { since, ip, port, user, protocol, unannounced, isBridge, isAnswered, before, address, isKept } =
    session;
  return [
    since ?? null,
    ip ?? null,
    port ?? null,
    user ?? null,
    protocol ?? null,
    unannounced,
    isBridge === true,
    isAnswered === true,
    before === undefined ? null : saved(before),
    address ?? null,
    isKept === true,
  ];
}

/** @param state what `saved` gave */
export function restore(state: readonly JsonValue[]): LiveSession {
  const [since, ip, port, user, protocol, unannounced, isBridge, isAnswered, before, address, isKept] = state;
  const text = (value: JsonValue | undefined): string | undefined =>
    typeof value === 'string' ? value : undefined;
  const number = (value: JsonValue | undefined): number | undefined =>
    typeof value === 'number' ? value : undefined;
  return {
    since: number(since),
    ip: text(ip),
    port: number(port),
    user: text(user),
    protocol: text(protocol),
    unannounced: unannounced === true,
    ...(isBridge === true && { isBridge }),
    ...(isAnswered === true && { isAnswered }),
    ...(Array.isArray(before) && { before: restore(before) }),
    ...(typeof address === 'string' && { address }),
    ...(isKept === true && { isKept }),
  };
}
