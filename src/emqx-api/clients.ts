import type { JsonObject, JsonValue } from '../core/event.ts';
import { isObject } from '../core/json/object.ts';
import { zonedTime } from '../core/time/zone.ts';
import type { EmqxApi } from './api.ts';
import { isProblem, surprise } from './problem.ts';

/** Numbers of a client that only rise while its connection lasts (`GET /clients`), by EMQX's names. */
export const COUNTERS = [
  'recv_msg',
  'recv_msg.dropped',
  'send_msg',
  'send_msg.dropped',
  'recv_pkt',
  'send_pkt',
  'recv_oct',
  'send_oct',
  'mqueue_dropped',
] as const;

export type CounterName = (typeof COUNTERS)[number];
/** Undefined: the broker does not tell, as of durable sessions that are offline. */
export type Counters = { [C in CounterName]?: number | undefined };

/** A client as one poll has found it. Times in milliseconds since 1970. */
export interface ClientRow {
  readonly id: string;
  readonly user: string | undefined;
  readonly node: string | undefined;
  readonly connected: boolean;
  readonly ip: string | undefined;
  readonly port: number | undefined;
  /** When the session was made. */
  readonly createdAt: number | undefined;
  /** When this connection was made. */
  readonly connectedAt: number | undefined;
  readonly disconnectedAt: number | undefined;
  /** Seconds. */
  readonly keepAlive: number | undefined;
  /** 3, 4 or 5. */
  readonly protocol: number | undefined;
  readonly cleanStart: boolean | undefined;
  /** Seconds. */
  readonly expiryInterval: number | undefined;
  readonly subscriptions: number | undefined;
  readonly inflight: number | undefined;
  readonly queued: number | undefined;
  readonly counters: Counters;
}

const LOCAL_TIME_CHARS = 'YYYY-MM-DD HH:MM:SS'.length;
const FULL_TIME_CHARS = 'YYYY-MM-DDTHH:MM:SS.mmm+HH:MM'.length;
/** Rows that are asked for at once. */
const PAGE_ROWS = 1000;
/** What of a client is asked for, where the server takes the wish (5.6 and later; before, it gives everything). */
const FIELDS = [
  ...['clientid', 'username', 'node', 'connected', 'ip_address', 'port', 'created_at', 'connected_at'],
  ...['disconnected_at', 'keepalive', 'proto_ver', 'clean_start', 'expiry_interval', 'subscriptions_cnt'],
  ...['inflight_cnt', 'mqueue_len', ...COUNTERS],
].join();

/** Asks for clients. */
export class Clients {
  private readonly api: EmqxApi;
  private takesFields = true;
  /** Of the last time. */
  private pages = 1;

  constructor(api: EmqxApi) {
    this.api = api;
  }

  /**
   * Every client that the broker knows, in pages; a client may come twice.
   * @throws ApiError, RetryableError
   */
  async *all(signal: AbortSignal): AsyncGenerator<readonly ClientRow[]> {
    const isFive = (await this.api.version(signal)) === 'v5';
    const query = isFive && this.takesFields ? { fields: FIELDS } : {};
    let pages = 0;
    try {
      const rowOf = (row: JsonObject): ClientRow => this.row(row);
      for await (const rows of this.api.pages('clients', query, PAGE_ROWS, rowOf, signal, this.pages)) {
        pages++;
        yield rows;
      }
      this.pages = pages;
    } catch (error) {
      if (pages > 0 || !('fields' in query) || !isProblem(error, 'refused')) throw error;
      this.takesFields = false;
      yield* this.all(signal);
    }
  }

  /** One client; undefined: the broker knows no session of it. @throws ApiError, RetryableError */
  async one(id: string, signal: AbortSignal): Promise<ClientRow | undefined> {
    try {
      const answer = await this.api.get(`clients/${encodeURIComponent(id)}`, {}, signal);
      // 4.x has a list of none, one or more.
      const rows = (Array.isArray(answer) ? answer : [answer]).filter(isObject).map((row) => this.row(row));
      return rows.reduce<ClientRow | undefined>(
        (best, row) => (best === undefined ? row : later(best, row)),
        undefined,
      );
    } catch (error) {
      if (isProblem(error, 'not_found')) return undefined;
      throw error;
    }
  }

  private row(row: JsonObject): ClientRow {
    const { clientid: id, connected } = row;
    if (typeof id !== 'string') throw surprise(`${this.api.place}/clients`, 'a client has no "clientid"');
    if (typeof connected !== 'boolean')
      throw surprise(`${this.api.place}/clients`, 'a client has no "connected"');
    return {
      id,
      user: text(row.username),
      node: text(row.node),
      connected,
      ip: text(row.ip_address),
      port: count(row.port),
      createdAt: timeOf(row.created_at),
      connectedAt: timeOf(row.connected_at),
      disconnectedAt: timeOf(row.disconnected_at),
      keepAlive: count(row.keepalive),
      protocol: count(row.proto_ver),
      cleanStart: typeof row.clean_start === 'boolean' ? row.clean_start : undefined,
      expiryInterval: count(row.expiry_interval),
      subscriptions: count(row.subscriptions_cnt),
      inflight: count(row.inflight_cnt ?? row.inflight),
      queued: count(row.mqueue_len),
      counters: {
        recv_msg: count(row.recv_msg),
        'recv_msg.dropped': count(row['recv_msg.dropped']),
        send_msg: count(row.send_msg),
        'send_msg.dropped': count(row['send_msg.dropped']),
        recv_pkt: count(row.recv_pkt),
        send_pkt: count(row.send_pkt),
        recv_oct: count(row.recv_oct),
        send_oct: count(row.send_oct),
        mqueue_dropped: count(row.mqueue_dropped),
      },
    };
  }
}

/** Of two rows about one client the one that tells its present state: it may be on two nodes while it moves. */
export function later(a: ClientRow, b: ClientRow): ClientRow {
  if (a.connected !== b.connected) return a.connected ? a : b;
  return (b.connectedAt ?? 0) >= (a.connectedAt ?? 0) ? b : a;
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' && value !== 'undefined' ? value : undefined;
}

function count(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** RFC 3339; of 4.x `2020-02-20 18:37:21` on the clock of the broker, which is taken for that of this machine. */
function timeOf(value: JsonValue | undefined): number | undefined {
  if (typeof value !== 'string') return undefined;
  const isLocal = value.length === LOCAL_TIME_CHARS && value[10] === ' ';
  const isFull = value.length === FULL_TIME_CHARS && value[19] === '.';
  const time = isFull ? fullTime(value) : Date.parse(isLocal ? `${value.replace(' ', 'T')}Z` : value);
  if (Number.isNaN(time)) return undefined;
  return isLocal ? zonedTime(time, undefined) : time;
}

/** A time as EMQX 5 writes it, in half the time of `Date.parse`: a poll reads two for each client. NaN: it is none. */
function fullTime(text: string): number {
  const day = Date.UTC(digits(text, 0, 4), digits(text, 5, 2) - 1, digits(text, 8, 2));
  const minutes = digits(text, 11, 2) * 60 + digits(text, 14, 2);
  const time = day + (minutes * 60 + digits(text, 17, 2)) * 1000 + digits(text, 20, 3);
  const offset = (digits(text, 24, 2) * 60 + digits(text, 27, 2)) * 60_000;
  return text[23] === '-' ? time + offset : time - offset;
}

/** NaN: another character is among them. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
