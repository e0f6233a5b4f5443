import { isIP } from 'node:net';
import { Mark } from '../../../core/event.ts';
import { type Packet, type Payload, readPacket } from '../printed/packet.ts';
import { binarySize, binaryText } from '../printed/term.ts';
import { binariesIn, mayHoldMessages } from '../secrets/payload-keys.ts';
import { payloadsOf, withoutPlaces } from '../secrets/places.ts';
import { hideSecrets } from '../secrets/secrets.ts';
import { parsePeer } from '../values/peer.ts';
import { type Entry, loggerOf } from './entry.ts';

/** 5.x says at the end of prose what wrote it. */
const WRITTEN =
  /\s{1,2}mfa: (?:undefined|(\w{1,64}:[\w'-]{1,64}\/\d{1,3})(?:\(\d{1,6}\))?)(?: line: \d{1,6})?$/;

/** What is known of a prose entry before its words are read. */
export type ProseBase = Pick<
  Entry,
  'time' | 'level' | 'marks' | 'tag' | 'logger' | 'client' | 'peer' | 'fields' | 'isText'
>;

/** Who and where, and where the words begin. */
interface Who {
  readonly client: string | undefined;
  readonly peer: string | undefined;
  readonly at: number;
  readonly isDouble?: boolean;
}

const MODULE = /\[([A-Za-z][\w /-]{0,40})\] /y;
/** What stands behind the peer: a module, or the words of a trace. */
const AFTER_PEER = /\[[A-Za-z][\w /-]{0,40}\] |PUBLISH to |RECV |SEND /y;
const EMQTTD_PLACE = /^(<\d[\d.]{0,30}>)@(\w{1,64}:\w{1,64}):(\d{1,6}) /;
const EMQTTD_WHO = /^(Client|WsClient|Session|SM)\(/;

/**
 * Reads what stands before the words of 3.x, 4.x and emqttd: `ID@PEER [Channel] …`, `<<"ID">>@PEER [MQTT] …`,
 * `<0.9.0>@emqttd_protocol:trace:266 Client(ID@PEER): …`, `Session(ID): …`. Then hides what must not be told.
 */
export function readProse(body: string, base: ProseBase): Entry {
  const place = EMQTTD_PLACE.exec(body);
  const start = place?.[0].length ?? 0;
  const who = whoOf(body, start, base.isText);
  MODULE.lastIndex = who.at;
  const module = MODULE.exec(body);
  const at = who.at + (module?.[0].length ?? 0);
  const written = base.isText ? WRITTEN.exec(body.slice(at)) : null;
  const text = body
    .slice(at, written === null ? undefined : at + written.index)
    .replace(/^(?:\n|, )(?=Parse failed)/, '');
  const { packet, payloads } = packetIn(body, at);
  const isAmbiguous = who.isDouble === true || packet?.isAmbiguous === true;
  const shown = isCrash(text)
    ? withoutBinaries(body)
    : withoutPlaces(body, 0, [...payloads, ...rawBytes(body, at)]);
  const pid = place?.[1];
  return {
    ...base,
    marks: base.marks | (isAmbiguous ? Mark.ambiguous : Mark.none),
    message: hideSecrets(shown),
    name: undefined,
    text,
    tag: module?.[1] ?? base.tag,
    logger: loggerOf(place?.[2] ?? written?.[1]) ?? base.logger,
    client: who.isDouble === true ? undefined : (who.client ?? base.client),
    peer: who.peer === undefined || who.isDouble === true ? base.peer : parsePeer(who.peer),
    user: undefined,
    topic: undefined,
    packet,
    payloadSize: undefined,
    fields: pid === undefined ? base.fields : { ...base.fields, pid, line: place?.[3] ?? '' },
  };
}

/** Reports of OTP about a process that has ended, and of lager. */
export function isCrash(text: string): boolean {
  return /^(\*\* )?(crasher:|supervisor:|Supervisor:|Generic server |gen_\w+ |State machine |Error in process |=[A-Z ]+ ?REPORT=)/.test(
    text,
  );
}

/** JSON says it by name: there the words begin at once. */
function whoOf(body: string, at: number, isText: boolean): Who {
  const nobody = { client: undefined, peer: undefined, at };
  return isText ? (emqttdWho(body, at) ?? peerWho(body, at) ?? nobody) : nobody;
}

/** `Client(ID@PEER): `, `Client(PEER): `, `WsClient(PEER): `, `Session(ID): `, `SM(ID): ` of emqttd. */
function emqttdWho(body: string, at: number): Who | undefined {
  const kind = EMQTTD_WHO.exec(body.slice(at, at + 10))?.[1];
  if (kind === undefined) return undefined;
  const start = at + kind.length + 1;
  const end = body.indexOf('): ', start);
  if (end === -1) return undefined;
  const inside = body.slice(start, end);
  const isDouble = inside.includes('): ') || (inside.includes('@') && /Client\(|Session\(|SM\(/.test(inside));
  if (kind === 'Session' || kind === 'SM')
    return { client: known(inside), peer: undefined, at: end + 3, isDouble };
  const mark = inside.lastIndexOf('@');
  if (mark === -1) return { client: undefined, peer: inside, at: end + 3, isDouble };
  return { client: known(inside.slice(0, mark)), peer: inside.slice(mark + 1), at: end + 3, isDouble };
}

const PEER = /^[\w.:[\]-]{3,64}:\d{1,5}$/;

/** `ID@PEER `, `PEER `: the id may hold anything, so that more than one place may look like the peer. */
function peerWho(body: string, from: number): Who | undefined {
  const space = body.indexOf(' ', from);
  if (space === -1) return undefined;
  const first = body.slice(from, space);
  if (PEER.test(first) && isPeer(first) && !first.includes('@')) {
    return { client: undefined, peer: first, at: space + 1, isDouble: hasPeer(body, space) };
  }
  for (
    let mark = body.indexOf('@', from);
    mark !== -1 && mark < from + 8192;
    mark = body.indexOf('@', mark + 1)
  ) {
    const end = body.indexOf(' ', mark);
    if (end === -1) return undefined;
    if (end - mark > 64 || !PEER.test(body.slice(mark + 1, end))) continue;
    const id = body.slice(from, mark);
    // Prose that speaks of an address somewhere is no such head: an id has no words before it.
    if (id.includes(' ') && !isHeadEnd(body, end + 1)) continue;
    const client = binaryText(id) ?? id;
    return {
      client: known(client),
      peer: body.slice(mark + 1, end),
      at: end + 1,
      isDouble: hasPeer(body, end),
    };
  }
  return undefined;
}

function isHeadEnd(body: string, at: number): boolean {
  AFTER_PEER.lastIndex = at;
  return AFTER_PEER.test(body);
}

/** `@PEER [Module] `, `@PEER RECV `. */
const HEAD = /@[\w.:[\]-]{3,64}:\d{1,5} (?:\[[A-Za-z][\w /-]{0,40}\] |PUBLISH to |RECV |SEND )/g;

/** Another head of 4.x further on: one of them is a client's text. */
export function hasPeer(body: string, from: number): boolean {
  HEAD.lastIndex = from;
  return HEAD.test(body);
}

function isPeer(text: string): boolean {
  const host = text.slice(0, text.lastIndexOf(':'));
  return isIP(host.replace(/^\[|\]$/g, '')) !== 0;
}

function known(text: string): string | undefined {
  return text === '' || text === 'undefined' ? undefined : text;
}

const PACKET = /^(?:(?:RECV|SEND) )?(?=[A-Z]{4,11}\(Q)/;
const TOO_LARGE = ' is discarded due to the frame is too large';

function packetIn(body: string, at: number): { packet: Packet | undefined; payloads: Payload[] } {
  const head = PACKET.exec(body.slice(at, at + 20))?.[0];
  if (head === undefined) return { packet: undefined, payloads: [] };
  const start = at + head.length;
  const discarded = head === '' ? body.lastIndexOf(TOO_LARGE) : -1;
  const packet = readPacket(body.slice(start, discarded === -1 ? undefined : discarded));
  return { packet, payloads: packet === undefined ? [] : payloadsOf(packet, start) };
}

/** What stands before bytes of packets, and before what a process was sent. */
const RAW =
  /^\s?(?:(?:RECV|SEND)(?: Data:)? (?=[<{])|Parser? failed for |parse_failed |\w{0,24} ?unexpected |(?:Error )?Bytes: |Error data: |\[publish\] Msg: )/i;

/** Places of raw bytes of packets: `RECV <<…>>`, `Frame data: <<…>>`, `PUBLISH to T: <<…>>`. */
function rawBytes(body: string, at: number): Payload[] {
  const publish = body.indexOf('PUBLISH to ');
  if (publish !== -1) {
    const start = body.indexOf(': ', publish) + 2;
    return start === 1 ? [] : [{ start, end: body.length, size: binarySize(body.slice(start)) }];
  }
  const isRaw =
    RAW.test(body.slice(at, at + 48)) ||
    body.includes('Frame data: ') ||
    body.includes('raw_bytes=') ||
    mayHoldMessages(body);
  return isRaw ? binariesIn(body.slice(at), at) : [];
}

/** State and messages of a process may hold payloads and passwords: nothing tells which of its binaries. */
function withoutBinaries(body: string): string {
  return withoutPlaces(body, 0, binariesIn(body));
}
