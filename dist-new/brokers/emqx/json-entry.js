import { Mark } from '../../core/event.js';
import { epochMs, levelOf, loggerOf, word } from './entry.js';
import { payloadSize, readPacket } from './packet.js';
import { NO_PEER, parsePeer } from './peer.js';
import { readProse } from './prose-head.js';
import { readReason } from './reason.js';
import { hideSecrets } from './secrets.js';
import { timeOf } from './stamp.js';
/** The name of a record; anything else in `msg` is prose. */
const NAME = /^[A-Za-z(][\w().:-]{0,127}$/;
/**
 * Reads a record of a JSON log (`{"time":…,"level":…,"msg":…}`, from 4.3 on) or of a JSON trace, which nests its fields below
 * `meta`.
 */
export function readJsonEntry(record, seen, marks) {
    const { meta } = record;
    const fields = isObject(meta) ? { ...record, ...meta } : record;
    const said = word(fields.msg) ?? '';
    const time = jsonTime(fields.time) ?? seen;
    const level = levelOf(word(fields.level) ?? '');
    const tag = word(fields.tag) ?? word(fields.trace_tag);
    const logger = loggerOf(word(fields.mfa));
    const client = word(fields.clientid);
    const peername = word(fields.peername);
    const peer = peername === undefined ? NO_PEER : parsePeer(peername);
    if (!NAME.test(said)) {
        const entry = readProse(said.trimEnd(), {
            time,
            level,
            marks,
            tag,
            logger,
            client,
            peer,
            fields,
            isText: false,
        });
        return { ...entry, user: word(fields.username) };
    }
    const printed = word(fields.packet);
    const packet = printed === undefined ? undefined : readPacket(printed);
    const about = readReason(fields.reason).word ?? packet?.type.toUpperCase();
    const shown = about === undefined ? said : `${said}: ${about}`;
    return {
        time,
        level,
        marks: packet?.isAmbiguous === true ? marks | Mark.ambiguous : marks,
        message: hideSecrets(shown),
        name: said,
        text: '',
        tag,
        logger,
        client,
        user: word(fields.username),
        topic: word(fields.topic),
        peer,
        packet,
        payloadSize: sizeOf(fields),
        fields,
        isText: false,
    };
}
function sizeOf({ payload, payload_encode: encoding }) {
    if (typeof payload !== 'string')
        return undefined;
    return payloadSize(payload, word(encoding) ?? 'text');
}
/** Microseconds, or RFC 3339. */
export function jsonTime(value) {
    return typeof value === 'string' ? timeOf(value) : epochMs(value);
}
export function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
