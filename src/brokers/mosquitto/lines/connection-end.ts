import type { EventKind } from '../../../core/event.ts';
import type { FieldName } from '../../../ecs/catalogue.ts';
import type { LiveSession } from '../context/live-session.ts';
import type { Origin } from '../context/pending-connections.ts';
import { VERSION_2_1 } from '../context/version-range.ts';
import type { LineReader } from '../line.ts';
import type { EmitReading, Reading } from '../matching/format.ts';
import { PLACEHOLDERS } from '../matching/placeholders.ts';
import { NO_ADDRESS, type Peer, parseAddress, parsePeer } from '../text/address.ts';
import { OtherAction } from './other-action.ts';

/** What the end of a connection tells; times and peer only where its connect line was seen. */
export const END_SLOTS: readonly FieldName[] = [
  'mqtt.client.id',
  'event.reason',
  'source.ip',
  'source.port',
  'source.address',
  'user.name',
  'mqtt.protocol_version',
  'event.start',
  'event.end',
  'event.duration',
  'error.message',
];

const TIMEOUT = 'mosquitto.client_timeout';
const SOCKET_ERROR = 'mosquitto.socket_error';

/** The broker's word for a connection without client id, but in 2.1; a client may choose it as its id. */
const UNKNOWN = '<unknown>';

/** `event.reason` by the C library's words. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['Protocol error', 'protocol_error'],
  ['Broken pipe', 'connection_lost'],
  ['Connection reset by peer', 'connection_lost'],
  ['Connection timed out', 'connection_lost'],
  ['Operation timed out', 'connection_lost'],
  ['No route to host', 'connection_lost'],
  ['Host is unreachable', 'connection_lost'],
  ['Network is unreachable', 'connection_lost'],
  ['Out of memory', 'out_of_memory'],
  ['Cannot allocate memory', 'out_of_memory'],
]);

/** A connection has ended, in most cases a connected client's. */
export const ended: EmitReading = (reading, line, sure) => {
  const { kind } = reading.format;
  const end = endOf(reading, line);
  if (!sure || end === undefined) return line.emitUnsure(kind);
  const { client, peer, hasPeer } = end;
  const live = client === undefined ? undefined : line.live.get(client);
  if (live === undefined && (isSecondLine(reading, client, line) || isOffline(reading, end, line)))
    return emitEnd(reading, line, TOLD.of(kind), client, undefined, peer);
  if (client === undefined) {
    const isAgain = isEcho(reading, line);
    if (isAgain) line.pending.doubt();
    const from = isAgain ? peer : leftWaiting(end, line);
    if (!isAgain) line.next = { type: 'ended', code: kind.code };
    return emitEnd(reading, line, kind, client, undefined, from);
  }
  const isBridge = end.isBridge || live?.isBridge === true;
  if (!isBridge && (isRefused(client, line) || isOther(end, live)))
    return emitEnd(reading, line, asRejected(kind), client, undefined, leftWaiting(end, line));
  const isOwn = isBridge === (live?.isBridge === true);
  const session = isOwn ? (line.live.gone(client) ?? takenFrom(client, line)) : undefined;
  if (session === undefined && hasPeer) leftWaiting(end, line);
  line.next = { type: 'ended', client, code: kind.code };
  emitEnd(reading, line, isBridge ? BRIDGE.of(kind) : kind, client, session, peer);
};

/** A CONNECT was refused, or a connected client has lost its rights. */
export const refused: EmitReading = (reading, line, sure) => {
  const { kind } = reading.format;
  const end = endOf(reading, line);
  if (!sure || end === undefined) return line.emitUnsure(kind);
  const { client, peer, hasPeer } = end;
  if (client !== undefined && isRefused(client, line))
    return emitEnd(reading, line, asRejected(kind), client, undefined, leftWaiting(end, line));
  const session = client === undefined ? undefined : line.live.get(client);
  if (client === undefined || session === undefined)
    return emitEnd(reading, line, kind, client, undefined, leftWaiting(end, line));
  // Another connection may have tried the id of a connected client. It was the client's own if the peer is the client's, or if
  // no other connection is pending.
  const isOwn = hasPeer ? isFrom(end, session) : line.pending.none;
  if (isOwn) line.live.gone(client);
  else if (hasPeer) leftWaiting(end, line);
  emitEnd(reading, line, isOwn ? asEnd(kind) : kind, client, isOwn ? session : undefined, peer);
};

/** A client has connected anew, which ended its old connection: in 2.0 no other line tells of that. */
export const takenOver: EmitReading = (reading, line, sure) => {
  const end = endOf(reading, line);
  if (!sure || end?.client === undefined) return line.emitUnsure(reading.format.kind);
  const session = line.live.get(end.client);
  // Over WebSockets the end of the old connection is logged later.
  if (session?.unannounced === false) {
    line.live.gone(end.client);
    line.next = { type: 'taken-over', client: end.client, session };
  }
  emitEnd(reading, line, reading.format.kind, end.client, session, undefined);
};

interface End {
  readonly client: string | undefined;
  readonly peer: Origin | undefined;
  /** The line tells its address in place of the client id that it has not. */
  readonly address?: string | undefined;
  /** The line tells the peer, though not always an IP address. */
  readonly hasPeer: boolean;
  /** It was a bridge's own connection: of those with a client id, only such a one has no address. */
  readonly isBridge: boolean;
}

/** Whose connection has ended; undefined: nobody's, or that of a client whose id is the broker's word for nobody. */
function endOf(reading: Reading, line: LineReader): End | undefined {
  const { format, texts } = reading;
  const name = texts[format.client] ?? '';
  const told = peerIn(reading);
  const hasPeer = told !== undefined;
  const { ip, port, address } = told ?? NOWHERE;
  const peer = ip === undefined ? undefined : { ip, port };
  // Since 2.1 the broker writes the address where it has no client id.
  const named = hasPeer || line.versions.isSince(VERSION_2_1) ? parseAddress(name) : NOWHERE;
  const isNobody = hasPeer ? named.address === address : name === UNKNOWN || named.ip !== undefined;
  if (!isNobody || isRefused(name, line))
    return {
      client: name,
      peer,
      hasPeer,
      isBridge: address === NO_ADDRESS && reasonOf(reading) !== TAKEN_OVER,
    };
  const session = line.live.get(name);
  const nobody = { client: undefined, peer, address: named.ip, hasPeer, isBridge: false };
  if (session === undefined || isUnnamed(line)) return nobody;
  if (hasPeer && session.ip !== undefined)
    return isFrom(nobody, session) ? { ...nobody, client: name } : nobody;
  return line.pending.none && !isEcho(reading, line) ? { ...nobody, client: name } : undefined;
}

/** The line tells no address. */
const NOWHERE: Peer = { address: '', ip: undefined, port: undefined };

/** The peer that the line tells, if its format has one. */
function peerIn({ format, texts }: Reading): Peer | undefined {
  const at = format.placeholders.indexOf(PLACEHOLDERS.peer);
  return at === -1 ? undefined : parsePeer(texts[at] ?? '');
}

/** What is known of the connection that another one of the same client has just taken over. */
function takenFrom(client: string, { context }: LineReader): LiveSession | undefined {
  return context.type === 'taken-over' && context.client === client ? context.session : undefined;
}

function isFrom({ peer }: End, { ip, port }: LiveSession): boolean {
  return peer?.ip === ip && peer?.port === port;
}

/** It was another connection with the id of a connected client: its CONNECT was not accepted. */
function isOther(end: End, session: LiveSession | undefined): boolean {
  return session?.ip !== undefined && session.before === undefined && end.hasPeer && !isFrom(end, session);
}

/** The line before was about a connection that is being refused: this line is about the same one, which has no client id. */
function isUnnamed({ context }: LineReader): boolean {
  return context.type === 'address' || context.type === 'refused';
}

/** The same end again: after some errors the next line repeats it, without the client id. */
function isEcho({ format }: Reading, { context }: LineReader): boolean {
  return context.type === 'ended' && context.client !== undefined && context.code === format.kind.code;
}

/** Up to 1.5 a timeout has two lines. */
function isSecondLine({ format }: Reading, client: string | undefined, { context }: LineReader): boolean {
  return (
    context.type === 'ended' &&
    context.client === client &&
    context.code === TIMEOUT &&
    format.kind.code === SOCKET_ERROR
  );
}

const TAKEN_OVER = 'session_taken_over';

/**
 * It is the end of a session without connection: when its client comes back (1.4, 2.1), or at a reload (2.0). One that was kept
 * over a restart of the broker has no address.
 */
function isOffline(reading: Reading, { client }: End, line: LineReader): boolean {
  const reason = reasonOf(reading);
  if (client === undefined || (reason !== 'normal' && reason !== TAKEN_OVER)) return false;
  if (takenFrom(client, line) !== undefined) return false;
  return line.live.hasLeft(client) || (reason === TAKEN_OVER && peerIn(reading)?.address === NO_ADDRESS);
}

function reasonOf({ format }: Reading): string | undefined {
  const reason = format.kind.constants['event.reason'];
  return typeof reason === 'string' ? reason : undefined;
}

/** The line before was the CONNACK that refused this client. */
function isRefused(client: string, { context }: LineReader): boolean {
  return context.type === 'refused' && context.client === client;
}

/**
 * The connection is not pending any more.
 * @returns where it came from, if that can be known
 */
function leftWaiting({ peer, hasPeer, address }: End, line: LineReader): Origin | undefined {
  if (peer !== undefined) line.pending.connected(peer.ip, peer.port);
  if (hasPeer) return peer;
  const { context } = line;
  if (context.type === 'refused' && context.client === undefined) return context.from;
  return line.pending.ended(context.type === 'address' ? context.ip : address);
}

function emitEnd(
  reading: Reading,
  line: LineReader,
  kind: EventKind,
  client: string | undefined,
  session: LiveSession | undefined,
  from: Origin | undefined,
): void {
  const { format, texts } = reading;
  const words =
    texts[format.placeholders.findIndex((placeholder) => placeholder.fields[0] === 'error.message')];
  const error = line.context.type === 'tls' ? line.context.error : words;
  const ip = from?.ip ?? session?.ip;
  const path = ip === undefined ? (peerIn(reading)?.address ?? session?.address) : undefined;
  const since = session?.since;
  const isTimed = since !== undefined && line.time >= since;
  line.emit(kind, [
    client,
    words === undefined || kind.constants['event.reason'] !== undefined
      ? undefined
      : (REASONS.get(words) ?? 'other_error'),
    ip,
    from === undefined ? session?.port : from.port,
    path === NO_ADDRESS || path === '' ? undefined : path,
    session?.user,
    session?.protocol,
    isTimed ? new Date(since).toISOString() : undefined,
    isTimed ? new Date(line.time).toISOString() : undefined,
    isTimed ? (line.time - since) * 1_000_000 : undefined,
    error,
  ]);
}

const END = new OtherAction('client-disconnected', 'failure');
const TOLD = new OtherAction('broker-log');
const REJECTION = new OtherAction('client-connection-rejected', 'failure');
const BRIDGE = new OtherAction('bridge-disconnected');

/** The kind of a refusal's line where it ends an established connection. */
function asEnd(kind: EventKind): EventKind {
  return kind.action === 'client-connection-rejected' ? END.of(kind) : kind;
}

/** The kind of an end's line where no connection was established. */
function asRejected(kind: EventKind): EventKind {
  return kind.action === 'client-disconnected' ? REJECTION.of(kind) : kind;
}
