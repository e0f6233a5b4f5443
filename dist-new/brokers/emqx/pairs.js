import { termEnd } from './term.js';
const MAX_KEY_CHARS = 64;
/** Values that clients choose, printed as they are. */
const RAW = new Set(['clientid', 'username', 'topic', 'tag', 'msg', 'peername', 'tns']);
/** What can follow a printed packet or payload. */
const AFTER_PACKET = /^, (?:payload_encode|payload|username|clientid|peername|topic|tag|pid|reason|mfa|line|msg|type|size): /;
const ENCODING = /, payload_encode: (?:text|hex|hidden|base64)(?=, |$)/g;
/**
 * Cuts `key: value, key: value` apart (EMQX 5.x and 6.x; in several lines: one pair a line, indented by four). Nothing is
 * quoted there: a text of a client can hold what looks like a pair. Every pair that can be seen is given, doubled keys too.
 * @returns undefined when the text does not begin with a key
 */
export function splitPairs(text, from) {
    const separator = text.includes('\n', from) ? '\n    ' : ', ';
    const pairs = [];
    let isUncertain = false;
    let isPlain = false;
    for (let at = from; at < text.length;) {
        const colon = keyEnd(text, at);
        if (colon === -1) {
            if (pairs.length === 0)
                return undefined;
            break;
        }
        const start = colon + 2;
        const key = text.slice(at, colon);
        let end = -1;
        if (key === 'payload') {
            ({ end, isUncertain } = payloadEnd(text, start, pairs, isUncertain));
        }
        else if (key === 'packet') {
            const packet = packetEnd(text, start);
            end = packet.end;
            isUncertain ||= packet.isUncertain;
        }
        else if (!RAW.has(key) && !isPlain && isTerm(text, start)) {
            end = termEnd(text, start);
            if (end === -1 || !isBorder(text, end, separator)) {
                isPlain ||= text.charCodeAt(start) !== 0x27;
                end = -1;
            }
        }
        if (end === -1)
            end = rawEnd(text, start, separator);
        pairs.push({ key, start, end });
        at = end + separator.length;
    }
    return { pairs, isUncertain };
}
function isTerm(text, at) {
    const c = text.charCodeAt(at);
    return c === 0x22 || c === 0x27 || c === 0x23 || c === 0x5b || c === 0x7b || c === 0x3c;
}
function isBorder(text, at, separator) {
    if (at === text.length)
        return true;
    return text.startsWith(separator, at) && keyEnd(text, at + separator.length) !== -1;
}
/** Where the colon of a key stands: a word, then `: `; -1: there is no key. */
function keyEnd(text, at) {
    for (let i = at; i <= at + MAX_KEY_CHARS; i++) {
        const c = text.charCodeAt(i);
        const isLetter = (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
        if (isLetter || (i > at && (c === 95 || (c >= 48 && c <= 57))))
            continue;
        return i > at && c === 0x3a && text.charCodeAt(i + 1) === 0x20 ? i : -1;
    }
    return -1;
}
/** The next separator with a key behind it, or the end. */
function rawEnd(text, from, separator) {
    for (let at = text.indexOf(separator, from); at !== -1; at = text.indexOf(separator, at + 1)) {
        if (keyEnd(text, at + separator.length) !== -1)
            return at;
    }
    return text.length;
}
/** A payload is followed by `payload_encode`, or is the last value: then that stands before it. */
function payloadEnd(text, start, before, wasUncertain) {
    let last = -1;
    let count = 0;
    ENCODING.lastIndex = start;
    for (let found = ENCODING.exec(text); found !== null; found = ENCODING.exec(text)) {
        last = found.index;
        count++;
    }
    const isLast = before.some(({ key }) => key === 'payload_encode');
    if (isLast)
        return { end: text.length, isUncertain: wasUncertain };
    if (last !== -1)
        return { end: last, isUncertain: wasUncertain || count > 1 };
    // Early 5.0 does not say the encoding; the keys come in the order of the alphabet.
    const peer = text.lastIndexOf(', peername: ');
    const end = peer > start ? peer : text.lastIndexOf(', tag: ');
    return { end: end < start ? -1 : end, isUncertain: wasUncertain };
}
/** `TYPE(…)`: the parenthesis that closes it is followed by another key, or by nothing. */
function packetEnd(text, start) {
    let first = -1;
    let last = -1;
    for (let at = text.indexOf(')', start); at !== -1; at = text.indexOf(')', at + 1)) {
        const isEnd = at + 1 === text.length || AFTER_PACKET.test(text.slice(at + 1, at + 24));
        if (!isEnd)
            continue;
        if (first === -1)
            first = at + 1;
        last = at + 1;
    }
    return { end: last, isUncertain: first !== last };
}
