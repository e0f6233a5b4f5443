import { type EventKind, Mark } from '../../core/event.ts';
import { defineKind } from '../../ecs/kind.ts';
import { parseAddress, parsePeer } from './address.ts';
import { digits, type LineReader, NO_CONTEXT, type Rule } from './line.ts';

const OPENED = defineKind({
  code: 'mosquitto.connection_opened',
  action: 'network-connection-opened',
  level: 'notice',
  constants: { 'network.transport': 'tcp', 'network.protocol': 'mqtt' },
  slots: ['source.ip', 'source.port', 'source.address', 'destination.port', 'network.type'],
});

const connected = (code: string): EventKind =>
  defineKind({
    code: `mosquitto.${code}`,
    action: 'client-connected',
    level: 'notice',
    constants: { 'network.transport': 'tcp', 'network.protocol': 'mqtt' },
    slots: [
      'mqtt.client.id',
      'source.ip',
      'source.port',
      'source.address',
      'mqtt.protocol_version',
      'mqtt.clean_start',
      'mqtt.keep_alive',
      'user.name',
      'related.ip',
      'related.user',
      'network.type',
    ],
  });
const CLIENT = connected('client_connected');
const BRIDGE = connected('bridge_connected');

const NO_WILL = defineKind({
  code: 'mosquitto.no_will',
  action: 'broker-log',
  level: 'debug',
  slots: ['mqtt.client.id'],
});
const WILL = defineKind({
  code: 'mosquitto.will',
  action: 'will-registered',
  level: 'debug',
  slots: [
    'mqtt.client.id',
    'mqtt.will.payload_size',
    'mqtt.will.retained',
    'mqtt.will.qos',
    'mqtt.will.topic',
  ],
});
const EXPIRED = defineKind({
  code: 'mosquitto.session_expired',
  action: 'session-expired',
  level: 'notice',
  slots: ['mqtt.client.id'],
});
const NEGOTIATED = defineKind({
  code: 'mosquitto.tls_negotiated',
  action: 'broker-log',
  level: 'notice',
  constants: { 'tls.established': true, 'tls.version_protocol': 'tls' },
  slots: ['mqtt.client.id', 'tls.version', 'tls.cipher'],
});

/** `p1`, `p2`, `p5` of the log are not the protocol levels of the wire. */
const PROTOCOLS: Readonly<Record<string, string>> = { '1': '3.1', '2': '3.1.1', '5': '5.0' };

export const connectionRules: readonly Rule[] = [
  { prefix: 'New connection from ', read: readOpened },
  { prefix: 'New client connected from ', read: (text, line) => readConnected(text, 26, CLIENT, line) },
  { prefix: 'New bridge connected from ', read: (text, line) => readConnected(text, 26, BRIDGE, line) },
  { prefix: 'No will message specified.', read: readNoWill },
  { prefix: 'Will message specified (', read: readWill },
  { prefix: '\t', read: readWillTopic },
  { prefix: 'Expiring client ', read: (text, line) => readExpired(text, 16, line) },
  { prefix: 'Expiring persistent client ', read: (text, line) => readExpired(text, 27, line) },
  { prefix: 'Client ', read: readNegotiated },
];

/** `New connection from IP:PORT on port LPORT.`; 1.6 gives no peer port. */
function readOpened(text: string, line: LineReader): boolean {
  const at = text.lastIndexOf(' on port ');
  const port = at === -1 || !text.endsWith('.') ? -1 : digits(text, at + 9, text.length - 1);
  if (port === -1) return false;
  const { ip, port: peerPort, address } = peer(text.substring(20, at));
  if (ip !== undefined && peerPort !== undefined) line.live.open(ip, peerPort);
  line.emit(OPENED, [ip, peerPort, address, port === 0 ? undefined : port, networkType(ip)]);
  return true;
}

/** The tail ` (p2, c1, k60, u'USER').` of one possible reading. */
interface Tail {
  readonly at: number;
  readonly protocol: string | undefined;
  readonly clean: boolean;
  readonly keepAlive: number;
  readonly user: string | undefined;
}

/**
 * `New client connected from IP:PORT as ID (p2, c1, k60, u'USER').` Without user the tail is fixed. With one, id and user
 * may both hold text that looks like the tail: the reading is then a guess, and no user is believed.
 */
function readConnected(text: string, start: number, kind: EventKind, line: LineReader): boolean {
  const as = text.indexOf(' as ', start);
  if (as === -1) return false;
  const { ip, port, address } = peer(text.substring(start, as));
  const tails = possibleTails(text, as + 4);
  const tail = tails[0];
  if (tail === undefined) return false;
  const ambiguous = tails.length > 1;
  const client = text.substring(as + 4, tail.at);
  const user = ambiguous ? undefined : tail.user;
  line.live.connected(client, {
    since: line.time,
    address: ip ?? address,
    port,
    user,
    protocol: tail.protocol,
  });
  line.context = { type: 'connected', client };
  line.emit(
    kind,
    [
      client,
      ip,
      port,
      address,
      tail.protocol,
      tail.clean,
      tail.keepAlive,
      user,
      ip === undefined ? undefined : [ip],
      user === undefined ? undefined : [user],
      networkType(ip),
    ],
    ambiguous ? Mark.ambiguous : Mark.none,
  );
  return true;
}

function possibleTails(text: string, start: number): Tail[] {
  const tails: Tail[] = [];
  if (!text.endsWith(').')) return tails;
  for (let at = text.indexOf(' (p', start); at !== -1; at = text.indexOf(' (p', at + 1)) {
    const tail = tailAt(text, at);
    if (tail !== undefined) tails.push(tail);
  }
  const last = tails.at(-1);
  // Without user nothing can follow: the last tail is the true one, whatever the id holds.
  return last !== undefined && last.user === undefined ? [last] : tails;
}

/** Reads `(p2, c1, k60).` or `(p2, c1, k60, u'USER').` up to the end of the text; 1.5 has no `p`. */
function tailAt(text: string, at: number): Tail | undefined {
  const protocol = PROTOCOLS[text[at + 3] ?? ''];
  const clean = text.charCodeAt(at + 7) - 48;
  if (!text.startsWith(', c', at + 4) || !(clean === 0 || clean === 1) || !text.startsWith(', k', at + 8))
    return undefined;
  let end = at + 11;
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  const keepAlive = digits(text, at + 11, end);
  if (keepAlive === -1) return undefined;
  const facts = { at, protocol, clean: clean === 1, keepAlive };
  if (end === text.length - 2) return { ...facts, user: undefined };
  if (!text.startsWith(", u'", end) || !text.endsWith("').") || end + 4 > text.length - 3) return undefined;
  return { ...facts, user: text.slice(end + 4, -3) };
}

function readNoWill(text: string, line: LineReader): boolean {
  if (text.length !== 26) return false;
  line.emit(NO_WILL, [line.context.type === 'connected' ? line.context.client : undefined]);
  line.context = NO_CONTEXT;
  return true;
}

/** `Will message specified (5 bytes) (r1, q1).`; the topic follows in a TAB line. */
function readWill(text: string, line: LineReader): boolean {
  const sizeEnd = text.indexOf(' bytes) (r', 24);
  const size = sizeEnd === -1 ? -1 : digits(text, 24, sizeEnd);
  const retained = text[sizeEnd + 10];
  const qos = digits(text, text.length - 3, text.length - 2);
  if (size === -1 || qos === -1 || !text.endsWith(').')) return false;
  const client = line.context.type === 'connected' ? line.context.client : undefined;
  line.context = { type: 'will', client, size, qos, retained: retained === '1' };
  line.emit(WILL, [client, size, retained === '1', qos]);
  return true;
}

function readWillTopic(text: string, line: LineReader): boolean {
  const { context } = line;
  if (context.type !== 'will') return false;
  line.context = NO_CONTEXT;
  line.emit(WILL, [context.client, context.size, context.retained, context.qos, text.substring(1)]);
  return true;
}

function readExpired(text: string, start: number, line: LineReader): boolean {
  if (!text.endsWith(' due to timeout.')) return false;
  line.emit(EXPIRED, [text.slice(start, -16)]);
  return true;
}

/** 2.1: `Client ID negotiated TLSv1.3 cipher TLS_AES_256_GCM_SHA384`. */
function readNegotiated(text: string, line: LineReader): boolean {
  const at = text.lastIndexOf(' negotiated ');
  const cipher = text.lastIndexOf(' cipher ');
  if (at < 7 || cipher < at || !text.startsWith('TLS', at + 12)) return false;
  const version = text.substring(at + 12, cipher).replace(/^TLSv/, '');
  line.emit(NEGOTIATED, [text.substring(7, at), version, text.substring(cipher + 8)]);
  return true;
}

/** 1.6 writes the address alone; an IPv6 address without port would lose its last group to `parsePeer`. */
function peer(text: string): ReturnType<typeof parsePeer> {
  const alone = parseAddress(text);
  const colons = text.split(':').length - 1;
  return alone.ip !== undefined && (colons === 0 || colons === 7)
    ? { ...alone, port: undefined }
    : parsePeer(text);
}

function networkType(ip: string | undefined): string | undefined {
  if (ip === undefined) return undefined;
  return ip.includes(':') ? 'ipv6' : 'ipv4';
}
