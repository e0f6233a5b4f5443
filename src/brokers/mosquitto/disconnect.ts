import { type EventKind, Mark, type Outcome } from '../../core/event.ts';
import { defineKind, type KindDefinition } from '../../ecs/kind.ts';
import { parseAddress, parsePeer } from './address.ts';
import { type LineReader, NO_CONTEXT, type Rule } from './line.ts';

const SLOTS = [
  'mqtt.client.id',
  'event.reason',
  'source.ip',
  'source.port',
  'user.name',
  'mqtt.protocol_version',
  'event.start',
  'event.end',
  'event.duration',
  'error.message',
] as const;

const kind = (
  code: string,
  action: KindDefinition['action'],
  outcome?: Outcome,
  level: 'notice' | 'error' = 'notice',
): EventKind =>
  defineKind({ code: `mosquitto.${code}`, action, level, ...(outcome && { outcome }), slots: SLOTS });

const NOT_AUTHORISED = kind('not_authorised', 'client-authentication-failed');
const TAKEN_OVER = kind('session_taken_over', 'session-taken-over', undefined, 'error');
const OTHER = kind('client_disconnected', 'client-disconnected', 'failure');

/** What stands behind the client id, and what it means. */
interface Ending {
  readonly text: string;
  readonly reason: string;
  readonly kind: EventKind;
}

const left = (code: string, text: string, reason: string, outcome: Outcome = 'failure'): Ending => ({
  text,
  reason,
  kind: kind(code, 'client-disconnected', outcome),
});

/** Lines `Client ID …`, by their fixed end: of 1.6, 2.0 and 2.1. */
const ENDINGS: readonly Ending[] = [
  left('client_closed', ' closed its connection.', 'connection_lost'),
  left('client_timeout', ' has exceeded timeout, disconnecting.', 'keep_alive_timeout'),
  { text: ' disconnected, not authorised.', reason: 'not_authorized', kind: NOT_AUTHORISED },
  {
    text: ' disconnected, no longer authorised.',
    reason: 'not_authorized',
    kind: kind('no_longer_authorised', 'client-disconnected', 'failure'),
  },
  {
    text: ' disconnected, bad username or password.',
    reason: 'bad_user_name_or_password',
    kind: kind('bad_credentials', 'client-authentication-failed'),
  },
  {
    text: ' disconnected, client identifier not valid.',
    reason: 'client_identifier_not_valid',
    kind: kind('client_id_rejected', 'client-connection-rejected'),
  },
  {
    text: ' disconnected, server unavailable.',
    reason: 'server_unavailable',
    kind: kind('server_unavailable', 'client-connection-rejected'),
  },
  {
    text: ' disconnected, server busy.',
    reason: 'server_busy',
    kind: kind('server_busy', 'client-connection-rejected'),
  },
  {
    text: ' disconnected, client banned.',
    reason: 'banned',
    kind: kind('client_banned', 'client-connection-rejected'),
  },
  {
    text: ' disconnected, bad authentication method.',
    reason: 'bad_authentication_method',
    kind: kind('bad_authentication_method', 'client-connection-rejected'),
  },
  {
    text: ' disconnected, non-matching http origin.',
    reason: 'http_origin_not_allowed',
    kind: kind('http_origin', 'client-connection-rejected'),
  },
  left('quota_exceeded', ' disconnected, quota exceeded.', 'quota_exceeded'),
  left('connection_rate', ' disconnected, connection rate exceeded.', 'connection_rate_exceeded'),
  left('taken_over', ' disconnected, session taken over.', 'session_taken_over'),
  left('taken_over', ' disconnected: session taken over.', 'session_taken_over'),
  left('implementation_error', ' disconnected, implementation specific error.', 'other_error'),
  left('receive_maximum', ' disconnected due to exceeding the receive maximum.', 'receive_maximum_exceeded'),
  left('malformed_packet', ' disconnected due to malformed packet.', 'malformed_packet'),
  left('protocol_error', ' disconnected due to protocol error.', 'protocol_error'),
  left('packet_too_large', ' disconnected due to oversize packet.', 'packet_too_large'),
  left('payload_too_large', ' disconnected due to oversize payload.', 'payload_too_large'),
  left('out_of_memory', ' disconnected due to out of memory.', 'out_of_memory'),
  left(
    'feature_not_allowed',
    ' disconnected due to QoS too high or retain not supported.',
    'feature_not_allowed',
  ),
  left(
    'feature_not_allowed',
    ' disconnected due to using not allowed feature (QoS too high, retain not supported, or bad AUTH method).',
    'feature_not_allowed',
  ),
  left('administrative_action', ' been disconnected by administrative action.', 'administrative_action'),
  left('administrative_action', ' disconnected by administrative action.', 'administrative_action'),
  left('client_disconnected_normally', ' disconnected.', 'normal', 'success'),
];

const CLIENT = 'Client ';
const TAKEOVER = ' already connected, closing old connection.';
const WITH_WORDS = ' disconnected: ';
const SOCKET_ERROR = 'Socket error on client ';

/** How connections end. */
export const disconnectRules: readonly Rule[] = [
  { prefix: CLIENT, read: readClient },
  { prefix: SOCKET_ERROR, read: readSocketError },
];

function readClient(text: string, line: LineReader): boolean {
  for (const ending of ENDINGS) {
    if (text.endsWith(ending.text)) {
      emit(
        ending.kind,
        text.substring(CLIENT.length, text.length - ending.text.length),
        ending.reason,
        undefined,
        line,
      );
      return true;
    }
  }
  if (text.endsWith(TAKEOVER)) {
    emit(TAKEN_OVER, text.slice(CLIENT.length, -TAKEOVER.length), 'session_taken_over', undefined, line);
    return true;
  }
  return readWords(text, line);
}

/** `Client ID disconnected: WORDS.`: both may hold the text between them; the reading whose client is connected wins. */
function readWords(text: string, line: LineReader): boolean {
  if (!text.endsWith('.')) return false;
  let at = text.indexOf(WITH_WORDS, CLIENT.length);
  if (at === -1) return false;
  let count = 0;
  let chosen = -1;
  for (; at !== -1; at = text.indexOf(WITH_WORDS, at + 1)) {
    count++;
    if (chosen === -1 && line.live.has(text.substring(CLIENT.length, at))) chosen = at;
  }
  const live = chosen !== -1;
  if (!live) chosen = text.lastIndexOf(WITH_WORDS);
  const words = text.slice(chosen + WITH_WORDS.length, -1);
  const marks = count > 1 && !live ? Mark.ambiguous : Mark.none;
  emit(OTHER, text.substring(CLIENT.length, chosen), reasonOf(words), words, line, marks);
  return true;
}

/** 1.6 and older: every end that was not a DISCONNECT. */
function readSocketError(text: string, line: LineReader): boolean {
  if (!text.endsWith(', disconnecting.')) return false;
  emit(OTHER, text.slice(SOCKET_ERROR.length, -16), 'socket_error', undefined, line);
  return true;
}

function reasonOf(words: string): string {
  const known: Readonly<Record<string, string>> = {
    'Protocol error': 'protocol_error',
    'session taken over': 'session_taken_over',
    'not authorised': 'not_authorized',
    'keepalive timeout': 'keep_alive_timeout',
    'Broken pipe': 'connection_lost',
    'Connection reset by peer': 'connection_lost',
    'Connection timed out': 'connection_lost',
  };
  return known[words] ?? 'other_error';
}

function emit(
  kind: EventKind,
  named: string,
  reason: string,
  words: string | undefined,
  line: LineReader,
  marks: number = Mark.none,
): void {
  const { client, ip, port, doubtful } = splitAddress(named, line);
  const { context } = line;
  const session = kind === NOT_AUTHORISED ? undefined : line.live.gone(client);
  const refusedFrom = context.type === 'refused' ? context.address : undefined;
  const from = session === undefined ? undefined : parseAddress(session.address).ip;
  const known = session !== undefined;
  line.context = NO_CONTEXT;
  line.emit(
    kind,
    [
      client === '<unknown>' ? undefined : client,
      reason,
      from ?? ip ?? refusedFrom,
      session?.port ?? port,
      session?.user,
      session?.protocol,
      known ? new Date(session.since).toISOString() : undefined,
      known ? new Date(line.time).toISOString() : undefined,
      known ? (line.time - session.since) * 1_000_000 : undefined,
      words,
    ],
    marks | (doubtful ? Mark.ambiguous : Mark.none),
  );
}

/**
 * 2.1 can name the peer behind the id, `ID [IP:PORT]`. A client id may end like that too, so that the peer is believed only
 * of a broker that says to be 2.1 or newer, or of a connected client from that address.
 */
function splitAddress(
  named: string,
  line: LineReader,
): { client: string; ip?: string | undefined; port?: number | undefined; doubtful: boolean } {
  const at = named.endsWith(']') ? named.lastIndexOf(' [') : -1;
  if (at === -1 || line.live.has(named)) return { client: named, doubtful: false };
  const { ip, port } = parsePeer(named.slice(at + 2, -1));
  if (ip === undefined) return { client: named, doubtful: false };
  const client = named.slice(0, at);
  const session = line.live.get(client);
  if (session !== undefined && session.address === ip && session.port === port)
    return { client, ip, port, doubtful: false };
  const [major = 0, minor = 0] = (line.version ?? '').split('.').map(Number);
  if (line.version !== undefined && (major > 2 || (major === 2 && minor >= 1)))
    return { client, ip, port, doubtful: false };
  return { client: named, doubtful: line.version === undefined };
}
