import { isBorder, isTerm, type Pair, rawEnd } from './keys.ts';
import { areFlagsClosed } from './read-packet.ts';
import { termEnd } from './term-end.ts';

/*
 * Where values end that hold what clients and other systems have sent.
 */

const BRACKET = 0x5b;
/** Keys that can follow a printed packet. */
const AFTER_PACKET =
  /^, (?:payload_encode|payload|username|clientid|peername|topic|tag|pid|reason|mfa|line|msg|type|size): /;
const ENCODING = /, payload_encode: (?:text|hex|hidden|base64)(?=, |$)/g;
const ENCODING_LINE = /\n {4}payload_encode: (?:text|hex|hidden|base64)(?=\n|$)/g;

const ENCODING_NAME = /Encoded\((?:(text)|hex|base64|hidden)\)=/y;

/** Where `Encoded(text)=[body: x, headers: y]` of 6.x ends; -1: nothing tells that. */
export function encodedEnd(text: string, start: number, separator: string): number {
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

/**
 * Where a payload ends. It is a term (up to 5.6; a map that the payload was read into), or text with `payload_encode` behind it;
 * if `payload_encode` stands before it, it is the last value. In early 5.0 `peername` follows.
 */
export function payloadEnd(
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
export function packetEnd(text: string, start: number, separator: string): PacketEnd {
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
export function frameEnd(text: string, start: number, separator: string, before: readonly Pair[]): PacketEnd {
  if (!before.some(({ key }) => key === 'msg'))
    return { end: -1, isUncertain: false, isForged: false, isRest: false };
  const { end } = payloadEnd(text, start, separator, before);
  const isRight = end !== -1 && AFTER_FRAME.test(text.slice(end));
  return { end: isRight ? end : -1, isUncertain: false, isForged: false, isRest: true };
}

/** Names of entries that always tell why, and what they could not send. */
const FAILED = /error|fail|invalid/;

/** Where the reason begins behind a value of which nothing else tells where it ends, or the end. */
export function reasonStart(text: string, from: number, separator: string, before: readonly Pair[]): number {
  const name = before.find(({ key }) => key === 'msg');
  const isTold = before.some(({ key }) => key === 'reason');
  if (name === undefined || isTold || !FAILED.test(text.slice(name.start, name.end))) return text.length;
  const reason = text.lastIndexOf(`${separator}reason: `);
  return reason < from ? text.length : reason;
}

/** Pairs within a value of which nothing tells where it ends: a client has written them, or what stands before them. */
export function pairsWithin(key: string, text: string, from: number, end: number, separator: string): Pair[] {
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
