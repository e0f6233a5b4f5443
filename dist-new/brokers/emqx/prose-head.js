import { isIP } from 'node:net';
import { Mark } from '../../core/event.js';
import { loggerOf } from './entry.js';
import { readPacket } from './packet.js';
import { parsePeer } from './peer.js';
import { payloadsOf, withoutPlaces } from './places.js';
import { hideSecrets } from './secrets.js';
import { binarySize, binaryText, termEnd } from './term.js';
const MODULE = /\[([A-Za-z][\w /-]{0,40})\] /y;
/** What stands behind the peer: a module, or the words of a trace. */
const AFTER_PEER = /\[[A-Za-z][\w /-]{0,40}\] |PUBLISH to |RECV |SEND /y;
const EMQTTD_PLACE = /^(<\d[\d.]{0,30}>)@(\w{1,64}:\w{1,64}):(\d{1,6}) /;
const EMQTTD_WHO = /^(Client|Session)\(/;
/**
 * Reads what stands before the words of 3.x, 4.x and emqttd: `ID@PEER [Channel] …`, `<<"ID">>@PEER [MQTT] …`,
 * `<0.9.0>@emqttd_protocol:trace:266 Client(ID@PEER): …`, `Session(ID): …`. Then hides what must not be told.
 */
export function readProse(body, base) {
    const place = EMQTTD_PLACE.exec(body);
    const start = place?.[0].length ?? 0;
    const who = whoOf(body, start, base.isText);
    MODULE.lastIndex = who.at;
    const module = MODULE.exec(body);
    const at = who.at + (module?.[0].length ?? 0);
    const text = body.slice(at);
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
        logger: loggerOf(place?.[2]) ?? base.logger,
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
export function isCrash(text) {
    return /^(\*\* )?(crasher:|supervisor:|Supervisor:|Generic server |gen_\w+ |State machine |Error in process |=[A-Z ]+ ?REPORT=)/.test(text);
}
/** JSON says it by name: there the words begin at once. */
function whoOf(body, at, isText) {
    const nobody = { client: undefined, peer: undefined, at };
    return isText ? (emqttdWho(body, at) ?? peerWho(body, at) ?? nobody) : nobody;
}
/** `Client(ID@PEER): `, `Client(PEER): `, `Session(ID): ` of emqttd. */
function emqttdWho(body, at) {
    const kind = EMQTTD_WHO.exec(body.slice(at, at + 8))?.[1];
    if (kind === undefined)
        return undefined;
    const start = at + kind.length + 1;
    const end = body.indexOf('): ', start);
    if (end === -1)
        return undefined;
    const inside = body.slice(start, end);
    const isDouble = inside.includes('): ') || (inside.includes('@') && /Client\(|Session\(/.test(inside));
    if (kind === 'Session')
        return { client: known(inside), peer: undefined, at: end + 3, isDouble };
    const mark = inside.lastIndexOf('@');
    if (mark === -1)
        return { client: undefined, peer: inside, at: end + 3, isDouble };
    return { client: known(inside.slice(0, mark)), peer: inside.slice(mark + 1), at: end + 3, isDouble };
}
const PEER = /^[\w.:[\]-]{3,64}:\d{1,5}$/;
/** `ID@PEER `, `PEER `: the id may hold anything, so that more than one place may look like the peer. */
function peerWho(body, from) {
    const space = body.indexOf(' ', from);
    if (space === -1)
        return undefined;
    const first = body.slice(from, space);
    if (PEER.test(first) && isPeer(first) && !first.includes('@')) {
        return { client: undefined, peer: first, at: space + 1, isDouble: hasPeer(body, space) };
    }
    for (let mark = body.indexOf('@', from); mark !== -1 && mark < from + 8192; mark = body.indexOf('@', mark + 1)) {
        const end = body.indexOf(' ', mark);
        if (end === -1)
            return undefined;
        if (end - mark > 64 || !PEER.test(body.slice(mark + 1, end)))
            continue;
        const id = body.slice(from, mark);
        // Prose that speaks of an address somewhere is no such head: an id has no words before it.
        if (id.includes(' ') && !isHeadEnd(body, end + 1))
            continue;
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
function isHeadEnd(body, at) {
    AFTER_PEER.lastIndex = at;
    return AFTER_PEER.test(body);
}
/** Another `@PEER [Module] ` further on: one of them is a client's text. */
function hasPeer(body, from) {
    for (let mark = body.indexOf('@', from); mark !== -1; mark = body.indexOf('@', mark + 1)) {
        const end = body.indexOf(' ', mark);
        if (end === -1)
            return false;
        if (end - mark <= 64 && PEER.test(body.slice(mark + 1, end)) && isHeadEnd(body, end + 1))
            return true;
    }
    return false;
}
function isPeer(text) {
    const host = text.slice(0, text.lastIndexOf(':'));
    return isIP(host.replace(/^\[|\]$/g, '')) !== 0;
}
function known(text) {
    return text === '' || text === 'undefined' ? undefined : text;
}
const PACKET = /^(?:RECV|SEND) (?=[A-Z]{4,11}\()/;
function packetIn(body, at) {
    const head = PACKET.exec(body.slice(at, at + 20))?.[0];
    if (head === undefined)
        return { packet: undefined, payloads: [] };
    const start = at + head.length;
    const packet = readPacket(body.slice(start));
    return { packet, payloads: packet === undefined ? [] : payloadsOf(packet, start) };
}
const RAW = /^(?:(?:RECV|SEND) (?=<<)|Parse failed for |parse_failed |Unexpected (?:packet|frame))/;
/** Places of raw bytes of packets: `RECV <<…>>`, `Frame data: <<…>>`, `PUBLISH to T: <<…>>`. */
function rawBytes(body, at) {
    const publish = body.indexOf('PUBLISH to ');
    if (publish !== -1) {
        const start = body.indexOf(': ', publish) + 2;
        return start === 1 ? [] : [{ start, end: body.length, size: binarySize(body.slice(start)) }];
    }
    const isRaw = RAW.test(body.slice(at, at + 32)) || body.includes('Frame data: ') || body.includes('raw_bytes=');
    return isRaw ? binariesIn(body, at) : [];
}
/** Every `<<…>>`. */
function binariesIn(body, from) {
    const places = [];
    for (let at = body.indexOf('<<', from); at !== -1; at = body.indexOf('<<', at)) {
        const found = termEnd(body, at);
        const end = found === -1 ? body.length : found;
        places.push({ start: at, end, size: binarySize(body.slice(at, end)) });
        at = end;
    }
    return places;
}
/** State and messages of a process may hold payloads and passwords: nothing tells which of its binaries. */
function withoutBinaries(body) {
    return withoutPlaces(body, 0, binariesIn(body, 0));
}
