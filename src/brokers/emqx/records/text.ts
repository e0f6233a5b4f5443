import { type JsonValue, type LogLevel, Mark } from '../../../core/event.ts';
import { type Packet, type Payload, payloadSize, readPacket } from '../printed/packet.ts';
import { type Pair, type Split, splitPairs } from '../printed/pairs.ts';
import { binaryText } from '../printed/term.ts';
import { payloadsIn } from '../secrets/payload-keys.ts';
import { payloadsOf, withoutPlaces } from '../secrets/places.ts';
import { hideSecrets } from '../secrets/secrets.ts';
import { NO_PEER, parsePeer } from '../values/peer.ts';
import { type Entry, type Fields, levelOf, loggerOf, word } from './entry.ts';
import { hasPeer, isCrash, readProse } from './prose-head.ts';

/** What stands before the words of an entry: `[error] `, `[MQTT] `, `<0.9.0> [info] `. */
interface Head {
  readonly level: LogLevel | undefined;
  /** Of a trace: the bracket holds its tag. */
  readonly tag: string | undefined;
  readonly pid: string | undefined;
  readonly at: number;
}

const NAME = /^[A-Za-z][\w /-]{0,40}$/;
const PID = /^<\d[\d.]{0,30}>$/;

/** JSON of 5.0.4 to 5.2 stands behind a level: `warning: {"…"}`; from 5.1 on it is the only place of level and time. */
const PREFIXED = /([a-z]{4,9}): (?=\{")/y;

/** Where the JSON object behind the stamp of an entry begins; undefined: it has none. */
export function prefixedJson(
  text: string,
  at: number,
): { readonly level: string; readonly at: number } | undefined {
  PREFIXED.lastIndex = at;
  const level = PREFIXED.exec(text)?.[1];
  return level === undefined || levelOf(level) === undefined ? undefined : { level, at: PREFIXED.lastIndex };
}

/** Reads an entry of a text log or trace of any generation; `at`: behind its stamp. */
export function readText(text: string, at: number, time: number, marks: number): Entry {
  const head = headOf(text, at);
  const start = skipSpaces(text, head.at);
  const trace = head.tag === undefined ? undefined : traceClient(text, start);
  const split = splitPairs(text, trace?.end ?? start);
  if (
    split?.pairs.some(({ key }) => key === 'msg' || key === 'input_bytes' || key === 'input_packet') === true
  )
    return structured(text, start, split, head, trace, time, marks);
  const body = text.slice(start).trimEnd();
  const isNamed = split !== undefined && isFields(body, split.pairs);
  return readProse(body, {
    time,
    level: head.level,
    marks,
    tag: head.tag,
    logger: undefined,
    client: undefined,
    peer: NO_PEER,
    fields: isNamed ? fieldsOf(text, split.pairs) : head.pid === undefined ? {} : { pid: head.pid },
    isText: true,
  });
}

/** The same entry as it may be kept. */
export function originalText(text: string, at: number): string {
  const start = skipSpaces(text, headOf(text, at).at);
  return text.slice(0, start) + readText(text, at, 0, Mark.none).message;
}

function headOf(text: string, at: number): Head {
  // lager's crash log has no levels.
  const none = {
    level: text.charCodeAt(at) === 0x3d ? ('error' as const) : undefined,
    tag: undefined,
    pid: undefined,
    at,
  };
  const open = text.charCodeAt(at) === 0x3c ? text.indexOf(' ', at) + 1 : at;
  if (text.charCodeAt(open) !== 0x5b) return none;
  const pid = open === at ? undefined : text.slice(at, open - 1);
  const close = text.indexOf(']', open);
  const name = text.slice(open + 1, close);
  const level = levelOf(name);
  const isHead =
    close !== -1 && (level !== undefined || NAME.test(name)) && (pid === undefined || PID.test(pid));
  return isHead ? { level, tag: level === undefined ? name : undefined, pid, at: close + 1 } : none;
}

function skipSpaces(text: string, at: number): number {
  let i = at;
  while (text.charCodeAt(i) === 0x20) i++;
  return i;
}

/** Another head of a trace further on. */
const SECOND = /@[\w.:]{1,64}:\d{1,5} msg: /;

/** A trace says `clientid@peername ` before its pairs; before CONNECT the id is empty. */
function traceClient(
  text: string,
  at: number,
): { client: string | undefined; peer: string; end: number; isDouble: boolean } | undefined {
  const end = text.indexOf(' msg: ', at);
  const mark = end === -1 ? -1 : text.lastIndexOf('@', end);
  if (mark < at) return undefined;
  const client = text.slice(at, mark);
  return {
    client: client === '' ? undefined : client,
    peer: text.slice(mark + 1, end),
    end: end + 1,
    isDouble: /@[\w.:]+:\d{1,5} /.test(client) || SECOND.test(text.slice(end + 1)),
  };
}

/** `is_resumed: false, alpns: <<"mqtt">>`: values by name without `msg`. */
function isFields(text: string, pairs: readonly Pair[]): boolean {
  return pairs.every(({ key }) => /^[a-z][a-z0-9_]*$/.test(key)) && !isCrash(text);
}

function fieldsOf(text: string, pairs: readonly Pair[]): Fields {
  const fields: Record<string, JsonValue> = {};
  for (const { key, start, end } of pairs) fields[key] ??= text.slice(start, end);
  return fields;
}

function structured(
  text: string,
  start: number,
  { pairs, isUncertain, isForged: isDouble }: Split,
  head: Head,
  trace: ReturnType<typeof traceClient>,
  time: number,
  marks: number,
): Entry {
  // The head of 4.x behind a pair of 5.x: one of the two is a client's text.
  const isMixed = trace === undefined && hasPeer(text, start);
  const isFalse = isMixed || isDouble || isForged(pairs) || trace?.isDouble === true;
  const fields = isMixed ? {} : isFalse ? trusted(text, pairs) : fieldsOf(text, pairs);
  const payload = payloadOf(text, pairs);
  const packet = packetOf(text, pairs);
  const value = (key: string): string | undefined => word(fields[key]);
  const client =
    trace === undefined ? printed(pairs, 'clientid', value('clientid')) : isFalse ? undefined : trace.client;
  const peername = trace === undefined ? value('peername') : isFalse ? undefined : trace.peer;
  const user = printed(pairs, 'username', value('username'));
  const topic = value('topic');
  const isJoined = isDoubtful(client) || isDoubtful(user) || isDoubtful(topic);
  const isAmbiguous = isFalse || isUncertain || isJoined || packet?.packet.isAmbiguous === true;
  const hidden =
    payload === undefined ? (packet?.payloads ?? NOTHING) : [payload, ...(packet?.payloads ?? NOTHING)];
  const hasTerm = packet === undefined && pairs.some(({ key }) => key === 'packet');
  const plain = !isFalse && !hasTerm && isPlain(pairs, fields);
  const others = plain ? NOTHING : payloadsIn(text, pairs);
  const shown = withoutPlaces(text, start, others.length === 0 ? hidden : [...hidden, ...others]);
  return {
    time,
    level: head.level,
    marks: marks | (isAmbiguous ? Mark.ambiguous : Mark.none),
    message: plain ? shown : hideSecrets(shown),
    name: value('msg'),
    text: '',
    tag: value('tag') ?? head.tag,
    logger: loggerOf(value('mfa')),
    client,
    user,
    topic,
    peer: peername === undefined ? NO_PEER : parsePeer(peername),
    packet: isFalse ? undefined : packet?.packet,
    payloadSize: payload?.size,
    fields,
    isText: true,
  };
}

const NOTHING: readonly Payload[] = [];
const BEFORE_MSG: ReadonlySet<string> = new Set(['tag', 'tns', 'clientid']);

/**
 * What no EMQX writes was written by a client: a key that comes twice, and keys out of their order. 5.0: in the order of the
 * alphabet; 5.0.16 to 5.5: `msg` first; from 5.6 on `tag`, `clientid`, `msg`, `peername`, `username`, `topic`; with OTP 26
 * and later the rest in any order that a build keeps.
 */
function isForged(pairs: readonly Pair[]): boolean {
  let isSorted = true;
  let isOutside = false;
  let msg = -1;
  let peer = -1;
  let named = -1;
  for (let i = 0; i < pairs.length; i++) {
    const key = pairs[i]?.key ?? '';
    for (let k = 0; k < i; k++) if (pairs[k]?.key === key) return true;
    if (i > 0 && (pairs[i - 1]?.key ?? '') > key) isSorted = false;
    if (key === 'msg') msg = i;
    else if (key === 'peername') peer = i;
    else if ((key === 'username' || key === 'topic') && named === -1) named = i;
    if (msg === -1 && !BEFORE_MSG.has(key)) isOutside = true;
  }
  if (isSorted || msg === -1) return false;
  if (peer === -1) return named !== -1 && named < msg;
  return msg < peer && (isOutside || (named !== -1 && named < peer));
}

/** Keys that the broker writes before those of the report, from 5.0.16 on. */
const HEAD: ReadonlySet<string> = new Set(['msg', 'mfa', 'line', 'peername', 'clientid', 'topic']);

/**
 * A name that stands among the report's own values is a printed term: user names up to 5.4 (in 5.3 and 5.4, which look like
 * 5.5, only behind another value of the report), and in early 5.0, whose keys come in the order of the alphabet, ids of
 * clients that are not connected to the process that logs.
 */
function printed(pairs: readonly Pair[], key: string, value: string | undefined): string | undefined {
  if (value?.startsWith('<<"') !== true) return value;
  const at = pairs.findIndex((pair) => pair.key === key);
  const before = pairs[at - 1]?.key ?? '';
  const isInReport =
    pairs[0]?.key === 'msg'
      ? key === 'username' && (pairs[2]?.key === 'line' || !HEAD.has(before))
      : pairs.every((pair, i) => i === 0 || (pairs[i - 1]?.key ?? '') <= pair.key) &&
        pairs.some((pair) => pair.key === 'mfa') &&
        (key === 'username' || !pairs.some((pair) => pair.key === 'peername'));
  return isInReport ? word(binaryText(value)) : value;
}

/** Keys whose values are names, addresses and numbers: nothing of the broker's configuration. */
const PLAIN: ReadonlySet<string> = new Set([
  ...[
    'tag',
    'tns',
    'clientid',
    'msg',
    'mfa',
    'line',
    'peername',
    'username',
    'topic',
    'pid',
    'action',
    'source',
  ],
  ...['packet', 'packet_id', 'payload', 'payload_encode', 'size', 'type', 'bin', 'queue', 'reason'],
]);

/** Most records are such: there is nothing to look for in them. */
function isPlain(pairs: readonly Pair[], { reason }: Fields): boolean {
  for (const { key } of pairs) if (!PLAIN.has(key)) return false;
  return typeof reason !== 'string' || (reason.length < 64 && !reason.includes('"'));
}

/** Names of records by the tag that they always have: tells which of two `msg` the broker wrote. */
const TAG_OF: Readonly<Record<string, string>> = {
  authentication_failure: 'AUTHN',
  authorization_permission_denied: 'AUTHZ',
  authorization_permission_allowed: 'AUTHZ',
  cannot_publish_to_topic_due_to_not_authorized: 'AUTHZ',
  cannot_publish_to_topic_due_to_quota_exceeded: 'QUOTA',
  mqtt_packet_received: 'MQTT',
  mqtt_packet_sent: 'MQTT',
};

/**
 * What a client cannot have forged in a line that holds keys twice: a tag or `msg` that stands first, and the one `msg` that
 * goes with that tag. Everything else is left out.
 */
function trusted(text: string, pairs: readonly Pair[]): Fields {
  const [first] = pairs;
  const value = ({ start, end }: Pair): string => text.slice(start, end);
  if (first === undefined) return {};
  if (first.key === 'msg') return { msg: value(first) };
  const names = pairs.filter(({ key }) => key === 'msg').map(value);
  if (first.key !== 'tag') return names.length === 1 ? { msg: names[0] ?? '' } : {};
  const tag = value(first);
  const fitting = names.filter((name) => TAG_OF[name] === tag);
  const [name] = names.length === 1 ? names : fitting;
  return names.length === 1 || fitting.length === 1 ? { tag, msg: name ?? '' } : { tag };
}

/** In one line the broker writes a line break of a client's text as `, `, and bytes that are no UTF-8 as a term. */
function isDoubtful(text: string | undefined): boolean {
  return text !== undefined && (text.includes(', ') || text.startsWith('<<') || text.includes('\n'));
}

function payloadOf(text: string, pairs: readonly Pair[]): Payload | undefined {
  const pair = pairs.find(({ key }) => key === 'payload' || key === 'bin');
  if (pair === undefined) return undefined;
  const { start, end } = pair;
  const encode = pairs.find(({ key }) => key === 'payload_encode' || key === 'type');
  const encoding = encode && text.slice(encode.start, encode.end);
  const size = pair.key === 'bin' ? undefined : payloadSize(text.slice(start, end), encoding);
  return exact(text, { start, end, size });
}

function packetOf(text: string, pairs: readonly Pair[]): { packet: Packet; payloads: Payload[] } | undefined {
  const pair = pairs.find(({ key }) => key === 'packet');
  const packet = pair && readPacket(text.slice(pair.start, pair.end));
  if (pair === undefined || packet === undefined) return undefined;
  const payloads = payloadsOf(packet, pair.start);
  const isInexact = payloads.some((place) => exact(text, place) !== place);
  if (!isInexact) return { packet, payloads };
  const { payload, will } = packet;
  const unsized = {
    ...packet,
    ...(payload && { payload: { ...payload, size: undefined } }),
    ...(will?.payload && { will: { ...will, payload: { ...will.payload, size: undefined } } }),
  };
  return { packet: unsized, payloads: payloadsOf(unsized, pair.start) };
}

/** Where a line break may have become `, `, the size is not known. */
function exact(text: string, place: Payload): Payload {
  if (
    place.size === undefined ||
    /\d bytes\)\]?$/.test(text.slice(Math.max(place.start, place.end - 32), place.end))
  )
    return place;
  const at = text.indexOf(', ', place.start);
  return at === -1 || at >= place.end ? place : { ...place, size: undefined };
}
