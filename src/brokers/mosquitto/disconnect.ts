import type { EventKind } from '../../core/event.ts';
import type { FieldName } from '../../ecs/catalogue.ts';
import { parseAddress, parsePeer } from './address.ts';
import type { EmitReading, Reading } from './format.ts';
import { HOLES } from './holes.ts';
import type { LineReader } from './line.ts';
import type { LiveSession } from './live-sessions.ts';
import type { Origin } from './waiting.ts';

/** What the end of a connection tells; times and peer only where the connect was seen. */
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

/** The broker's name for a connection that has told no client id; a client may choose it too. */
const UNKNOWN = '<unknown>';

/** `event.reason` by the C library's words. */
const REASONS: Readonly<Record<string, string>> = {
  'Protocol error': 'protocol_error',
  'Broken pipe': 'connection_lost',
  'Connection reset by peer': 'connection_lost',
  'Connection timed out': 'connection_lost',
  'Operation timed out': 'connection_lost',
  'No route to host': 'connection_lost',
  'Host is unreachable': 'connection_lost',
  'Network is unreachable': 'connection_lost',
  'Out of memory': 'out_of_memory',
  'Cannot allocate memory': 'out_of_memory',
};

/** A connection has ended, mostly of a connected client. */
export const ended: EmitReading = (reading, line, sure) => {
  const end = endOf(reading, line);
  if (!sure || end === undefined) return line.emitUnsure(reading.format.kind);
  const { client, peer } = end;
  const { kind } = reading.format;
  const session = client === undefined ? undefined : line.live.gone(client);
  let from: Origin | undefined = peer;
  if (client === undefined && isEcho(reading, line)) line.waiting.doubt();
  else if (session === undefined && (client === undefined || isRefused(client, line)))
    from = leftWaiting(end, line);
  if (client !== undefined) line.next = { type: 'ended', code: kind.code };
  emitEnd(reading, line, kind, client, session, from);
};

/** A CONNECT was refused, or its rights were taken from a connected client. */
export const refused: EmitReading = (reading, line, sure) => {
  const end = endOf(reading, line);
  if (!sure || end === undefined) return line.emitUnsure(reading.format.kind);
  const { client, peer } = end;
  const session = client === undefined || isRefused(client, line) ? undefined : line.live.get(client);
  if (session === undefined) {
    return emitEnd(reading, line, reading.format.kind, client, undefined, leftWaiting(end, line));
  }
  // Another connection may have tried the id of a connected client: only a peer, or nobody else, tells which it was.
  const isOwn = peer === undefined ? line.waiting.none : peer.ip === session.ip && peer.port === session.port;
  if (isOwn && client !== undefined) line.live.gone(client);
  const kind = isOwn ? connectedKind(reading.format.kind) : reading.format.kind;
  emitEnd(reading, line, kind, client, isOwn ? session : undefined, peer);
};

/** The new connection of a client has ended its old one; before 2.1 there is no other line about that. */
export const takenOver: EmitReading = (reading, line, sure) => {
  const end = endOf(reading, line);
  if (!sure || end?.client === undefined) return line.emitUnsure(reading.format.kind);
  const session = line.live.get(end.client);
  // Over WebSockets the old connection's end is told later.
  if (session?.unannounced === false) line.live.gone(end.client);
  emitEnd(reading, line, reading.format.kind, end.client, session, undefined);
};

interface End {
  readonly client: string | undefined;
  readonly peer: Origin | undefined;
}

/** Whose end it is; undefined: a client has chosen the broker's word for nobody. */
function endOf(reading: Reading, line: LineReader): End | undefined {
  const { format, texts } = reading;
  const name = texts[format.client] ?? '';
  const at = format.holes.indexOf(HOLES.peer);
  const { ip, port } = at === -1 ? { ip: undefined, port: undefined } : parsePeer(texts[at] ?? '');
  const peer = ip === undefined ? undefined : { ip, port };
  const isNobody =
    name === UNKNOWN || (at !== -1 && parseAddress(name).address === parsePeer(texts[at] ?? '').address);
  if (!isNobody) return { client: name, peer };
  const session = line.live.get(name);
  if (session === undefined || isUnnamed(line)) return { client: undefined, peer };
  if (peer !== undefined && session.ip !== undefined)
    return { client: peer.ip === session.ip && peer.port === session.port ? name : undefined, peer };
  return line.waiting.none && !isEcho(reading, line) ? { client: name, peer } : undefined;
}

/** The line before told of a connection that is being refused: this one is of the same, and of no client called so. */
function isUnnamed({ context }: LineReader): boolean {
  return context.type === 'address' || (context.type === 'refused' && context.client !== UNKNOWN);
}

/** Some errors end a connection twice: the second time, in the next line, the client's id is gone. */
function isEcho({ format }: Reading, { context }: LineReader): boolean {
  return context.type === 'ended' && context.code === format.kind.code;
}

/** The line before was the CONNACK that refused this client. */
function isRefused(client: string, { context }: LineReader): boolean {
  return context.type === 'refused' && context.client === client;
}

/** Which of the connections that wait for their CONNECT it was, if that can be known. */
function leftWaiting({ peer }: End, line: LineReader): Origin | undefined {
  if (peer !== undefined) {
    line.waiting.connected(peer.ip, peer.port);
    return peer;
  }
  return line.waiting.ended(addressOf(line));
}

/** The address that the line before named. */
function addressOf({ context }: LineReader): string | undefined {
  if (context.type === 'address') return context.ip;
  return context.type === 'refused' ? context.address : undefined;
}

function emitEnd(
  { format, texts }: Reading,
  line: LineReader,
  kind: EventKind,
  client: string | undefined,
  session: LiveSession | undefined,
  from: Origin | undefined,
): void {
  const words = texts[format.holes.findIndex((hole) => hole.fields[0] === 'error.message')];
  const error = line.context.type === 'tls' ? line.context.error : words;
  const since = session?.since;
  const isTimed = since !== undefined && line.time >= since;
  line.emit(kind, [
    client,
    words === undefined || kind.constants['event.reason'] !== undefined
      ? undefined
      : (REASONS[words] ?? 'other_error'),
    from?.ip ?? session?.ip,
    from === undefined ? session?.port : from.port,
    undefined,
    session?.user,
    session?.protocol,
    isTimed ? new Date(since).toISOString() : undefined,
    isTimed ? new Date(line.time).toISOString() : undefined,
    isTimed ? (line.time - since) * 1_000_000 : undefined,
    error,
  ]);
}

const connectedKinds = new Map<EventKind, EventKind>();

/** The kind of a refusal's line where it ends an established connection. */
function connectedKind(kind: EventKind): EventKind {
  if (kind.action !== 'client-connection-rejected') return kind;
  let made = connectedKinds.get(kind);
  if (made === undefined) {
    made = { ...kind, action: 'client-disconnected', outcome: 'failure' };
    connectedKinds.set(kind, made);
  }
  return made;
}
