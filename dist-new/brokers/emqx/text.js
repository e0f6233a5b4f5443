import { Mark } from '../../core/event.js';
import { levelOf, loggerOf, word } from './entry.js';
import { payloadSize, readPacket } from './packet.js';
import { splitPairs } from './pairs.js';
import { NO_PEER, parsePeer } from './peer.js';
import { payloadsOf, withoutPlaces } from './places.js';
import { isCrash, readProse } from './prose-head.js';
import { hideSecrets } from './secrets.js';
const NAME = /^[A-Za-z][\w /-]{0,40}$/;
const PID = /^<\d[\d.]{0,30}>$/;
/** Reads an entry of a text log or trace of any generation; `at`: behind its stamp. */
export function readText(text, at, time, marks) {
    const head = headOf(text, at);
    const start = skipSpaces(text, head.at);
    const trace = head.tag === undefined ? undefined : traceClient(text, start);
    const split = splitPairs(text, trace?.end ?? start);
    if (split?.pairs.some(({ key }) => key === 'msg') === true)
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
export function originalText(text, at) {
    const start = skipSpaces(text, headOf(text, at).at);
    return text.slice(0, start) + readText(text, at, 0, Mark.none).message;
}
function headOf(text, at) {
    // lager's crash log has no levels.
    const none = {
        level: text.charCodeAt(at) === 0x3d ? 'error' : undefined,
        tag: undefined,
        pid: undefined,
        at,
    };
    const open = text.charCodeAt(at) === 0x3c ? text.indexOf(' ', at) + 1 : at;
    if (text.charCodeAt(open) !== 0x5b)
        return none;
    const pid = open === at ? undefined : text.slice(at, open - 1);
    const close = text.indexOf(']', open);
    const name = text.slice(open + 1, close);
    const level = levelOf(name);
    const isHead = close !== -1 && (level !== undefined || NAME.test(name)) && (pid === undefined || PID.test(pid));
    return isHead ? { level, tag: level === undefined ? name : undefined, pid, at: close + 1 } : none;
}
function skipSpaces(text, at) {
    let i = at;
    while (text.charCodeAt(i) === 0x20)
        i++;
    return i;
}
/** Another head of a trace further on. */
const SECOND = /@[\w.:]{1,64}:\d{1,5} msg: /;
/** A trace says `clientid@peername ` before its pairs; before CONNECT the id is empty. */
function traceClient(text, at) {
    const end = text.indexOf(' msg: ', at);
    const mark = end === -1 ? -1 : text.lastIndexOf('@', end);
    if (mark < at)
        return undefined;
    const client = text.slice(at, mark);
    return {
        client: client === '' ? undefined : client,
        peer: text.slice(mark + 1, end),
        end: end + 1,
        isDouble: /@[\w.:]+:\d{1,5} /.test(client) || SECOND.test(text.slice(end + 1)),
    };
}
/** `is_resumed: false, alpns: <<"mqtt">>`: values by name without `msg`. */
function isFields(text, pairs) {
    return pairs.every(({ key }) => /^[a-z][a-z0-9_]*$/.test(key)) && !isCrash(text);
}
function fieldsOf(text, pairs) {
    const fields = {};
    for (const { key, start, end } of pairs)
        fields[key] ??= text.slice(start, end);
    return fields;
}
function structured(text, start, { pairs, isUncertain }, head, trace, time, marks) {
    const isFalse = isForged(pairs) || trace?.isDouble === true;
    const fields = isFalse ? trusted(text, pairs) : fieldsOf(text, pairs);
    const payload = payloadOf(text, pairs);
    const packet = packetOf(text, pairs);
    const value = (key) => word(fields[key]);
    const client = trace === undefined ? value('clientid') : isFalse ? undefined : trace.client;
    const peername = trace === undefined ? value('peername') : isFalse ? undefined : trace.peer;
    const user = value('username');
    const topic = value('topic');
    const isJoined = isDoubtful(client) || isDoubtful(user) || isDoubtful(topic);
    const isAmbiguous = isFalse || isUncertain || isJoined || packet?.packet.isAmbiguous === true;
    const hidden = payload === undefined ? (packet?.payloads ?? NOTHING) : [payload, ...(packet?.payloads ?? NOTHING)];
    const shown = withoutPlaces(text, start, hidden);
    return {
        time,
        level: head.level,
        marks: marks | (isAmbiguous ? Mark.ambiguous : Mark.none),
        message: isPlain(pairs, fields) ? shown : hideSecrets(shown),
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
const NOTHING = [];
const BEFORE_MSG = new Set(['tag', 'tns', 'clientid']);
/**
 * What no EMQX writes was written by a client: a key that comes twice, and keys out of their order. 5.0: in the order of the
 * alphabet; 5.0.16 to 5.5: `msg` first; from 5.6 on `tag`, `clientid`, `msg`, `peername`, `username`, `topic`; with OTP 26
 * and later the rest in any order that a build keeps.
 */
function isForged(pairs) {
    let isSorted = true;
    let isOutside = false;
    let msg = -1;
    let peer = -1;
    let named = -1;
    for (let i = 0; i < pairs.length; i++) {
        const key = pairs[i]?.key ?? '';
        for (let k = 0; k < i; k++)
            if (pairs[k]?.key === key)
                return true;
        if (i > 0 && (pairs[i - 1]?.key ?? '') > key)
            isSorted = false;
        if (key === 'msg')
            msg = i;
        else if (key === 'peername')
            peer = i;
        else if ((key === 'username' || key === 'topic') && named === -1)
            named = i;
        if (msg === -1 && !BEFORE_MSG.has(key))
            isOutside = true;
    }
    if (isSorted)
        return false;
    if (peer === -1)
        return named !== -1 && named < msg;
    return msg < peer && (isOutside || (named !== -1 && named < peer));
}
/** Keys whose values are names, addresses and numbers: nothing of the broker's configuration. */
const PLAIN = new Set([
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
function isPlain(pairs, { reason }) {
    for (const { key } of pairs)
        if (!PLAIN.has(key))
            return false;
    return typeof reason !== 'string' || (reason.length < 64 && !reason.includes('"'));
}
/** Names of records by the tag that they always have: tells which of two `msg` the broker wrote. */
const TAG_OF = {
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
function trusted(text, pairs) {
    const [first] = pairs;
    const value = ({ start, end }) => text.slice(start, end);
    if (first === undefined)
        return {};
    if (first.key === 'msg')
        return { msg: value(first) };
    const names = pairs.filter(({ key }) => key === 'msg').map(value);
    if (first.key !== 'tag')
        return names.length === 1 ? { msg: names[0] ?? '' } : {};
    const tag = value(first);
    const fitting = names.filter((name) => TAG_OF[name] === tag);
    const [name] = names.length === 1 ? names : fitting;
    return names.length === 1 || fitting.length === 1 ? { tag, msg: name ?? '' } : { tag };
}
/** In one line the broker writes a line break of a client's text as `, `, and bytes that are no UTF-8 as a term. */
function isDoubtful(text) {
    return text !== undefined && (text.includes(', ') || text.startsWith('<<') || text.includes('\n'));
}
function payloadOf(text, pairs) {
    const pair = pairs.find(({ key }) => key === 'payload' || key === 'bin');
    if (pair === undefined)
        return undefined;
    const { start, end } = pair;
    const encode = pairs.find(({ key }) => key === 'payload_encode' || key === 'type');
    const encoding = encode && text.slice(encode.start, encode.end);
    const size = pair.key === 'bin' ? undefined : payloadSize(text.slice(start, end), encoding ?? 'none');
    return exact(text, { start, end, size });
}
function packetOf(text, pairs) {
    const pair = pairs.find(({ key }) => key === 'packet');
    const packet = pair && readPacket(text.slice(pair.start, pair.end));
    if (pair === undefined || packet === undefined)
        return undefined;
    const payloads = payloadsOf(packet, pair.start);
    const isInexact = payloads.some((place) => exact(text, place) !== place);
    if (!isInexact)
        return { packet, payloads };
    const { payload, will } = packet;
    const unsized = {
        ...packet,
        ...(payload && { payload: { ...payload, size: undefined } }),
        ...(will?.payload && { will: { ...will, payload: { ...will.payload, size: undefined } } }),
    };
    return { packet: unsized, payloads: payloadsOf(unsized, pair.start) };
}
/** Where a line break may have become `, `, the size is not known. */
function exact(text, place) {
    if (place.size === undefined ||
        /\d bytes\)\]?$/.test(text.slice(Math.max(place.start, place.end - 32), place.end)))
        return place;
    const at = text.indexOf(', ', place.start);
    return at === -1 || at >= place.end ? place : { ...place, size: undefined };
}
