import type { EventKind, LogLevel } from '../../core/event.ts';
import { defineKind, type KindDefinition } from '../../ecs/kind.ts';
import { parseAddress } from './address.ts';
import { type LineReader, NO_CONTEXT, type Rule } from './line.ts';

/** A format with one name in it: fixed text before and behind, and what the name is. */
interface Format {
  readonly before: string;
  readonly behind: string;
  readonly names: 'client' | 'address' | 'text';
  readonly kind: EventKind;
}

const SLOTS = ['mqtt.client.id', 'source.ip', 'source.address', 'error.message'] as const;

const format = (
  code: string,
  action: KindDefinition['action'],
  level: LogLevel,
  reason: string | undefined,
  names: Format['names'],
  before: string,
  behind: string,
): Format => ({
  before,
  behind,
  names,
  kind: defineKind({
    code: `mosquitto.${code}`,
    action,
    level,
    ...(reason && { constants: { 'event.reason': reason } }),
    slots: SLOTS,
  }),
});

const FORMATS: readonly Format[] = [
  format(
    'max_connections',
    'client-connection-rejected',
    'notice',
    'quota_exceeded',
    'address',
    'Client connection from ',
    ' denied: max_connections exceeded.',
  ),
  format(
    'tcpd',
    'client-connection-rejected',
    'notice',
    'not_allowed',
    'address',
    'Client connection from ',
    ' denied access by tcpd.',
  ),
  format(
    'will_qos',
    'client-connection-rejected',
    'info',
    'protocol_error',
    'address',
    'Invalid Will QoS in CONNECT from ',
    '.',
  ),
  format(
    'tls_to_plain',
    'tls-handshake-failed',
    'notice',
    'protocol_error',
    'address',
    'Client from ',
    ' appears to be using TLS to connect to a non-TLS listener.',
  ),
  format(
    'password_without_user',
    'protocol-error',
    'error',
    'protocol_error',
    'client',
    'Protocol error from ',
    ': password without username, closing connection.',
  ),
  format(
    'second_connect',
    'protocol-error',
    'notice',
    'protocol_error',
    'client',
    'Bad client ',
    ' sending multiple CONNECT messages.',
  ),
  format(
    'will_too_large',
    'protocol-error',
    'debug',
    'payload_too_large',
    'client',
    'Client ',
    ' connected with too large Will payload',
  ),
  format(
    'empty_subscription',
    'protocol-error',
    'info',
    'protocol_error',
    'address',
    'Empty subscription string from ',
    ', disconnecting.',
  ),
  format(
    'invalid_subscription',
    'protocol-error',
    'info',
    'protocol_error',
    'address',
    'Invalid subscription string from ',
    ', disconnecting.',
  ),
  format(
    'invalid_subscription_qos',
    'protocol-error',
    'info',
    'protocol_error',
    'address',
    'Invalid QoS in subscription command from ',
    ', disconnecting.',
  ),
  format(
    'empty_unsubscription',
    'protocol-error',
    'info',
    'protocol_error',
    'client',
    'Empty unsubscription string from ',
    ', disconnecting.',
  ),
  format(
    'invalid_unsubscription',
    'protocol-error',
    'info',
    'protocol_error',
    'client',
    'Invalid unsubscription string from ',
    ', disconnecting.',
  ),
  format(
    'invalid_publish_qos',
    'protocol-error',
    'info',
    'protocol_error',
    'client',
    'Invalid QoS in PUBLISH from ',
    ', disconnecting.',
  ),
  format(
    'publish_qos_too_high',
    'protocol-error',
    'info',
    'feature_not_allowed',
    'client',
    'Too high QoS in PUBLISH from ',
    ', disconnecting.',
  ),
  format(
    'invalid_publish',
    'protocol-error',
    'info',
    'protocol_error',
    'client',
    'Invalid PUBLISH (QoS=0 and DUP=1) from ',
    ', disconnecting.',
  ),
  format(
    'message_id_reused',
    'protocol-error',
    'warning',
    'protocol_error',
    'client',
    'Reused message ID ',
    ' detected. Clearing from storage.',
  ),
  format(
    'dangerous_name',
    'protocol-error',
    'notice',
    'dangerous_name',
    'text',
    'ACL denying access to client with dangerous username "',
    '"',
  ),
  format(
    'dangerous_name',
    'protocol-error',
    'notice',
    'dangerous_name',
    'client',
    'ACL denying access to client with dangerous client id "',
    '"',
  ),
];

const OPENSSL = defineKind({
  code: 'mosquitto.openssl_error',
  action: 'tls-handshake-failed',
  level: 'error',
  slots: SLOTS,
});
const TLS_FAILED = defineKind({
  code: 'mosquitto.tls_failed',
  action: 'tls-handshake-failed',
  level: 'notice',
  slots: SLOTS,
});
const BAD_SOCKET = defineKind({
  code: 'mosquitto.bad_socket',
  action: 'protocol-error',
  level: 'notice',
  slots: SLOTS,
});
const BAD_PROTOCOL = defineKind({
  code: 'mosquitto.invalid_protocol',
  action: 'client-connection-rejected',
  level: 'info',
  constants: { 'event.reason': 'unsupported_protocol_version' },
  slots: SLOTS,
});
const UNKNOWN_ID = defineKind({
  code: 'mosquitto.unknown_packet_identifier',
  action: 'protocol-error',
  level: 'warning',
  constants: { 'event.reason': 'protocol_error' },
  slots: SLOTS,
});
const dropSlots = ['mqtt.client.id', 'mqtt.payload.size'] as const;
const DROPPED = defineKind({
  code: 'mosquitto.messages_dropped',
  action: 'message-dropped',
  level: 'notice',
  constants: { 'event.reason': 'queue_full', 'mqtt.drop.stage': 'delivery' },
  slots: dropSlots,
});
const OWN_DROPPED = defineKind({
  code: 'mosquitto.own_messages_dropped',
  action: 'input-gap',
  level: 'notice',
  constants: { 'event.reason': 'queue_full' },
  slots: dropSlots,
});
const TOO_LARGE = defineKind({
  code: 'mosquitto.outgoing_too_large',
  action: 'message-dropped',
  level: 'notice',
  constants: { 'event.reason': 'packet_too_large', 'mqtt.drop.stage': 'delivery' },
  slots: ['mqtt.client.id', 'network.bytes'],
});

/** Refusals, broken protocol, failed TLS, dropped messages. */
export const troubleRules: readonly Rule[] = [
  ...FORMATS.map((f): Rule => ({ prefix: f.before, read: (text, line) => readFormat(text, f, line) })),
  { prefix: 'OpenSSL Error[', read: readOpenSsl },
  { prefix: 'Client connection from ', read: (text, line) => split(text, 23, ' failed: ', TLS_FAILED, line) },
  {
    prefix: 'Bad socket read/write on client ',
    read: (text, line) => splitClient(text, 32, ': ', BAD_SOCKET, line),
  },
  { prefix: 'Invalid protocol ', read: readProtocol },
  { prefix: 'Warning: Received ', read: readUnknownId },
  { prefix: 'Outgoing messages are being dropped for client ', read: readDropped },
  { prefix: 'Dropping too large outgoing PUBLISH for ', read: readTooLarge },
];

function readFormat(text: string, { before, behind, names, kind }: Format, line: LineReader): boolean {
  if (!text.endsWith(behind) || text.length < before.length + behind.length) return false;
  let name = text.slice(before.length, text.length - behind.length);
  // `Reused message ID 17 from CLIENT detected. …`
  if (before === 'Reused message ID ') name = name.slice(name.indexOf(' from ') + 6);
  line.context = NO_CONTEXT;
  if (names === 'client') line.emit(kind, [name]);
  else if (names === 'text') line.emit(kind, []);
  else line.emit(kind, peerValues(name));
  return true;
}

function peerValues(name: string): (string | undefined)[] {
  const { ip, address } = parseAddress(name);
  return [undefined, ip, address];
}

/** `OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed`; it carries no address. */
function readOpenSsl(text: string, line: LineReader): boolean {
  const at = text.indexOf(']: ');
  if (at === -1) return false;
  line.emit(OPENSSL, [undefined, undefined, undefined, text.slice(at + 3)]);
  return true;
}

function split(text: string, start: number, middle: string, kind: EventKind, line: LineReader): boolean {
  const at = text.indexOf(middle, start);
  if (at === -1) return false;
  const words = text.slice(at + middle.length, text.endsWith('.') ? -1 : undefined);
  line.emit(kind, [...peerValues(text.slice(start, at)), words]);
  return true;
}

/** The client id may hold the text between; the reading whose client is connected wins, else the last one. */
function splitClient(
  text: string,
  start: number,
  middle: string,
  kind: EventKind,
  line: LineReader,
): boolean {
  let chosen = text.lastIndexOf(middle);
  if (chosen < start) return false;
  for (let at = text.indexOf(middle, start); at !== -1; at = text.indexOf(middle, at + 1)) {
    if (line.live.has(text.slice(start, at))) chosen = at;
  }
  line.emit(kind, [text.slice(start, chosen), undefined, undefined, text.slice(chosen + middle.length)]);
  return true;
}

/** `Invalid protocol version 9 in CONNECT from IP.` and `Invalid protocol "X" in CONNECT from IP.`: X is the client's text. */
function readProtocol(text: string, line: LineReader): boolean {
  const middle = ' in CONNECT from ';
  const at = text.lastIndexOf(middle);
  if (at === -1 || !text.endsWith('.')) return false;
  line.emit(BAD_PROTOCOL, peerValues(text.slice(at + middle.length, -1)));
  return true;
}

/** `Warning: Received PUBREC from ID for an unknown packet identifier 7.` */
function readUnknownId(text: string, line: LineReader): boolean {
  const from = text.indexOf(' from ', 18);
  const at = text.lastIndexOf(' for an unknown packet identifier ');
  if (from === -1 || at < from) return false;
  line.emit(UNKNOWN_ID, [text.slice(from + 6, at)]);
  return true;
}

function readDropped(text: string, line: LineReader): boolean {
  if (!text.endsWith('.')) return false;
  const client = text.slice(47, -1);
  line.deliveries?.dropped(client);
  line.emit(line.ownClients.has(client) ? OWN_DROPPED : DROPPED, [client]);
  return true;
}

function readTooLarge(text: string, line: LineReader): boolean {
  const at = text.lastIndexOf(' (');
  if (at < 40 || !text.endsWith(' bytes)')) return false;
  line.emit(TOO_LARGE, [text.slice(40, at), Number(text.slice(at + 2, -7))]);
  return true;
}
