import { isIP } from 'node:net';
import { binaryText } from '../printed/binary.ts';

/** The client at the head of prose. */
interface Who {
  readonly client: string | undefined;
  readonly peer: string | undefined;
  /** Where the words begin. */
  readonly at: number;
  /** Further on stands what looks like another head: a client wrote one of the two. */
  readonly isDouble?: boolean;
  /** Where the packet stands that a trace of emqttd 0.x tells of. */
  readonly packetAt?: number;
}

/** What stands behind the peer: a module, or the words of a trace. */
const AFTER_PEER = /\[[A-Za-z][\w /-]{0,40}\][ \n]|PUBLISH to |RECV |SEND /y;

/** Process, module and function, and line, as emqttd writes them first. */
export const EMQTTD_PLACE = /^(<\d[\d.]{0,30}>)@(\w{1,64}:\w{1,64}):(\d{1,6}) /;
/** The process before a report of lager. */
export const LAGER_PLACE = /^(<\d[\d.]{0,30}>) /;

const EMQTTD_WHO = /^(Client|WsClient|Session|SM|Stomp|MQTT-SN)\(/;
const ADDRESS = String.raw`([\da-f.:]{3,45}:\d{1,5})`;
/**
 * emqttd 0.5 to 0.10: `Client 10.0.0.1:5: unexpected info …`, `Client(WebSocket) 10.0.0.1:5: …`,
 * `Client(10.0.0.1:5) terminated, reason: …`.
 */
const EMQTTD_PEER = new RegExp(
  String.raw`Client(?:\(WebSocket\))? ${ADDRESS}: (?!.* \(Username: ')|Client\(${ADDRESS}\) (?=terminated, )`,
  'sy',
);
/** What stands behind the id in emqttd 0.10: `Session(ID) expired, shutdown now.` */
const SESSION_WORDS = String.raw`\) (?=expired, |destroyed$|resumed by <|unsubscribe \[|not subscribe |dropped Qos2 |[Cc]annot find |AwaitingRel |Awaiting PUB|unexpected info: )`;
const OLD_SESSION = new RegExp(String.raw`Session\((.*?)${SESSION_WORDS}`, 'sy');
const SESSION_AGAIN = new RegExp(SESSION_WORDS, 'g');
/**
 * emqttd 0.6 to 0.10: `ID@PEER: username 'U' login failed - R`, `Client ID@PEER: shutdown R`, `Protocol ID@PEER Shutdown: R`; an
 * id with blanks looks like words of the broker's, in which a client's may stand.
 */
const AT_ADDRESS = String.raw`@${ADDRESS}(?:: (?=username ')|: (?=shutdown \S)| (?=Shutdown: ))`;
const OLD_CLIENT = new RegExp(String.raw`(?:Client |Protocol )?(\S{0,1024}?)${AT_ADDRESS}`, 'y');
const OLD_AGAIN = new RegExp(AT_ADDRESS, 'g');

/** emqttd 0.x: `RECV from ID@PEER: PUBACK(Qos=0, …)`, `SEND to ID@PEER: …`. */
const TRACE = /(?:RECV from|SEND to) (.*?)@([\da-f.:]{3,45}:\d{1,5}): (?=[A-Z]{4,11}\(Qos=)/sy;
const TRACED = /@[\da-f.:]{3,45}:\d{1,5}: [A-Z]{4,11}\(Qos=/g;

/** Who the prose is about. JSON logs have no such head: they name the client in fields. */
export function whoOf(body: string, at: number, isText: boolean): Who {
  const nobody = { client: undefined, peer: undefined, at };
  return isText
    ? (tracedWho(body, at) ??
        emqttdWho(body, at) ??
        peerWho(body, at) ??
        oldWho(body, at) ??
        sessionWho(body, at) ??
        nobody)
    : nobody;
}

function tracedWho(body: string, at: number): Who | undefined {
  TRACE.lastIndex = at;
  const found = TRACE.exec(body);
  if (found === null) return undefined;
  const packetAt = TRACE.lastIndex;
  TRACED.lastIndex = packetAt;
  if (TRACED.test(body)) return { client: undefined, peer: undefined, at, isDouble: true };
  return { client: known(found[1] ?? ''), peer: found[2], at, packetAt };
}

/** What stands behind an id without peer. */
const AFTER_ID = / (?:\[Session\] |\*\* (?:Generic server|State machine) |WebHook: Url:)/g;

/** What sessions of 3.0 say. */
const SAID = String.raw` (?=The PUB[A-Z]{3,4} PacketId |(?:Unexpected|Duplicated) PUB|Conn <[\d.]+> is discarded |Connection <[\d.]+> kickout |Discarded by <|Dropped qos2 packet |Resumed by connection <|shutdown due to |expired, shutdown now|Unexpected EXIT: conn_pid=)`;
/** 3.0: `ID The PUBREL PacketId 4 is not found`; an id with blanks looks like words of the broker's. */
const PLAIN_ID = new RegExp(String.raw`([^\s[]\S{0,1023}(?<!:))${SAID}`, 'y');
const SAID_AGAIN = new RegExp(SAID, 'g');

/** `ID [Session] `, `ID ** Generic server `, `ID WebHook: Url:`: processes of sessions know their client, but no peer (3.x). */
function sessionWho(body: string, from: number): Who | undefined {
  PLAIN_ID.lastIndex = from;
  const plain = PLAIN_ID.exec(body)?.[1];
  if (plain !== undefined) {
    const at = PLAIN_ID.lastIndex;
    SAID_AGAIN.lastIndex = at;
    return {
      client: known(binaryText(plain) ?? plain),
      peer: undefined,
      at,
      isDouble: SAID_AGAIN.test(body) || body.includes(' PUBLISH to ', at),
    };
  }
  AFTER_ID.lastIndex = from;
  const end = AFTER_ID.exec(body)?.index;
  if (end === undefined || end === from) return undefined;
  const id = body.slice(from, end);
  // Words of the broker's, and text of a client behind them.
  if (/^\[|: |, /.test(id)) return undefined;
  return { client: known(binaryText(id) ?? id), peer: undefined, at: end + 1, isDouble: AFTER_ID.test(body) };
}

/** `Client(ID@PEER): `, `Client(PEER): `, `WsClient(PEER): `, `Session(ID): `, `SM(ID): ` of emqttd. */
function emqttdWho(body: string, at: number): Who | undefined {
  EMQTTD_PEER.lastIndex = at;
  const [, first, second] = (body.startsWith('Client', at) ? EMQTTD_PEER.exec(body) : null) ?? [];
  const peer = first ?? second;
  if (peer !== undefined) return { client: undefined, peer, at: EMQTTD_PEER.lastIndex };
  const kind = EMQTTD_WHO.exec(body.slice(at, at + 10))?.[1];
  if (kind === undefined) return undefined;
  const start = at + kind.length + 1;
  const end = body.indexOf('): ', start);
  const old = kind === 'Session' ? oldSession(body, at) : undefined;
  // An id holds what looks like the end of the other form.
  if (old !== undefined)
    return end === -1 ? old : { ...old, at: Math.min(old.at, end + '): '.length), isDouble: true };
  if (end === -1) return undefined;
  const inside = body.slice(start, end);
  // Of gateways also other parts are named so.
  if (kind === 'Stomp' || kind === 'MQTT-SN')
    return PEER.test(inside) ? { client: undefined, peer: inside, at: end + 3 } : undefined;
  const isDouble = inside.includes('): ') || (inside.includes('@') && /Client\(|Session\(|SM\(/.test(inside));
  if (kind === 'Session' || kind === 'SM')
    return { client: known(inside), peer: undefined, at: end + 3, isDouble };
  const mark = inside.lastIndexOf('@');
  if (mark === -1) return { client: undefined, peer: inside, at: end + 3, isDouble };
  return { client: known(inside.slice(0, mark)), peer: inside.slice(mark + 1), at: end + 3, isDouble };
}

/** What stands behind the address in those forms. */
const OLD_WORDS = [": username '", ': shutdown ', ' Shutdown: '];

function oldSession(body: string, at: number): Who | undefined {
  OLD_SESSION.lastIndex = at;
  const id = OLD_SESSION.exec(body)?.[1];
  if (id === undefined) return undefined;
  SESSION_AGAIN.lastIndex = OLD_SESSION.lastIndex;
  return {
    client: known(id),
    peer: undefined,
    at: OLD_SESSION.lastIndex,
    isDouble: SESSION_AGAIN.test(body),
  };
}

function oldWho(body: string, at: number): Who | undefined {
  const mark = body.indexOf('@', at);
  if (mark === -1 || !OLD_WORDS.some((words) => body.includes(words, mark))) return undefined;
  OLD_CLIENT.lastIndex = at;
  const found = OLD_CLIENT.exec(body);
  if (found === null) return undefined;
  const end = OLD_CLIENT.lastIndex;
  OLD_AGAIN.lastIndex = end;
  return { client: known(found[1] ?? ''), peer: found[2], at: end, isDouble: OLD_AGAIN.test(body) };
}

const PEER = /^[\w.:[\]-]{3,64}:\d{1,5}$/;
/** An address that was made unreadable before the log was shown: `xxx.xxx.xxx.254:49822`, `<IP>:<Port>`. */
const MASKED = /^(?:(?:[\dxX*]{1,4}\.){3}[\dxX*]{1,4}:[\dxX*]{1,5}|<[A-Za-z]{1,16}>:<[A-Za-z]{1,16}>)$/;

/** What looks like words of the broker's, in which a client has written a head. */
const BROKERS = /^\[|: |, |^(?:Client|Session|Protocol|Queue|SUBSCRIBE|ACL Deny:) /;

/** `ID@PEER ` or `PEER `. The id may hold anything, also what looks like a peer. */
function peerWho(body: string, from: number): Who | undefined {
  const space = body.indexOf(' ', from);
  if (space === -1) return undefined;
  const first = body.slice(from, space);
  const isMasked = MASKED.test(first) && isHeadEnd(body, space + 1);
  if (isMasked || (PEER.test(first) && isPeer(first) && !first.includes('@'))) {
    return { client: undefined, peer: first, at: space + 1, isDouble: hasHead(body, space) };
  }
  for (
    let mark = body.indexOf('@', from);
    mark !== -1 && mark < from + 8192;
    mark = body.indexOf('@', mark + 1)
  ) {
    const end = body.indexOf(' ', mark);
    if (end === -1) return undefined;
    const peer = end - mark > 64 ? '' : body.slice(mark + 1, end);
    if (!PEER.test(peer) && !MASKED.test(peer)) continue;
    const id = body.slice(from, mark);
    // Without a module behind it, an address after several words belongs to the prose.
    if (id.includes(' ') && !isHeadEnd(body, end + 1)) continue;
    const client = binaryText(id) ?? id;
    return {
      client: known(client),
      peer,
      at: end + 1,
      isDouble: hasHead(body, end) || (id.includes(' ') && BROKERS.test(id)),
    };
  }
  return undefined;
}

function isHeadEnd(body: string, at: number): boolean {
  AFTER_PEER.lastIndex = at;
  return AFTER_PEER.test(body);
}

/** `@PEER [Module] `, `@PEER RECV `. */
const HEAD = /@[\w.:[\]-]{3,64}:\d{1,5} (?:\[[A-Za-z][\w /-]{0,40}\][ \n]|PUBLISH to |RECV |SEND )/g;

/** What looks like a head of 4.x stands further on. */
export function hasPeer(body: string, from: number): boolean {
  const at = body.indexOf('@', from);
  HEAD.lastIndex = at;
  return at !== -1 && HEAD.test(body);
}

/** `@PEER key: `, before a trace point of 4.x. */
const POINT_HEAD = /@[\w.:[\]-]{3,64}:\d{1,5} [a-z]\w{0,31}: /g;

function hasHead(body: string, from: number): boolean {
  POINT_HEAD.lastIndex = from;
  return hasPeer(body, from) || POINT_HEAD.test(body);
}

function isPeer(text: string): boolean {
  const host = text.slice(0, text.lastIndexOf(':'));
  return isIP(host.replace(/^\[|\]$/g, '')) !== 0;
}

function known(text: string): string | undefined {
  return text === '' || text === 'undefined' ? undefined : text;
}
