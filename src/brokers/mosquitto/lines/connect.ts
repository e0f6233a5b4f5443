import { type EventKind, Mark } from '../../../core/event.ts';
import { defineKind } from '../../../ecs/kind.ts';
import type { Candidate } from '../context/context.ts';
import { UNKNOWN_SESSION } from '../context/live-session.ts';
import {
  VERSION_1_6,
  VERSION_2_0,
  VERSION_2_1,
  type VersionRange,
  versionNumber,
} from '../context/version-range.ts';
import type { LineReader, Rule } from '../line.ts';
import type { Peer } from '../text/address.ts';
import { withoutCutCharacter } from '../text/line-length.ts';
import {
  headAt,
  MAX_TAILS,
  openTailAt,
  PARTIAL_TAIL,
  possibleTails,
  type Tail,
  tailsOf,
} from './connect-tail.ts';
import { networkType, peerOf } from './peer.ts';

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

/** From this version up to 2.0.22 the address of a WebSockets client is what its `X-Forwarded-For` header says. */
const FORWARDED = versionNumber('2.0.15');

/** No broker writes longer lines: their candidates are not remembered. */
const MAX_REMEMBERED = 4096;

const CLIENT_PREFIX = 'New client connected from ';
const BRIDGE_PREFIX = 'New bridge connected from ';
const TAIL = "as {client} (p{protocol}, c{clean}, k{seconds}[, u'{user}']).";

/** Length of 1.6's format without its first words. */
const CONNECTED_LENGTH = "%s as %s (p%d, c%d, k%d, u'%s').".length;

/** A CONNECT was accepted: of a client, or of another broker's bridge. */
export const connectRules: readonly Rule[] = [
  {
    prefix: CLIENT_PREFIX,
    describes: [{ text: `${CLIENT_PREFIX}{peer} ${TAIL}`, versions: '1.5-', kinds: [CLIENT] }],
    read: (text, line) => readConnected(text, CLIENT_PREFIX.length, CLIENT, line),
  },
  {
    prefix: BRIDGE_PREFIX,
    describes: [{ text: `${BRIDGE_PREFIX}{peer} ${TAIL}`, versions: '1.5-', kinds: [BRIDGE] }],
    read: (text, line) => readConnected(text, BRIDGE_PREFIX.length, BRIDGE, line),
  },
];

/**
 * `New client connected from IP:PORT as ID (p2, c1, k60, u'USER').` Without a user the tail is certain. With one, both id and
 * user may hold text that looks like a tail: then only the peer is certain, and the CONNACK that follows names the client.
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
    ...UNKNOWN_SESSION,
    since: line.time,
    ip,
    port,
    protocol: tail.protocol,
    unannounced: !announced,
    ...(ip === undefined && { address }),
    ...(found.some(({ clean, protocol }) => !clean || protocol === '5.0') && { isKept: true as const }),
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

/** The address may itself hold ` as `: only the CONNACK tells the client, and nothing the address. */
function readForwarded(text: string, start: number, kind: EventKind, line: LineReader): boolean {
  for (let as = text.length > MAX_REMEMBERED ? -1 : start; as !== -1; as = text.indexOf(' as ', as + 4))
    line.live.connectedMaybe(possibleTails(text, as + 4).map(({ at }) => text.substring(as + 4, at)));
  line.emit(kind, [], Mark.ambiguous);
  return true;
}

/**
 * The broker may have cut the line: its end proves nothing. The whole line may be a client's text, so the peer is believed
 * only if the log has told that its connection opened.
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
  const session = { ...UNKNOWN_SESSION, since: line.time, ...(isSeen && { ip, port }) };
  line.next = { type: 'connected', candidates: [], shown, session };
  const values = isSeen ? [undefined, ip, port, address] : [];
  line.emit(kind, values, isSeen ? Mark.truncated : Mark.truncated | Mark.ambiguous);
  return true;
}

/**
 * The line ends within a name that holds a line break: a user name taken from a certificate, or up to 1.5 any name. The next
 * lines are the client's text.
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
    const session = { ...UNKNOWN_SESSION, since: line.time, ip, port, protocol: tail.protocol };
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

/**
 * Connect lines tell versions apart: the protocol since 1.6, the peer's port since 2.0, protocol levels of MQTT since 2.1.
 */
function learnVersions({ ip, port }: Peer, tails: readonly Tail[], versions: VersionRange): void {
  const [first] = tails;
  if (first === undefined) return;
  // The true tail is among them: what all of them say is true.
  if (tails.every((tail) => tail.since === first.since && tail.until === first.until))
    versions.narrow(first.since, first.until);
  if (first.protocol === undefined || ip?.includes('.') !== true) return;
  if (port === undefined) versions.narrow(VERSION_1_6, VERSION_2_0 - 1);
  else versions.narrow(VERSION_2_0, Number.MAX_SAFE_INTEGER);
}
