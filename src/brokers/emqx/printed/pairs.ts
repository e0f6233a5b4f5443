import { encodedEnd, frameEnd, packetEnd, pairsWithin, payloadEnd, reasonStart } from './bodies.ts';
import { isBorder, isTerm, keyAt, keyEnd, type Pair, rawEnd } from './keys.ts';
import { isPrintedPacket } from './read-packet.ts';
import { termEnd } from './term-end.ts';

/** Keys whose values are printed as they are; clients choose most of them. */
const RAW: ReadonlySet<string> = new Set(['clientid', 'username', 'topic', 'tag', 'msg', 'peername', 'tns']);
const ENCODED = 'Encoded(';

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
