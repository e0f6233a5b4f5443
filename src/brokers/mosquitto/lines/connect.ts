import { type EventKind, Mark } from '../../../core/event.ts';
import { defineKind } from '../../../ecs/kind.ts';
import {
  VERSION_1_6,
  VERSION_2_0,
  VERSION_2_1,
  type VersionRange,
  versionNumber,
} from '../context/version-range.ts';
import { type Candidate, digits, type LineReader, type Rule, withoutCutCharacter } from '../line.ts';
import { type Peer, parseAddress, parsePeer } from '../text/address.ts';

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

/** What `p1` to `p5` say, and which versions write them. */
interface Level {
  readonly protocol: string | undefined;
  readonly since: number;
  readonly until: number;
}
const BEFORE_2_1 = { since: VERSION_1_6, until: VERSION_2_1 - 1 };
const SINCE_2_1 = { since: VERSION_2_1, until: Number.MAX_SAFE_INTEGER };
/** Up to 2.0 numbers of the broker's own, from 2.1 on the levels of the wire. */
const LEVELS: Readonly<Record<string, Level>> = {
  '1': { protocol: '3.1', ...BEFORE_2_1 },
  '2': { protocol: '3.1.1', ...BEFORE_2_1 },
  '3': { protocol: '3.1', ...SINCE_2_1 },
  '4': { protocol: '3.1.1', ...SINCE_2_1 },
  '5': { protocol: '5.0', since: VERSION_1_6, until: Number.MAX_SAFE_INTEGER },
};
/** 1.5 writes none. */
const NO_LEVEL: Level = { protocol: undefined, since: 0, until: VERSION_1_6 - 1 };
/** From this version up to 2.0.22 a client of WebSockets may give as `X-Forwarded-For` what is written as its address. */
const FORWARDED = versionNumber('2.0.15');
/** More ways to read a line are not looked at. */
const MAX_TAILS = 32;
/** Of longer lines, which no broker writes, the candidates are not remembered. */
const MAX_REMEMBERED = 4096;
/** A tail without its end has at most so many characters. */
const PARTIAL_TAIL = 20;
const OPENED_PREFIX = 'New connection from ';
const CLIENT_PREFIX = 'New client connected from ';
const BRIDGE_PREFIX = 'New bridge connected from ';
const OPENED_TEXT = 'New connection from {peer} on port {port}.';
const tails = "as {client} (p{protocol}, c{clean}, k{seconds}[, u'{user}']).";
/** Length of 1.6's format without its first words. */
const CONNECTED_LENGTH = "%s as %s (p%d, c%d, k%d, u'%s').".length;

/** Connections that come up, before and with their CONNECT. */
export const connectionRules: readonly Rule[] = [
  {
    prefix: OPENED_PREFIX,
    describes: [{ text: OPENED_TEXT, versions: '1.5-', kinds: [OPENED] }],
    read: readOpened,
  },
  {
    prefix: CLIENT_PREFIX,
    describes: [{ text: `${CLIENT_PREFIX}{peer} ${tails}`, versions: '1.5-', kinds: [CLIENT] }],
    read: (text, line) => readConnected(text, CLIENT_PREFIX.length, CLIENT, line),
  },
  {
    prefix: BRIDGE_PREFIX,
    describes: [{ text: `${BRIDGE_PREFIX}{peer} ${tails}`, versions: '1.5-', kinds: [BRIDGE] }],
    read: (text, line) => readConnected(text, BRIDGE_PREFIX.length, BRIDGE, line),
  },
];

/** `New connection from IP:PORT on port LPORT.`; up to 1.6 without peer port. */
function readOpened(text: string, line: LineReader): boolean {
  const at = text.lastIndexOf(' on port ');
  const port = at === -1 || !text.endsWith('.') ? -1 : digits(text, at + 9, text.length - 1);
  if (port === -1) return false;
  const { ip, port: peerPort, address } = peerOf(text.substring(OPENED_PREFIX.length, at), line.versions);
  if (ip !== undefined) line.pending.opened(ip, peerPort);
  line.emit(OPENED, [ip, peerPort, address, port === 0 ? undefined : port, networkType(ip)]);
  return true;
}

/** The tail ` (p2, c1, k60, u'USER').` of one possible reading; no `p` up to 1.5. */
interface Tail extends Level {
  readonly at: number;
  readonly clean: boolean;
  readonly keepAlive: number;
  readonly user: string | undefined;
}

/**
 * `New client connected from IP:PORT as ID (p2, c1, k60, u'USER').` Without user the tail is fixed. With one, id and user
 * may both hold text that looks like the tail: then only the peer is certain, and the CONNACK that follows names the client.
 */
function readConnected(text: string, start: number, kind: EventKind, line: LineReader): boolean {
  const as = text.indexOf(' as ', start);
  if (as === -1) return false;
  const peer = peerOf(text.substring(start, as), line.versions);
  const { ip, port, address } = peer;
  const isSeen = line.pending.hasAll || (ip !== undefined && line.pending.has(ip, port));
  if (!isSeen && line.versions.meets(FORWARDED, VERSION_2_1 - 1) && /:\d{1,5} as /.test(text.slice(as + 4)))
    return readForwarded(text, as, kind, line);
  if (line.cutAt(start + CONNECTED_LENGTH))
    return readCut(withoutCutCharacter(text.substring(as + 4)), peer, kind, line);
  const withProtocol = port !== undefined || line.versions.isSince(VERSION_1_6);
  const found = possibleTails(text, as + 4).filter((t) => t.protocol !== undefined || !withProtocol);
  const [tail] = found;
  if (tail === undefined) return readBroken(text, as + 4, peer, kind, line);
  const announced = ip !== undefined && line.pending.connected(ip, port);
  const session = {
    since: line.time,
    ip,
    port,
    user: undefined,
    protocol: tail.protocol,
    unannounced: !announced,
  };
  const candidates = found
    .slice(0, text.length > MAX_REMEMBERED ? 1 : MAX_TAILS)
    .map(({ at, user }): Candidate => ({ client: text.substring(as + 4, at), user }));
  line.next = { type: 'connected', candidates, session };
  learnVersions(peer, found, line.versions);
  const isSure = found.length === 1;
  const client = isSure ? candidates[0]?.client : undefined;
  const user = isSure ? tail.user : undefined;
  if (client !== undefined) line.live.connected(client, { ...session, user });
  else line.live.connectedMaybe(candidates.map((candidate) => candidate.client));
  const same = isSure || found.every((t) => t.protocol === tail.protocol && t.keepAlive === tail.keepAlive);
  line.emit(
    kind,
    [
      client,
      ip,
      port,
      address,
      same ? tail.protocol : undefined,
      same && found.every((t) => t.clean === tail.clean) ? tail.clean : undefined,
      same ? tail.keepAlive : undefined,
      user,
      ip === undefined ? undefined : [ip],
      user === undefined ? undefined : [user],
      networkType(ip),
    ],
    isSure ? Mark.none : Mark.ambiguous,
  );
  return true;
}

/** The peer may as well end later: neither it nor the client is known, but by the CONNACK. */
function readForwarded(text: string, start: number, kind: EventKind, line: LineReader): boolean {
  for (let as = text.length > MAX_REMEMBERED ? -1 : start; as !== -1; as = text.indexOf(' as ', as + 4))
    line.live.connectedMaybe(possibleTails(text, as + 4).map(({ at }) => text.substring(as + 4, at)));
  line.emit(kind, [], Mark.ambiguous);
  return true;
}

/**
 * The broker may have cut the line: its end proves nothing. Nor does the rest, where a client's text fills a whole line, so
 * that the peer is believed only of a connection that was seen to open.
 */
function readCut(shown: string, peer: Peer, kind: EventKind, line: LineReader): boolean {
  const { ip, port, address } = peer;
  line.live.connectedCut(shown);
  const ends = tailsOf(shown, 0, headAt).map(({ at }) => at);
  // The line may end within the tail.
  const partial = / (?:\((?:p\d?)?(?:, ?(?:c\d?)?)?(?:, ?(?:k\d*)?)?)?$/.exec(shown.slice(-PARTIAL_TAIL));
  if (partial !== null) ends.push(shown.length - partial[0].length);
  line.live.connectedMaybe(ends.map((end) => shown.slice(0, end)));
  const isSeen = ip !== undefined && line.pending.has(ip, port);
  if (isSeen) line.pending.connected(ip, port);
  const session = {
    since: line.time,
    ip: isSeen ? ip : undefined,
    port: isSeen ? port : undefined,
    user: undefined,
    protocol: undefined,
    unannounced: false,
  };
  line.next = { type: 'connected', candidates: [], shown, session };
  const values = isSeen ? [undefined, ip, port, address] : [];
  line.emit(kind, values, isSeen ? Mark.truncated : Mark.truncated | Mark.ambiguous);
  return true;
}

/**
 * The line ends within a name: a line break in the user, from a certificate, or up to 1.5 in any name. What follows on the
 * next lines is the client's.
 */
function readBroken(text: string, start: number, peer: Peer, kind: EventKind, line: LineReader): boolean {
  const [tail, another] = tailsOf(text, start, openTailAt);
  const { ip, port, address } = peer;
  if (ip === undefined) return false;
  line.pending.connected(ip, port);
  // From 1.6 on, which writes the protocol, only a user can hold line breaks.
  const isSure = tail?.protocol !== undefined && another === undefined;
  const client = isSure ? text.substring(start, tail.at) : undefined;
  if (isSure) {
    const session = {
      since: line.time,
      ip,
      port,
      user: undefined,
      protocol: tail.protocol,
      unannounced: false,
    };
    line.live.connected(text.substring(start, tail.at), session);
  } else {
    line.pending.miss();
  }
  line.broken(kind, ').');
  line.emit(
    kind,
    [client, ip, port, address, tail?.protocol, ...(isSure ? [tail.clean, tail.keepAlive] : [])],
    isSure ? Mark.none : Mark.ambiguous,
  );
  return true;
}

function possibleTails(text: string, start: number): Tail[] {
  if (!text.endsWith(').')) return [];
  const found = tailsOf(text, start, tailAt);
  const last = found.at(-1);
  // Without user nothing can follow: the last tail is the true one, whatever the id holds.
  return last !== undefined && last.user === undefined ? [last] : found;
}

function tailsOf<T>(text: string, start: number, read: (text: string, at: number) => T | undefined): T[] {
  const found: T[] = [];
  for (let at = text.indexOf(' (', start); at !== -1; at = text.indexOf(' (', at + 1)) {
    const tail = read(text, at);
    if (tail === undefined) continue;
    if (found.length === MAX_TAILS) found.pop();
    found.push(tail);
  }
  return found;
}

/** Reads `(p2, c1, k60).` or `(p2, c1, k60, u'USER').` up to the end of the text; up to 1.5 without `p`. */
function tailAt(text: string, at: number): Tail | undefined {
  const head = headAt(text, at);
  if (head === undefined) return undefined;
  const { end, ...facts } = head;
  if (end === text.length - 2) return { ...facts, user: undefined };
  if (!text.startsWith(", u'", end) || !text.endsWith("').") || end + 4 > text.length - 3) return undefined;
  return { ...facts, user: text.slice(end + 4, -3) };
}

/** The same where the text ends within the user. */
function openTailAt(text: string, at: number): Tail | undefined {
  const head = headAt(text, at);
  return head !== undefined && text.startsWith(", u'", head.end) ? { ...head, user: undefined } : undefined;
}

function headAt(text: string, at: number): (Omit<Tail, 'user'> & { readonly end: number }) | undefined {
  let i = at + 2;
  let level: Level | undefined = NO_LEVEL;
  if (text.charCodeAt(i) === 0x70) {
    level = LEVELS[text[i + 1] ?? ''];
    if (level === undefined || !text.startsWith(', ', i + 2)) return undefined;
    i += 4;
  }
  const clean = text.charCodeAt(i + 1) - 48;
  if (text.charCodeAt(i) !== 0x63 || !(clean === 0 || clean === 1) || !text.startsWith(', k', i + 2)) {
    return undefined;
  }
  const start = i + 5;
  let end = start;
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  const keepAlive = digits(text, start, end);
  return keepAlive === -1 ? undefined : { at, ...level, clean: clean === 1, keepAlive, end };
}

/** Connect lines tell versions apart: protocols since 1.6, peer ports since 2.0, levels of the wire since 2.1. */
function learnVersions({ ip, port }: Peer, tails: readonly Tail[], versions: VersionRange): void {
  const [first] = tails;
  if (first === undefined) return;
  // A client's text may look like a tail: the true one is among them.
  if (tails.every((tail) => tail.since === first.since && tail.until === first.until))
    versions.narrow(first.since, first.until);
  if (first.protocol === undefined || ip?.includes('.') !== true) return;
  if (port === undefined) versions.narrow(VERSION_1_6, VERSION_2_0 - 1);
  else versions.narrow(VERSION_2_0, Number.MAX_SAFE_INTEGER);
}

/**
 * Reads a peer: with port since 2.0. An IPv6 address without port would lose its last group to one, so that where the
 * version is not known only what can be an ephemeral port is taken for one.
 */
function peerOf(text: string, versions: VersionRange): Peer {
  const alone = parseAddress(text);
  if (alone.ip === undefined || versions.isSince(VERSION_2_0)) return parsePeer(text);
  const { port } = parsePeer(text);
  const isPort = port !== undefined && port >= 1024 && !era.isBefore(VERSION_2_0);
  return isPort ? parsePeer(text) : { ...alone, port: undefined };
}

function networkType(ip: string | undefined): string | undefined {
  if (ip === undefined) return undefined;
  return ip.includes(':') ? 'ipv6' : 'ipv4';
}
