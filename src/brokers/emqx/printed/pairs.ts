import { areFlagsClosed, isPrintedPacket } from './read-packet.ts';
import { termEnd } from './term-end.ts';

/** A key of a line, and where its value stands. */
export interface Pair {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

const MAX_KEY_CHARS = 64;
const QUOTE = 0x27;
const BRACKET = 0x5b;
/** A key that is printed in quotation marks: `'$span': `. */
const QUOTED_KEY = /'(\$?[A-Za-z][\w-]{0,62})'(?=: )/y;
/** Trace points of EMQX's code (snabbkaffe) name an entry so, others by `msg`. */
const KIND = '$kind';
/** Keys whose values are printed as they are; clients choose most of them. */
const RAW: ReadonlySet<string> = new Set(['clientid', 'username', 'topic', 'tag', 'msg', 'peername', 'tns']);
/** Keys that can follow a printed packet. */
const AFTER_PACKET =
  /^, (?:payload_encode|payload|username|clientid|peername|topic|tag|pid|reason|mfa|line|msg|type|size): /;
const ENCODING = /, payload_encode: (?:text|hex|hidden|base64)(?=, |$)/g;
const ENCODING_LINE = /\n {4}payload_encode: (?:text|hex|hidden|base64)(?=\n|$)/g;

export interface Split {
  readonly pairs: Pair[];
  /** The end of a payload or packet is not certain. */
  readonly isUncertain: boolean;
  /** What follows a payload may be part of it. */
  readonly isForged: boolean;
}

/**
 * Cuts `key: value, key: value` apart (EMQX 5.x and 6.x; multi-line logs have one pair a line, indented by four). Values are
 * not quoted: a client's text can hold what looks like a pair. Every such pair is given too, also of keys that come twice.
 * @returns undefined when the text does not begin with a key
 */
export function splitPairs(text: string, from: number): Split | undefined {
  const separator = text.includes('\n', from) ? '\n    ' : ', ';
  const pairs: Pair[] = [];
  let isUncertain = false;
  let isForged = false;
  let isPlain = false;
  for (let at = from; at < text.length; ) {
    const colon = keyEnd(text, at);
    if (colon === -1) {
      if (pairs.length === 0) return undefined;
      break;
    }
    const start = colon + 2;
    const key = keyAt(text, at, colon);
    const isBody = key === 'payload' || key === 'packet';
    let end = -1;
    // Nothing tells where the value ends: it may hold all that follows.
    let isRest = false;
    if (isBody && pairs.some((pair) => pair.key === key)) {
      // A client wrote one of the two.
      isForged = true;
      isRest = true;
    } else if (key === 'payload') {
      const payload = payloadEnd(text, start, separator, pairs);
      end = payload.end;
      isUncertain ||= payload.isUncertain;
      isForged ||= payload.isForged;
      isRest = end === -1;
    } else if (key === 'packet' && !isTerm(text, start)) {
      const packet = isPrintedPacket(text, start)
        ? packetEnd(text, start, separator)
        : frameEnd(text, start, separator, pairs);
      end = packet.end;
      isUncertain ||= packet.isUncertain;
      isForged ||= packet.isForged;
      isRest = packet.isRest;
    } else if (text.startsWith(ENCODED, start)) {
      end = encodedEnd(text, start, separator);
      isRest = end === -1;
    } else if (!RAW.has(key) && !isPlain && isTerm(text, start)) {
      end = termEnd(text, start);
      if (end === -1 || !isBorder(text, end, separator)) {
        isPlain ||= text.charCodeAt(start) !== 0x27;
        end = -1;
      }
    }
    // No entry prints a message before its own name.
    if (isRest || (isBody && end !== -1 && !pairs.some(({ key: before }) => before === 'msg'))) {
      if (end === -1) end = isForged ? text.length : reasonStart(text, start, separator, pairs);
      const names = ['msg', 'payload', 'packet'].flatMap((name) =>
        pairsWithin(name, text, start, end, separator),
      );
      isForged ||= names.length > 0;
      pairs.push({ key, start, end }, ...names);
    } else {
      if (end === -1) end = rawEnd(text, start, separator);
      pairs.push({ key, start, end });
    }
    at = end + separator.length;
  }
  return { pairs, isUncertain, isForged };
}

/** Values by their keys; of a key that comes twice, the first. */
export function fieldsOf(text: string, pairs: readonly Pair[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { key, start, end } of pairs) fields[key] ??= text.slice(start, end);
  return fields;
}

const ENCODED = 'Encoded(';

const ENCODING_NAME = /Encoded\((?:(text)|hex|base64|hidden)\)=/y;

/** Where `Encoded(text)=[body: x, headers: y]` of 6.x ends; -1: nothing tells that. */
function encodedEnd(text: string, start: number, separator: string): number {
  ENCODING_NAME.lastIndex = start;
  const name = ENCODING_NAME.exec(text);
  const at = ENCODING_NAME.lastIndex;
  if (name !== null && isTerm(text, at)) {
    const end = termEnd(text, at);
    return end !== -1 && isBorder(text, end, separator) ? end : -1;
  }
  // Digits hold no separator.
  return name === null || name[1] === 'text' ? -1 : rawEnd(text, at, separator);
}

function isTerm(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === 0x22 || c === 0x27 || c === 0x23 || c === 0x5b || c === 0x7b || c === 0x3c;
}

function isBorder(text: string, at: number, separator: string): boolean {
  if (at === text.length) return true;
  return text.startsWith(separator, at) && keyEnd(text, at + separator.length) !== -1;
}

/** Where the colon of the key at `at` stands; -1: there is no word with `: ` behind it. */
function keyEnd(text: string, at: number): number {
  if (text.charCodeAt(at) === QUOTE) {
    QUOTED_KEY.lastIndex = at;
    return QUOTED_KEY.test(text) ? QUOTED_KEY.lastIndex : -1;
  }
  for (let i = at; i <= at + MAX_KEY_CHARS; i++) {
    const c = text.charCodeAt(i);
    const isLetter = (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
    if (isLetter || (i > at && (c === 95 || (c >= 48 && c <= 57)))) continue;
    return i > at && c === 0x3a && text.charCodeAt(i + 1) === 0x20 ? i : -1;
  }
  return -1;
}

/** Keys that most records have, by length and first letter. */
const KNOWN: string[][] = Array.from({ length: (MAX_KEY_CHARS + 1) * 128 }, () => []);
for (const key of [
  ...['msg', 'mfa', 'line', 'peername', 'clientid', 'username', 'topic', 'tag', 'tns', 'pid', 'reason'],
  ...['packet', 'packet_id', 'payload', 'payload_encode', 'action', 'source', 'queue', 'size', 'type'],
])
  KNOWN[placeOf(key, 0, key.length)]?.push(key);

function placeOf(text: string, at: number, end: number): number {
  return (end - at) * 128 + text.charCodeAt(at);
}

/** A key, for known keys always the same string: comparing and looking it up is then much faster. */
function keyAt(text: string, at: number, end: number): string {
  if (text.charCodeAt(at) === QUOTE) {
    const name = text.slice(at + 1, end - 1);
    return name === KIND ? 'msg' : name;
  }
  for (const key of KNOWN[placeOf(text, at, end)] ?? []) if (text.startsWith(key, at)) return key;
  return text.slice(at, end);
}

/** The next separator with a key behind it, or the end. */
function rawEnd(text: string, from: number, separator: string): number {
  for (let at = text.indexOf(separator, from); at !== -1; at = text.indexOf(separator, at + 1)) {
    if (keyEnd(text, at + separator.length) !== -1) return at;
  }
  return text.length;
}

/**
 * Where a payload ends. It is a term (up to 5.6; a map that the payload was read into), or text with `payload_encode` behind it; if `payload_encode` stands before
 * it, it is the last value. In early 5.0 `peername` follows.
 */
function payloadEnd(
  text: string,
  start: number,
  separator: string,
  before: readonly Pair[],
): { end: number; isUncertain: boolean; isForged: boolean } {
  if (before.some(({ key }) => key === 'payload_encode'))
    return {
      end: text.length,
      isUncertain: text.charCodeAt(start) !== BRACKET && text.includes(`${separator}payload: `, start),
      isForged: false,
    };
  const encodings = [...text.slice(start).matchAll(separator === ', ' ? ENCODING : ENCODING_LINE)];
  const last = encodings.at(-1);
  const encoded = last === undefined ? -1 : start + last.index;
  const isPrinted = text.startsWith('<<', start) || text.startsWith('#{', start);
  const term = isPrinted ? termEnd(text, start) : -1;
  if (term !== -1 && isBorder(text, term, separator)) {
    // An encoding further on: the payload may go on behind what looks like its term.
    const isForged = encoded !== -1 && encoded !== term;
    return { end: isForged ? text.length : term, isUncertain: false, isForged };
  }
  if (encoded !== -1) {
    const isUncertain = encodings.length > 1 || text.slice(start, encoded).includes(`${separator}payload: `);
    return { end: encoded, isUncertain, isForged: false };
  }
  // Where the address stands before it, nothing tells.
  if (before.some(({ key }) => key === 'peername')) return { end: -1, isUncertain: false, isForged: false };
  const mark = `${separator}peername: `;
  const peer = text.lastIndexOf(mark);
  const end = peer > start ? peer : text.lastIndexOf(`${separator}tag: `);
  const isForged = end > start && text.indexOf(mark, start) !== peer;
  return { end: end < start ? -1 : end, isUncertain: false, isForged };
}

/** What follows a packet whose flags are closed in early 5.0, in a log; in a trace nothing does. */
const AFTER_CLOSED = /(?:, |\n {4})peername: [\w.:[\]-]{3,64}(?:(?:, |\n {4})tag: [A-Z_-]{1,32})?\s{0,4}$/;

interface PacketEnd {
  readonly end: number;
  readonly isUncertain: boolean;
  readonly isForged: boolean;
  /** Nothing in it tells where it ends. */
  readonly isRest: boolean;
}

/** Where `TYPE(…)` ends: behind its closing parenthesis stands another key, or nothing. */
function packetEnd(text: string, start: number, separator: string): PacketEnd {
  if (areFlagsClosed(text, text.indexOf('(', start))) {
    const end = AFTER_CLOSED.exec(text)?.index ?? text.length;
    return { end, isUncertain: false, isForged: false, isRest: true };
  }
  let first = -1;
  let last = -1;
  for (let at = text.indexOf(')', start); at !== -1; at = text.indexOf(')', at + 1)) {
    const isEnd = at + 1 === text.length || AFTER_PACKET.test(text.slice(at + 1, at + 24));
    if (!isEnd) continue;
    if (first === -1) first = at + 1;
    last = at + 1;
  }
  if (last !== -1) return { end: last, isUncertain: first !== last, isForged: false, isRest: false };
  const end = rawEnd(text, start, separator);
  const isWhole = text.charAt(end - 1) === ')';
  return { end: isWhole ? end : -1, isUncertain: false, isForged: false, isRest: !isWhole };
}

/** All that follows a packet of a gateway's own protocol. */
const AFTER_FRAME =
  /^(?:, |\n {4})(?:payload_encode: \w{3,6}|peername: [\w.:[\]-]{3,64}(?:(?:, |\n {4})tag: [A-Z_-]{1,32})?)?\s{0,4}$/;

/** Where the packet of a gateway's own protocol ends, like a payload; no entry has one before its name. */
function frameEnd(text: string, start: number, separator: string, before: readonly Pair[]): PacketEnd {
  if (!before.some(({ key }) => key === 'msg'))
    return { end: -1, isUncertain: false, isForged: false, isRest: false };
  const { end } = payloadEnd(text, start, separator, before);
  const isRight = end !== -1 && AFTER_FRAME.test(text.slice(end));
  return { end: isRight ? end : -1, isUncertain: false, isForged: false, isRest: true };
}

/** Names of entries that always tell why, and what they could not send. */
const FAILED = /error|fail|invalid/;

/** Where the reason begins behind a value of which nothing else tells where it ends, or the end. */
function reasonStart(text: string, from: number, separator: string, before: readonly Pair[]): number {
  const name = before.find(({ key }) => key === 'msg');
  const isTold = before.some(({ key }) => key === 'reason');
  if (name === undefined || isTold || !FAILED.test(text.slice(name.start, name.end))) return text.length;
  const reason = text.lastIndexOf(`${separator}reason: `);
  return reason < from ? text.length : reason;
}

/** Pairs within a value of which nothing tells where it ends: a client has written them, or what stands before them. */
function pairsWithin(key: string, text: string, from: number, end: number, separator: string): Pair[] {
  const mark = `${separator}${key}: `;
  const found: Pair[] = [];
  for (let at = text.indexOf(mark, from); at !== -1 && at < end; at = text.indexOf(mark, at + 1)) {
    const start = at + mark.length;
    // A name ends at the next key; all that stands behind a payload may be part of it.
    const stop = key === 'msg' ? Math.min(rawEnd(text, start, separator), end) : end;
    found.push({ key, start, end: stop });
  }
  return found;
}
