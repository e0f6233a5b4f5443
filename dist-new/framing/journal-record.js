import { randomFillSync } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Mark } from '../core/event.js';
import { HeaderTable } from './header.js';
/*
 * A record of a journal. All numbers but the checksum are big-endian.
 *
 *    0  u32  length of what follows
 *    4  u48  number of the record in its stream, counted from 0
 *   10  u8   type: 1 line, 2 message, 3 note, 4 line with facts; bit 7: the body is encrypted (record-cipher.ts)
 *   11  f64  seen, milliseconds since 1970
 *   19  18 B id: the first 36 digits of event.id
 *   37  then by type
 *     line     UTF-8 text
 *     message  u8 flags: bits 0-1 QoS, bit 2 retain, bit 3 dup, bit 4 cut, bit 5 captured; further ones are free
 *              u16 packet identifier; 0: none
 *              u16 length of the topic, topic
 *              u32 length of the properties, properties as JSON (0: none)
 *              if cut, u32 bytes of the payload that were not kept
 *              payload; if captured, u32 its bytes, u32 its checksum, and JSON of what is kept of it (nothing: no bytes)
 *     note     JSON
 *     line with facts
 *              u8 marks: bits of `Mark`
 *              u32 bytes before the cut; 0: not cut
 *              u16 length of the header, header as JSON (0: none)
 *              UTF-8 text
 *   at the end u32, little-endian: checksum of all that is before; see `Seal`. 0 in memory
 *
 * A new form of a body gets a new type; readers refuse types and flags that they do not know.
 */
/** Bytes of a record without its body. */
export const EMPTY_RECORD_BYTES = 41;
export const BODY_AT = 37;
export const TYPE_AT = 10;
export const CHECKSUM_BYTES = 4;
/** Bit of the type: what follows the body is in the way of `RecordCipher`. */
export const ENCRYPTED = 0x80;
/** Bytes behind an encrypted body: what it was encrypted with, and what proves that it is whole. */
export const ENCRYPTION_BYTES = 6 + 16;
const ID_AT = 19;
const ID_BYTES = 18;
const LINE = 1;
const MESSAGE = 2;
const NOTE = 3;
const LINE_WITH_FACTS = 4;
const RETAIN = 4;
const DUP = 8;
const CUT = 16;
const CAPTURED = 32;
const KNOWN_FLAGS = 63;
const NOTHING_KEPT = {};
const NO_BYTES = Buffer.alloc(0);
/** Random ids of records, drawn many at a time: one call per record would cost as much as all the rest. */
export class RecordIds {
    pool = Buffer.alloc(ID_BYTES * 256);
    at = this.pool.length;
    /** Writes the next one: 18 bytes. */
    write(bytes, at) {
        if (this.at === this.pool.length) {
            randomFillSync(this.pool);
            this.at = 0;
        }
        this.pool.copy(bytes, at, this.at, this.at + ID_BYTES);
        this.at += ID_BYTES;
    }
}
/**
 * Writes one record to the place that `reserve` gives, without a checksum.
 * @param sequence its number in the stream
 * @param ids gives the id of a record that has none
 */
export function encodeRecord(record, sequence, ids, reserve) {
    const header = (type, seen, bodyBytes) => {
        const sizeBytes = EMPTY_RECORD_BYTES + bodyBytes;
        const { bytes, at } = reserve(sizeBytes);
        bytes.writeUInt32BE(sizeBytes - 4, at);
        bytes.writeUIntBE(sequence, at + 4, 6);
        bytes[at + TYPE_AT] = type;
        bytes.writeDoubleBE(seen, at + 11);
        if (record.type === 'line' && record.id !== undefined)
            bytes.write(record.id, at + ID_AT, 'hex');
        else
            ids.write(bytes, at + ID_AT);
        bytes.writeUInt32LE(0, at + sizeBytes - CHECKSUM_BYTES);
        return { bytes, at: at + BODY_AT };
    };
    switch (record.type) {
        case 'line':
            encodeLine(record, header);
            return;
        case 'message':
            encodeMessage(record.message, header);
            return;
        case 'note': {
            const body = Buffer.from(JSON.stringify(record.note));
            const { bytes, at } = header(NOTE, record.note.seen, body.length);
            body.copy(bytes, at);
        }
    }
}
function encodeLine(record, header) {
    const { text, seen, marks = Mark.none } = record;
    if (record.header === undefined && marks === Mark.none) {
        const { bytes, at } = header(LINE, seen, text.length);
        text.copy(bytes, at);
        return;
    }
    const json = record.header === undefined ? '' : JSON.stringify(record.header);
    const jsonBytes = Buffer.byteLength(json);
    const { bytes, at } = header(LINE_WITH_FACTS, seen, 7 + jsonBytes + text.length);
    bytes[at] = marks;
    bytes.writeUInt32BE(record.length ?? 0, at + 1);
    const jsonAt = bytes.writeUInt16BE(jsonBytes, at + 5);
    text.copy(bytes, jsonAt + (jsonBytes > 0 ? bytes.write(json, jsonAt) : 0));
}
function encodeMessage(message, header) {
    const { topic, captured, properties, cutBytes = 0 } = message;
    const payload = captured === undefined ? message.payload : encodeCaptured(message, captured);
    const topicBytes = Buffer.byteLength(topic);
    const json = properties === undefined ? '' : JSON.stringify(properties);
    const jsonBytes = Buffer.byteLength(json);
    const factBytes = cutBytes > 0 ? 4 : 0;
    const place = header(MESSAGE, message.seen, 9 + topicBytes + jsonBytes + factBytes + payload.length);
    const { bytes } = place;
    let { at } = place;
    bytes[at] =
        message.qos |
            (message.retain ? RETAIN : 0) |
            (message.dup ? DUP : 0) |
            (cutBytes > 0 ? CUT : 0) |
            (captured === undefined ? 0 : CAPTURED);
    at = bytes.writeUInt16BE(message.packetId ?? 0, at + 1);
    at = bytes.writeUInt16BE(topicBytes, at);
    at += bytes.write(topic, at);
    at = bytes.writeUInt32BE(jsonBytes, at);
    if (jsonBytes > 0)
        at += bytes.write(json, at);
    if (cutBytes > 0)
        at = bytes.writeUInt32BE(cutBytes, at);
    payload.copy(bytes, at);
}
function encodeCaptured({ size = 0, checksum = 0 }, captured) {
    const json = JSON.stringify(captured);
    const text = json === '{}' ? '' : json;
    const bytes = Buffer.allocUnsafe(8 + Buffer.byteLength(text));
    bytes.write(text, bytes.writeUInt32BE(checksum, bytes.writeUInt32BE(size, 0)));
    return bytes;
}
/** Bytes of the record that begins at `at`, by its own word. @param bytes holds at least 4 bytes there */
export function recordBytes(bytes, at) {
    return 4 + bytes.readUInt32BE(at);
}
/** Number of the record that begins at `at`. */
export function recordSequence(bytes, at) {
    return bytes.readUIntBE(at + 4, 6);
}
/** When the record that begins at `at` was seen, in milliseconds since 1970. */
export function recordSeen(bytes, at) {
    return bytes.readDoubleBE(at + 11);
}
/** Number of the record that follows a run of whole records, at least one. */
export function sequenceBehind(bytes) {
    let last = 0;
    for (let at = 0; at < bytes.length; at += recordBytes(bytes, at))
        last = at;
    return recordSequence(bytes, last) + 1;
}
/**
 * Checksums of records: CRC-32 that begins with a value made of a secret salt, and ends with the salt mixed in, so that nobody
 * who does not know it can make a record. A CRC over bytes that end in their own CRC is the same for all bytes; the beginning is
 * chosen to be that value, so the CRC over a run of whole records is it too: one call checks hundreds of them.
 */
export class Seal {
    salt;
    start;
    /** @param salt 32 bits */
    constructor(salt) {
        const bytes = Buffer.alloc(CHECKSUM_BYTES);
        bytes.writeUInt32LE(salt);
        this.salt = salt;
        this.start = crc32(bytes);
    }
    /** Writes the checksum of a record. */
    write(bytes, at, sizeBytes) {
        const end = at + sizeBytes - CHECKSUM_BYTES;
        bytes.writeUInt32LE((crc32(bytes.subarray(at, end), this.start) ^ this.salt) >>> 0, end);
    }
    /** True when the records from `at` to `end` are as they were written. */
    holds(bytes, at, end) {
        return crc32(bytes.subarray(at, end), this.start) === this.start;
    }
}
/**
 * Visits the whole records in bytes. Payloads point into `bytes`.
 * @param offset of `bytes[0]` in the journal
 * @param visit gets the record, the 36 digits of its id and its offset in the journal; `last` stops behind it, `again`
 * before it
 * @returns how many bytes were visited
 * @throws RangeError for a type that is not known
 */
export function decodeRecords(bytes, length, offset, visit) {
    let at = 0;
    while (at + 4 <= length) {
        const end = at + recordBytes(bytes, at);
        if (end > length)
            break;
        const id = bytes.toString('hex', at + ID_AT, at + BODY_AT);
        const start = offset + at;
        const verdict = visit(decode(bytes, at, end - CHECKSUM_BYTES), id, start);
        if (verdict === 'again')
            break;
        at = end;
        if (verdict === 'last')
            break;
    }
    return at;
}
/** Records of all journals share their headers. */
const HEADERS = new HeaderTable();
function decode(bytes, at, behind) {
    const form = bytes[at + TYPE_AT] ?? 0;
    const end = (form & ENCRYPTED) === 0 ? behind : behind - ENCRYPTION_BYTES;
    const type = form & ~ENCRYPTED;
    const seen = recordSeen(bytes, at);
    const body = at + BODY_AT;
    switch (type) {
        case LINE:
            return { type: 'line', seen, text: bytes.subarray(body, end) };
        case LINE_WITH_FACTS: {
            const length = bytes.readUInt32BE(body + 1);
            const textAt = body + 7 + bytes.readUInt16BE(body + 5);
            const json = bytes.toString('utf8', body + 7, textAt);
            const header = json === '' ? undefined : HEADERS.get(json, () => JSON.parse(json));
            const text = bytes.subarray(textAt, end);
            return { type: 'line', seen, text, marks: bytes[body] ?? 0, ...(length > 0 && { length }), header };
        }
        case MESSAGE:
            return { type: 'message', message: decodeMessage(bytes, body, end, seen) };
        case NOTE: {
            const note = JSON.parse(bytes.toString('utf8', body, end));
            return { type: 'note', note };
        }
        default:
            throw new RangeError(`a journal record of unknown type ${type}: it was written by another version of brokertap`);
    }
}
function decodeMessage(bytes, body, end, seen) {
    const flags = bytes[body] ?? 0;
    if (flags > KNOWN_FLAGS) {
        throw new RangeError(`a journal record with unknown flags ${flags}: it was written by another version of brokertap`);
    }
    const packetId = bytes.readUInt16BE(body + 1);
    const topicEnd = body + 5 + bytes.readUInt16BE(body + 3);
    const jsonEnd = topicEnd + 4 + bytes.readUInt32BE(topicEnd);
    const cut = (flags & CUT) !== 0;
    const payloadAt = cut ? jsonEnd + 4 : jsonEnd;
    const message = {
        topic: bytes.toString('utf8', body + 5, topicEnd),
        ...((flags & CAPTURED) === 0
            ? { payload: bytes.subarray(payloadAt, end) }
            : decodeCaptured(bytes, payloadAt, end)),
        ...(cut && { cutBytes: bytes.readUInt32BE(jsonEnd) }),
        qos: flags & 3,
        retain: (flags & RETAIN) !== 0,
        dup: (flags & DUP) !== 0,
        ...(packetId > 0 && { packetId }),
        seen,
    };
    if (jsonEnd === topicEnd + 4)
        return message;
    const properties = JSON.parse(bytes.toString('utf8', topicEnd + 4, jsonEnd));
    return { ...message, properties };
}
function decodeCaptured(bytes, at, end) {
    const json = bytes.toString('utf8', at + 8, end);
    const captured = json === '' ? NOTHING_KEPT : JSON.parse(json);
    return { payload: NO_BYTES, size: bytes.readUInt32BE(at), checksum: bytes.readUInt32BE(at + 4), captured };
}
