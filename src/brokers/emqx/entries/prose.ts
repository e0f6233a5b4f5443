import { Mark } from '../../../core/event.ts';
import { binarySize } from '../printed/binary.ts';
import type { Packet } from '../printed/packet.ts';
import { fieldsOf, splitPairs } from '../printed/pairs.ts';
import type { Payload } from '../printed/payload.ts';
import { readPacket } from '../printed/read-packet.ts';
import { readTerm } from '../printed/term.ts';
import { binariesIn, holdsRecord, messagesIn } from '../secrets/payload-keys.ts';
import { payloadsOf, withoutPlaces } from '../secrets/places.ts';
import { hideSecrets } from '../secrets/secrets.ts';
import { parsePeer } from '../values/peer.ts';
import { type Entry, levelOf, loggerOf } from './entry.ts';
import { EMQTTD_PLACE, hasPeer, LAGER_PLACE, whoOf } from './prose-head.ts';
import { skipSpaces } from './text-head.ts';

/** What 5.x writes behind prose: the function that logged it. */
const WRITTEN =
  /(?<!,)\s{1,2}mfa: (?:undefined|(\w{1,64}:[\w'-]{1,64}\/\d{1,3})(?:\(\d{1,6}\))?)(?: line: \d{1,6})?$/;

/** What is known of an entry in prose before its words are read. */
type ProseBase = Pick<
  Entry,
  'time' | 'level' | 'marks' | 'tag' | 'logger' | 'client' | 'peer' | 'fields' | 'isText'
>;

/** A copy may have lost the blank at the end of a line. */
const MODULE = /\[([A-Za-z][\w /-]{0,40})\](?::? |(?=\n))/y;

/** Other names of modules: `WebHook: `, `Minirest(Handler): `, `LWM2M-PROTO: `, `MQTT-SN(registry): MQTT-SN(registry): `. */
const NAMED =
  /(?:(?:WebHook|Lua Hook|(?:Minirest|MQTT-SN)\([\w -]{1,32}\)|L[Ww]M2M(?:-[A-Z-]{1,16})?|CoAP-[\w-]{1,16}): ){1,2}/y;

/**
 * Reads an entry in prose, of emqttd, 3.x and 4.x. Before its words may stand `ID@PEER [Channel] …`,
 * `<<"ID">>@PEER [MQTT] …`, `<0.9.0>@emqttd_protocol:trace:266 Client(ID@PEER): …`, `Session(ID): …`.
 */
export function readProse(body: string, base: ProseBase): Entry {
  const report = lagerReport(body);
  const known = report ?? EMQTTD_PLACE.exec(body);
  const found =
    report === undefined ? whoOf(body, known?.[0].length ?? 0, base.isText) : nobody(body, report[0].length);
  // What lager takes from OTP's error_logger; a client id may look like a process.
  const plain = known === null && found.at === 0 && found.isDouble !== true ? LAGER_PLACE.exec(body) : null;
  const place = known ?? plain;
  const who = plain === null ? found : { ...found, at: plain[0].length };
  MODULE.lastIndex = who.at;
  const module = MODULE.exec(body);
  const words = skipSpaces(body, who.at + (module?.[0].length ?? 0));
  NAMED.lastIndex = words;
  const at = NAMED.test(body) ? NAMED.lastIndex : words;
  const written = base.isText ? WRITTEN.exec(body.slice(at)) : null;
  const text = body
    .slice(at, written === null ? undefined : at + written.index)
    .replace(/^(?:\n|, )(?=Parse failed|Malformed packet)/, '');
  const point = base.isText && report === undefined ? tracePoint(body, at) : undefined;
  const { packet, payloads } = packetIn(body, at, who.packetAt);
  const isAmbiguous = who.isDouble === true || packet?.isAmbiguous === true;
  const shown =
    isCrash(text) || text.startsWith('=')
      ? withoutBinaries(body, at)
      : withoutPlaces(body, 0, [...payloads, ...rawBytes(body, at)]);
  const pid = place?.[1];
  const entry: Entry = {
    ...base,
    marks: base.marks | (isAmbiguous ? Mark.ambiguous : Mark.none),
    message: hideSecrets(shown),
    name: undefined,
    text,
    tag: moduleOf(module?.[1]) ?? base.tag,
    logger: loggerOf(place?.[2] ?? written?.[1]) ?? base.logger,
    client: who.isDouble === true ? undefined : (who.client ?? base.client),
    peer: who.peer === undefined || who.isDouble === true ? base.peer : parsePeer(who.peer),
    user: undefined,
    topic: undefined,
    packet,
    payloadSize: undefined,
    fields: pid === undefined ? base.fields : { ...base.fields, pid, line: place?.[3] ?? '' },
  };
  return point === undefined ? entry : { ...entry, ...point, text: '' };
}

/** The console of emqttd puts its level also before what esockd has put it before. */
function moduleOf(name: string | undefined): string | undefined {
  return name === undefined || levelOf(name) !== undefined ? undefined : name;
}

const POINT = /^[a-z]\w{0,31}: .*\bmfa: (\{\w{1,64},[\w'-]{1,64},\d{1,3}\}), (?:module: \w{1,64}, )?msg: /s;

/** A trace point of 4.3 and 4.4: `file: a.erl, line: 520, mfa: {m,f,2}, msg: terminate, reason: …`, all values printed as terms. */
function tracePoint(body: string, at: number): Pick<Entry, 'name' | 'logger' | 'fields'> | undefined {
  const mfa = POINT.exec(body.slice(at));
  const pairs = mfa === null ? undefined : splitPairs(body, at)?.pairs;
  if (mfa === null || pairs?.every(({ key }, i) => i === 0 || (pairs[i - 1]?.key ?? '') < key) !== true)
    return undefined;
  const fields = fieldsOf(body, pairs);
  const name = String(readTerm(String(fields.msg)));
  return { name, logger: loggerOf(mfa[1]), fields };
}

/** The process before a report of lager; undefined: it is none. */
function lagerReport(body: string): RegExpExecArray | undefined {
  const place = LAGER_PLACE.exec(body);
  return place !== null && isCrash(body.slice(place[0].length)) ? place : undefined;
}

/** Reports of lager are about no client. What looks like one is a client whose id looks like a report. */
function nobody(body: string, at: number): ReturnType<typeof whoOf> {
  return { client: undefined, peer: undefined, at, isDouble: hasPeer(body, at) };
}

const CRASH = new RegExp(
  String.raw`^(?:\*\* )?(?:${[
    'crasher:',
    // Not of a process that it has started.
    String.raw`[sS]upervisor: (?!.{0,256}?(?:\n {4}|, |\. )[sS]tarted: )`,
    'Generic (?:server|event handler) ',
    'State machine ',
    String.raw`gen_\w+ `,
    'CRASH REPORT Process ',
    'Supervisor .{1,256}? had child ',
    '(?:emulator )?Error in process ',
    'Process: {1,16}<',
    'Ranch listener ',
    'REPORT_CB',
    String.raw`(?:\{")?Kernel pid terminated`,
    '=(?!INFO|PROGRESS|NOTICE|DEBUG)[A-Z]+ REPORT=',
  ].join('|')})`,
);

/** A report of OTP, lager or Ranch about a process that has ended. */
export function isCrash(text: string): boolean {
  return CRASH.test(text);
}

const PACKET = /^(?:(?:RECV|SEND) )?(?=[A-Z]{4,11}\(Q)/;
const TOO_LARGE = ' is discarded due to the frame is too large';

function packetIn(
  body: string,
  at: number,
  tracedAt: number | undefined,
): { packet: Packet | undefined; payloads: Payload[] } {
  const head = PACKET.exec(body.slice(at, at + 20))?.[0];
  const start = tracedAt ?? (head === undefined ? undefined : at + head.length);
  if (start === undefined) return { packet: undefined, payloads: [] };
  const discarded = head === '' ? body.lastIndexOf(TOO_LARGE) : -1;
  const packet = readPacket(body.slice(start, discarded === -1 ? undefined : discarded));
  return { packet, payloads: packet === undefined ? [] : payloadsOf(packet, start) };
}

/** Words before bytes of packets, and before messages that a process was sent or a hook was given; terms without words. */
const RAW =
  /^\s?(?:(?:RECV|SEND)(?: Data:)? (?=[<{[])|RECV from |SEN[DT] to |Parser? failed for |parse_failed |(?:adapter |broker_api )?\w{0,24} ?unexpected |(?:Error )?Bytes: |Error data: |Failed to execute |FORMATTER CRASH: |Auth ignored, |Build \w{1,16} JWK |\[publish\] Msg: |Lua function |CALL |Insert \{|Unknown Message |Discarded stale response: |post with bad payload |Mod:|deliver_to_coap - |(?:en|de)code_json |coap_\w{2,6}\(\) |\{)/i;
/** An event of a process that did not expect it: `State: connected, Unexpected Event: (info, {tcp,…})`. */
const UNEXPECTED = /nexpected [Ee]vent(?:: )?\(/;

/** Words before the body of a request or a STOMP frame; what stands behind them need not be a term. */
const REQUEST =
  /^(?:(?:RECV|SEND) Frame: [A-Z]{0,12}|HTTP Publish: ?|Body: ?|API publish (?:batch )?Params: ?)/s;
/** Words before the address of a request of a web hook, and before its body. */
const REQUEST_TO = /(?:\bUrl:|Send to: )/;
const REQUEST_BODY = /, params: ?(?=[{["<])/;
/** Names of printed values that hold what devices and bridges send: `Topic=<<"t">>, Payload=<<"x">>`. */
const VALUES =
  /\b(?:\w{0,16}[Pp]ayload(?: format)?|bytes|Content|Value|Params|Data|Selected|body|var|[Mm]sg) ?(?:=>|[:=]) ?(?=<<|[{[#])/;

/** Places of raw bytes of packets and of bodies of requests: `RECV <<…>>`, `Frame data: <<…>>`, `PUBLISH to T: <<…>>`. */
function rawBytes(body: string, at: number): Payload[] {
  const binaries = !body.includes('<<', at)
    ? []
    : mayHoldRaw(body, at)
      ? binariesIn(body.slice(at), at)
      : messagesIn(body.slice(at), at);
  const start = restAt(body, at);
  if (start === undefined) return binaries;
  const over = binaries.find((place) => place.start < start && place.end > start);
  const before = binaries.filter((place) => place.end <= start);
  if (over !== undefined) return [...before, { start: over.start, end: body.length, size: undefined }];
  return [...before, { start, end: body.length, size: binarySize(body.slice(start)) }];
}

function mayHoldRaw(body: string, at: number): boolean {
  return (
    VALUES.test(body) ||
    RAW.test(body.slice(at, at + 48)) ||
    UNEXPECTED.test(body) ||
    body.includes(', Msg: ') ||
    body.includes('Frame data:') ||
    body.includes('raw_bytes=') ||
    holdsRecord(body)
  );
}

/** Where what clients or other systems are sent begins, if it is all the rest of the entry. */
function restAt(body: string, at: number): number | undefined {
  const publish = body.indexOf('PUBLISH to ');
  const topicEnd = publish === -1 ? -1 : body.indexOf(': ', publish);
  const params = body.includes(', params:') ? REQUEST_BODY.exec(body) : null;
  const isRequest = params !== null && REQUEST_TO.test(body.slice(at, params.index));
  const request = REQUEST.exec(body.slice(at, at + 48));
  const starts = [
    topicEnd === -1 ? undefined : topicEnd + 2,
    isRequest ? params.index + params[0].length : undefined,
    request === null ? undefined : at + request[0].length,
  ].filter((start) => start !== undefined);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** State and messages of a process may hold payloads and passwords, and nothing shows which binaries do: all are left out. */
function withoutBinaries(body: string, at: number): string {
  return withoutPlaces(body, 0, binariesIn(body.slice(at), at));
}
