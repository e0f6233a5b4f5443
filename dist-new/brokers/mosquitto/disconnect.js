import { parseAddress, parsePeer } from './address.js';
import { HOLES } from './holes.js';
/** What the end of a connection tells; times and peer only where the connect was seen. */
export const END_SLOTS = [
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
const REASONS = {
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
export const ended = (reading, line, sure) => {
    const end = endOf(reading, line);
    if (!sure || end === undefined)
        return line.emitUnsure(reading.format.kind);
    const { client, peer } = end;
    const session = client === undefined ? undefined : line.live.gone(client);
    let from = peer;
    if (session === undefined && (client === undefined || isRefused(client, line)))
        from = leftWaiting(end, line);
    emitEnd(reading, line, reading.format.kind, client, session, from);
};
/** A CONNECT was refused, or its rights were taken from a connected client. */
export const refused = (reading, line, sure) => {
    const end = endOf(reading, line);
    if (!sure || end === undefined)
        return line.emitUnsure(reading.format.kind);
    const { client, peer } = end;
    const session = client === undefined || isRefused(client, line) ? undefined : line.live.get(client);
    if (session === undefined) {
        return emitEnd(reading, line, reading.format.kind, client, undefined, leftWaiting(end, line));
    }
    // Another connection may have tried the id of a connected client: only a peer, or nobody else, tells which it was.
    const isOwn = peer === undefined ? line.waiting.none : peer.ip === session.ip && peer.port === session.port;
    if (isOwn && client !== undefined)
        line.live.gone(client);
    const kind = isOwn ? connectedKind(reading.format.kind) : reading.format.kind;
    emitEnd(reading, line, kind, client, isOwn ? session : undefined, peer);
};
/** The new connection of a client has ended its old one; before 2.1 there is no other line about that. */
export const takenOver = (reading, line, sure) => {
    const end = endOf(reading, line);
    if (!sure || end?.client === undefined)
        return line.emitUnsure(reading.format.kind);
    const session = line.live.get(end.client);
    // Over WebSockets the old connection's end is told later.
    if (session?.unannounced === false)
        line.live.gone(end.client);
    emitEnd(reading, line, reading.format.kind, end.client, session, undefined);
};
/** Whose end it is; undefined: a client has chosen the broker's word for nobody. */
function endOf({ format, texts }, line) {
    const name = texts[format.client] ?? '';
    const at = format.holes.indexOf(HOLES.peer);
    const { ip, port } = at === -1 ? { ip: undefined, port: undefined } : parsePeer(texts[at] ?? '');
    const peer = ip === undefined ? undefined : { ip, port };
    const isNobody = name === UNKNOWN || (at !== -1 && parseAddress(name).address === parsePeer(texts[at] ?? '').address);
    if (!isNobody)
        return { client: name, peer };
    return line.live.has(name) ? undefined : { client: undefined, peer };
}
/** The line before was the CONNACK that refused this client. */
function isRefused(client, { context }) {
    return context.type === 'refused' && context.client === client;
}
/** Which of the connections that wait for their CONNECT it was, if that can be known. */
function leftWaiting({ peer }, line) {
    if (peer !== undefined) {
        line.waiting.connected(peer.ip, peer.port);
        return peer;
    }
    const { context } = line;
    return line.waiting.ended(context.type === 'refused' ? context.address : undefined);
}
function emitEnd({ format, texts }, line, kind, client, session, from) {
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
const connectedKinds = new Map();
/** The kind of a refusal's line where it ends an established connection. */
function connectedKind(kind) {
    if (kind.action !== 'client-connection-rejected')
        return kind;
    let made = connectedKinds.get(kind);
    if (made === undefined) {
        made = { ...kind, action: 'client-disconnected', outcome: 'failure' };
        connectedKinds.set(kind, made);
    }
    return made;
}
