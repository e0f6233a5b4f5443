import { connect } from './connect.ts';
import { filters } from './filters.ts';
import { type Packet, TYPES } from './packet.ts';
import { isPayloadAt, payloadAt } from './payload.ts';
import { numberAfter } from './scan.ts';

/** Types as they are printed, and in lower case. */
const NAMES: ReadonlyMap<string, string> = new Map(TYPES.map((type) => [type.toUpperCase(), type]));

const PRINTED = /[A-Z][A-Z_]{3,13}\(/y;

/** What stands at `at` begins like a printed packet of MQTT or MQTT-SN. */
export function isPrintedPacket(text: string, at: number): boolean {
  PRINTED.lastIndex = at;
  return PRINTED.test(text);
}

/** `(Q0, R0, D0` */
const FLAGS_CHARS = 11;
/** emqttd 0.x. */
const LONG_FLAGS = /\(Qos=([0-3]), Retain=(true|false), Dup=(true|false)/y;

/** Reads a text that is `TYPE(Q0, R0, D0, …)`, in emqttd 0.x `TYPE(Qos=0, Retain=false, Dup=false, …)`, as a whole; undefined: it is no such packet. */
export function readPacket(text: string): Packet | undefined {
  const open = text.indexOf('(');
  const type = open === -1 ? '' : text.slice(0, Math.min(open, 16));
  const name = NAMES.get(type);
  if (name === undefined || !text.startsWith('Q', open + 1)) return undefined;
  const isShort = text.startsWith(', R', open + 3) && text.startsWith(', D', open + 7);
  const long = isShort ? null : longFlags(text, open);
  if (!isShort && long === null) return undefined;
  const common = {
    type: name,
    qos: long === null ? text.charCodeAt(open + 2) - 48 : Number(long[1]),
    retained: long === null ? text.charCodeAt(open + 6) === 0x31 : long[2] === 'true',
    duplicate: long === null ? text.charCodeAt(open + 10) === 0x31 : long[3] === 'true',
    isAmbiguous: false,
  };
  if (!(common.qos >= 0 && common.qos <= 3)) return undefined;
  // A version of 4.x wrote no comma here.
  const flagsEnd = open + (long === null ? FLAGS_CHARS : long[0].length);
  const isClosed = areFlagsClosed(text, open);
  const at = isClosed || text.startsWith(', ', flagsEnd) ? flagsEnd + 2 : flagsEnd;
  const end = !isClosed && text.endsWith(')') ? text.length - 1 : text.length;
  switch (type) {
    case 'PUBLISH':
      return publish(common, text, at, end, isClosed ? 'text' : undefined);
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

/** 5.0.0 to 5.0.16 close the parenthesis here: `PUBLISH(Q0, R0, D0),Topic=t, PacketId=undefinedPayload=p`. */
export function areFlagsClosed(text: string, open: number): boolean {
  const end = open + FLAGS_CHARS;
  return text.startsWith('),', end) && !text.startsWith(' ', end + 2);
}

function longFlags(text: string, open: number): RegExpExecArray | null {
  LONG_FLAGS.lastIndex = open;
  return LONG_FLAGS.exec(text);
}

const PACKET_ID = ', PacketId=';
const NO_ID = 'undefined';

/** @param encoding of a payload that does not tell its own */
function publish(
  common: Packet,
  text: string,
  at: number,
  end: number,
  encoding: string | undefined,
): Packet {
  const name = text.startsWith('TopicName=', at) ? 'TopicName=' : 'Topic=';
  if (!text.startsWith(name, at)) return common;
  const start = at + name.length;
  for (let mark = text.indexOf(PACKET_ID, start); mark !== -1; mark = text.indexOf(PACKET_ID, mark + 1)) {
    const idAt = mark + PACKET_ID.length;
    const idEnd = text.startsWith(NO_ID, idAt) ? idAt + NO_ID.length : digitsEnd(text, idAt);
    if (idEnd === idAt || !(idEnd === end || isPayloadAt(text, idEnd))) continue;
    const id = Number(text.slice(idAt, idEnd));
    return {
      ...common,
      topic: text.slice(start, mark),
      packetId: id > 0 ? id : undefined,
      // A second one further on: topic or payload hold one of the two.
      isAmbiguous: text.indexOf(PACKET_ID, idEnd) !== -1,
      payload: payloadAt(text, idEnd, end, encoding),
    };
  }
  return { ...common, topic: text.slice(start, end) };
}

function digitsEnd(text: string, at: number): number {
  let i = at;
  for (let c = text.charCodeAt(i); c >= 48 && c <= 57; c = text.charCodeAt(i)) i++;
  return i;
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
