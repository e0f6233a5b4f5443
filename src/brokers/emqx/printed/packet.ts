import type { JsonObject } from '../../../core/event.ts';
import { binarySize, readTerm, termEnd } from './term.ts';

/** A control packet as EMQX prints it, taken apart. What it does not say is undefined. */
export interface Packet {
  /** In lower case. */
  readonly type: string;
  readonly qos: number;
  readonly retained: boolean;
  readonly duplicate: boolean;
  readonly packetId?: number | undefined;
  readonly topic?: string | undefined;
  readonly filters?: readonly Filter[];
  readonly reasonCodes?: readonly number[];
  readonly sessionPresent?: boolean;
  readonly client?: string | undefined;
  readonly user?: string | undefined;
  readonly version?: number;
  readonly cleanStart?: boolean;
  readonly keepAlive?: number;
  readonly will?: Will;
  readonly payload?: Payload;
  /** Text of a client looks like a part of the packet. */
  readonly isAmbiguous: boolean;
}

/** One topic filter of SUBSCRIBE or UNSUBSCRIBE. */
export interface Filter {
  readonly filter: string;
  readonly qos: number | undefined;
  readonly noLocal: boolean | undefined;
  readonly retainAsPublished: boolean | undefined;
  readonly retainHandling: number | undefined;
}

export interface Will {
  readonly topic: string;
  readonly qos: number;
  readonly retained: boolean;
  readonly payload: Payload | undefined;
}

/** Where a payload stands in the printed text, and its bytes; undefined: they are not known. */
export interface Payload {
  readonly start: number;
  readonly end: number;
  readonly size: number | undefined;
}

/** Types as they are printed, and in lower case. */
const TYPES: ReadonlyMap<string, string> = new Map(
  [
    ...['CONNECT', 'CONNACK', 'PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'SUBSCRIBE', 'SUBACK'],
    ...['UNSUBSCRIBE', 'UNSUBACK', 'PINGREQ', 'PINGRESP', 'DISCONNECT', 'AUTH'],
  ].map((type) => [type, type.toLowerCase()]),
);
/** `(Q0, R0, D0` */
const FLAGS_CHARS = 11;

/** Reads `TYPE(Q0, R0, D0, …)`, all of the text; undefined when it is no such packet. */
export function readPacket(text: string): Packet | undefined {
  const open = text.indexOf('(');
  const type = open === -1 ? '' : text.slice(0, Math.min(open, 16));
  const name = TYPES.get(type);
  if (name === undefined || !text.startsWith('Q', open + 1) || !text.startsWith(', R', open + 3))
    return undefined;
  if (!text.startsWith(', D', open + 7)) return undefined;
  const common = {
    type: name,
    qos: text.charCodeAt(open + 2) - 48,
    retained: text.charCodeAt(open + 6) === 0x31,
    duplicate: text.charCodeAt(open + 10) === 0x31,
    isAmbiguous: false,
  };
  if (!(common.qos >= 0 && common.qos <= 3)) return undefined;
  // A version of 4.x wrote no comma here.
  const flagsEnd = open + FLAGS_CHARS;
  const at = text.startsWith(', ', flagsEnd) ? flagsEnd + 2 : flagsEnd;
  const end = text.endsWith(')') ? text.length - 1 : text.length;
  switch (type) {
    case 'PUBLISH':
      return { ...common, ...publish(text, at, end) };
    case 'CONNECT':
      return { ...common, ...connect(text, at, end) };
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      return { ...common, packetId: numberAfter(text, 'PacketId=', at), ...filters(text, at, end) };
    case 'CONNACK': {
      const flags = numberAfter(text, 'AckFlags=', at);
      return {
        ...common,
        ...codes(text, at),
        ...(flags !== undefined && { sessionPresent: (flags & 1) === 1 }),
      };
    }
    default:
      return { ...common, packetId: numberAfter(text, 'PacketId=', at), ...codes(text, at) };
  }
}

const PACKET_ID = ', PacketId=';
const NO_ID = 'undefined';

function publish(text: string, at: number, end: number): Partial<Packet> {
  const name = text.startsWith('TopicName=', at) ? 'TopicName=' : 'Topic=';
  if (!text.startsWith(name, at)) return {};
  const start = at + name.length;
  for (let mark = text.indexOf(PACKET_ID, start); mark !== -1; mark = text.indexOf(PACKET_ID, mark + 1)) {
    const idAt = mark + PACKET_ID.length;
    const idEnd = text.startsWith(NO_ID, idAt) ? idAt + NO_ID.length : digitsEnd(text, idAt);
    if (idEnd === idAt || !(idEnd === end || text.startsWith(', Payload', idEnd))) continue;
    const id = Number(text.slice(idAt, idEnd));
    const payload = payloadAt(text, idEnd, end);
    return {
      topic: text.slice(start, mark),
      packetId: id > 0 ? id : undefined,
      // A second one behind the first may be the topic's or the payload's.
      isAmbiguous: text.indexOf(PACKET_ID, idEnd) !== -1,
      ...(payload && { payload }),
    };
  }
  return { topic: text.slice(start, end) };
}

function digitsEnd(text: string, at: number): number {
  let i = at;
  for (let c = text.charCodeAt(i); c >= 48 && c <= 57; c = text.charCodeAt(i)) i++;
  return i;
}

const PAYLOAD = /^,? ?(?:Payload|Msg)(?:\((text|hex|hidden|base64)\))?=/;
const CUT = /\.\.\.\((\d{1,10}) bytes\)\]?$/;

/** Reads `, Payload(text)=…`, `, Payload=<<"…">>` that ends at `end`. */
function payloadAt(text: string, at: number, end: number): Payload | undefined {
  const head = PAYLOAD.exec(text.slice(at, at + 24));
  if (head === null) return undefined;
  const start = at + head[0].length;
  return { start, end, size: payloadSize(text.slice(start, end), head[1]) };
}

/** Bytes of a payload that was printed in one of EMQX's `payload_encode` forms; undefined: it does not say. */
export function payloadSize(printed: string, encoding: string | undefined): number | undefined {
  const cut = printed.endsWith(' bytes)') || printed.endsWith(' bytes)]') ? CUT.exec(printed) : null;
  if (cut !== null) return Number(cut[1]);
  switch (encoding) {
    case 'text':
      return Buffer.byteLength(printed);
    case 'hex':
      return printed.length % 2 === 0 ? printed.length / 2 : undefined;
    case undefined:
      return printed.startsWith('<<') ? binarySize(printed) : undefined;
    default:
      return undefined;
  }
}

function connect(text: string, at: number, end: number): Partial<Packet> {
  const client = between(text, at, 'ClientId=', ', ProtoName=');
  const user = between(text, client.end, ', Username=', ', Password=');
  const afterPassword = text.indexOf(', Password=', user.end) + 11;
  const willAt = text.indexOf(', Will(', afterPassword);
  const clean = /, Clean(?:Start|Sess)=(true|false)/.exec(text.slice(client.end, client.end + 256));
  const version = numberAfter(text, ', ProtoVsn=', client.end);
  const keepAlive = numberAfter(text, ', KeepAlive=', client.end);
  const will = willAt === -1 ? undefined : readWill(text, willAt + 7, text[end - 1] === ')' ? end - 1 : end);
  return {
    client: client.text === '' || client.text === 'undefined' ? undefined : client.text,
    user: user.text === '' || user.text === 'undefined' ? undefined : user.text,
    isAmbiguous: client.isDouble || user.isDouble,
    ...(clean && { cleanStart: clean[1] === 'true' }),
    ...(version !== undefined && { version }),
    ...(keepAlive !== undefined && { keepAlive }),
    ...(will && { will }),
  };
}

/** `Q1, R0, Topic=lwt, Payload=<<"bye">>` (4.x), `Q1, R0, Topic=lwt Payload(text)=gone` (5.x), with `Msg=` in emqttd. */
function readWill(text: string, at: number, end: number): Will | undefined {
  const head = /^Q(?:os=)?(\d), R(?:etain=)?(\d|true|false), Topic=/.exec(text.slice(at, at + 40));
  if (head === null) return undefined;
  const start = at + head[0].length;
  const found = /,? (?:Payload|Msg)(?:\(\w{3,6}\))?=/.exec(text.slice(start, end));
  const topicEnd = found === null ? end : start + found.index;
  return {
    topic: text.slice(start, topicEnd),
    qos: Number(head[1]),
    retained: head[2] === '1' || head[2] === 'true',
    payload: found === null ? undefined : payloadAt(text, topicEnd, end),
  };
}

/** A text between two marks that are not quoted: what lies between may hold them too. */
function between(
  text: string,
  at: number,
  before: string,
  after: string,
): { text: string; end: number; isDouble: boolean } {
  const mark = text.indexOf(before, at);
  if (mark === -1) return { text: '', end: at, isDouble: false };
  const start = mark + before.length;
  const end = text.indexOf(after, start);
  if (end === -1) return { text: '', end: start, isDouble: true };
  return { text: text.slice(start, end), end, isDouble: text.includes(after, end + 1) };
}

function numberAfter(text: string, name: string, at: number): number | undefined {
  const start = text.indexOf(name, at);
  if (start === -1) return undefined;
  const digits = /^\d{1,9}/.exec(text.slice(start + name.length, start + name.length + 9))?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** `ReasonCode=5`, `ReasonCodes=[1,128]`; emqttd: `RetainCode=5`, `QosTable=[1]`. */
function codes(text: string, at: number): Partial<Packet> {
  const found = /(?:ReasonCodes?|ReturnCode|RetainCode|QosTable)=(\[[\d, ]{0,4096}\]|\d{1,3})/.exec(
    text.slice(at),
  );
  if (found === null) return {};
  const reasonCodes = (found[1] ?? '').match(/\d+/g)?.map(Number) ?? [];
  return { reasonCodes };
}

function filters(text: string, at: number, end: number): Partial<Packet> {
  const found = /(?:TopicFilters|TopicTable|Topics)=\[/.exec(text.slice(at, at + 128));
  if (found === null) return {};
  const start = at + found.index + found[0].length;
  const list = text.slice(start, text[end - 1] === ']' ? end - 1 : end);
  const read = list.startsWith('{') || list.startsWith('<<') ? termFilters(list) : printedFilters(list);
  return { filters: read.filters, isAmbiguous: read.isAmbiguous };
}

/** 4.x: `{<<"t">>,#{qos => 1,…}},…`; emqttd: `{<<"t">>,1}`; UNSUBSCRIBE: `<<"t">>,…` */
function termFilters(list: string): { filters: Filter[]; isAmbiguous: boolean } {
  const filters: Filter[] = [];
  for (let at = 0; at < list.length; ) {
    const end = termEnd(list, at);
    if (end === -1) break;
    const item = list.slice(at, end);
    const nameEnd = item.startsWith('{') ? termEnd(item, 1) : item.length;
    const name = readTerm(item.startsWith('{') ? item.slice(1, nameEnd) : item);
    const options = item.startsWith('{') ? readTerm(item.slice(nameEnd + 1, -1)) : undefined;
    filters.push(filterOf(String(name), typeof options === 'number' ? { qos: options } : asObject(options)));
    at = end + 1;
    while (list[at] === ' ') at++;
  }
  return { filters, isAmbiguous: false };
}

const OPTIONS = /\((#\{[\w =>,#{}]{0,256}\})\)(?=,|$)/g;

/** 5.x: `t(#{nl => 0,qos => 1,rap => 0,rh => 0}),…`; UNSUBSCRIBE: `t,…`. Filters are not quoted and may hold commas. */
function printedFilters(list: string): { filters: Filter[]; isAmbiguous: boolean } {
  const found: Filter[] = [];
  let at = 0;
  for (const match of list.matchAll(OPTIONS)) {
    found.push(filterOf(list.slice(at, match.index), asObject(readTerm(match[1] ?? ''))));
    at = match.index + match[0].length + 1;
  }
  if (found.length > 0) return { filters: found, isAmbiguous: at < list.length };
  const filters = list === '' ? [] : list.split(',').map((filter) => filterOf(filter.trim(), {}));
  return { filters, isAmbiguous: filters.length > 1 && list.includes(', ') };
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function filterOf(filter: string, options: JsonObject): Filter {
  const number = (key: string): number | undefined => {
    const value = options[key];
    return typeof value === 'number' ? value : undefined;
  };
  const flag = (key: string): boolean | undefined => {
    const value = number(key);
    return value === undefined ? undefined : value === 1;
  };
  return {
    filter,
    qos: number('qos'),
    noLocal: flag('nl'),
    retainAsPublished: flag('rap'),
    retainHandling: number('rh'),
  };
}
