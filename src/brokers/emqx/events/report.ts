import type { JsonObject, JsonValue, Slot } from '../../../core/event.ts';
import { bounded } from '../../../core/json/bounded.ts';
import type { Emitter } from '../emitter.ts';
import { epochMs } from '../entries/entry.ts';
import { withoutPayloads } from '../secrets/payload-keys.ts';
import { hideSecretValues } from '../secrets/secrets.ts';
import { isObject, number, word } from '../values/json.ts';
import { MAX_PORT } from '../values/mqtt.ts';
import { NO_PEER, type Peer, parseHost, parsePeer } from '../values/peer.ts';
import { NO_REASON, type Reason } from '../values/reason.ts';
import type { Reported } from './kinds.ts';
import { KEPT } from './payload.ts';

/** What EMQX reports by itself: an event of the rule engine, the body of a web hook, a `$SYS` message. */
export interface Report {
  readonly from: keyof Reported;
  /** `event.code` */
  readonly code: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly body: JsonObject;
  readonly node: string | undefined;
  /** Bits of `Mark`. */
  readonly marks: number;
}

/** Keys of a body that have an event field of their own, or are never told. */
const TOLD: ReadonlySet<string> = new Set([
  ...[
    'event',
    'action',
    'timestamp',
    'ts',
    'node',
    'clientid',
    'username',
    'peername',
    'peerhost',
    'ipaddress',
  ],
  ...[
    'sockname',
    'sockport',
    'reason',
    'reason_code',
    'conn_ack',
    'connack',
    'client_attrs',
    'payload',
    KEPT,
    'topic',
    'qos',
  ],
  ...[
    'flags',
    'retain',
    'dup',
    'id',
    'from_clientid',
    'from_client_id',
    'from_username',
    'proto_ver',
    'keepalive',
  ],
  ...[
    'clean_start',
    'expiry_interval',
    'connected_at',
    'disconnected_at',
    'publish_received_at',
    'conn_props',
  ],
  ...['disconn_props', 'pub_props', 'sub_props', 'unsub_props', 'puback_props', 'subopts', 'opts', 'headers'],
  ...['result', 'authz_source', 'is_cache', 'name', 'message', 'details', 'activated_at', 'deactivated_at'],
  ...['activate_at', 'deactivate_at', 'activated', 'session', 'clean_sess', 'message_received_at'],
]);
/** Usual values, which say nothing. */
const USUAL: Readonly<Record<string, JsonValue>> = { is_bridge: false, proto_name: 'MQTT', protocol: 'mqtt' };

/**
 * Emits the event of a report.
 * @param values of the kind's slots behind the common ones
 */
export function emitReport(
  reported: Reported,
  report: Report,
  message: string,
  values: readonly Slot[],
  out: Emitter,
  said: { reason?: Reason; client?: string | undefined; user?: string | undefined } = {},
): void {
  const { body, from, code, time, node, marks } = report;
  const { ip, port, address } = peerOf(body);
  const listener = listenerOf(body);
  const reason = said.reason ?? NO_REASON;
  const common: Slot[] = [
    code,
    'client' in said ? said.client : word(body.clientid),
    'user' in said ? said.user : word(body.username),
    ip,
    port,
    address,
    listener.ip,
    listener.port,
    node ?? word(body.node),
    reason.word,
    reason.text,
    attributes(body.client_attrs),
    others(body),
  ];
  out.event(reported[from], time, message, [...common, ...values], marks);
}

/** A body as 4.x names its client; up to 3.x it is `client_id`. */
export function named(body: JsonObject): JsonObject {
  if (body.client_id === undefined) return body;
  const { client_id: clientid, ...rest } = body;
  return { clientid, ...rest };
}

function peerOf(body: JsonObject): Peer {
  const name = word(body.peername);
  if (name !== undefined) return parsePeer(name);
  const host = word(body.peerhost) ?? word(body.ipaddress);
  return host === undefined ? NO_PEER : parseHost(host);
}

function listenerOf(body: JsonObject): Peer {
  const name = word(body.sockname);
  if (name !== undefined) return parsePeer(name);
  return { ...NO_PEER, port: number(body.sockport, MAX_PORT) };
}

function attributes(given: JsonValue | undefined): JsonObject | undefined {
  return isObject(given) && Object.keys(given).length > 0 ? (bounded(given) as JsonObject) : undefined;
}

/** `mqtt.log.fields`: values of a body that have no event field of their own, bounded, without payloads and secrets. */
function others(body: JsonObject): JsonObject | undefined {
  const entries = Object.entries(body).filter(
    ([key, value]) =>
      !TOLD.has(key) &&
      value !== null &&
      value !== '' &&
      value !== 'undefined' &&
      !(Object.hasOwn(USUAL, key) && USUAL[key] === value),
  );
  if (entries.length === 0) return undefined;
  return bounded(hideSecretValues(withoutPayloads(Object.fromEntries(entries)))) as JsonObject;
}

/** A time as fields of type `date` have it; undefined for `"undefined"`, `"infinity"` and 0. */
export function isoTime(value: JsonValue | undefined): string | undefined {
  const ms = epochMs(value);
  return ms === undefined || ms > 8.64e15 ? undefined : new Date(ms).toISOString();
}

/** A longer time in nanoseconds does not fit a field of type `long`. */
const MAX_SPAN_MS = 9e12;

/** Values of `event.start`, `event.end`, `event.duration` (ns). */
export function spanValues(start: JsonValue | undefined, end: JsonValue | undefined): [Slot, Slot, Slot] {
  const from = epochMs(start);
  const to = epochMs(end);
  const isSpan = from !== undefined && to !== undefined && to >= from && to - from < MAX_SPAN_MS;
  return [isoTime(start), isoTime(end), isSpan ? Math.round((to - from) * 1e6) : undefined];
}
