import type { MqttMessage, MqttProperties } from '../core/dialect.ts';
import { Mark } from '../core/event.ts';
import type { RecordHeader } from '../core/header.ts';
import type { JournalRecord, Note } from '../core/source.ts';
import { HeaderTable } from './header.ts';

/*
 * A record of a journal. All numbers are big-endian.
 *
 *   u32  length of what follows
 *   u8   type: 1 line, 2 message, 3 note, 4 line with facts
 *   f64  seen, milliseconds since 1970
 *   18 B id: the first 36 digits of event.id
 *   then by type
 *     line     UTF-8 text
 *     message  u8 flags: bits 0-1 QoS, bit 2 retain, bit 3 dup, bit 4 cut
 *              u16 packet identifier; 0: none
 *              u16 length of the topic, topic
 *              u32 length of the properties, properties as JSON (0: none)
 *              if cut, u32 bytes of the payload that were not kept
 *              payload
 *     note     JSON
 *     line with facts
 *              u8 marks: bits of `Mark`
 *              u32 bytes before the cut; 0: not cut
 *              u16 length of the header, header as JSON (0: none)
 *              UTF-8 text
 *
 * A new form of a body gets a new type; readers refuse types they do not know.
 */

const HEADER_BYTES = 31;
const ID_BYTES = 18;
const LINE = 1;
const MESSAGE = 2;
const NOTE = 3;
const LINE_WITH_FACTS = 4;

/** Gives the place for a record of so many bytes. */
export type Reserve = (sizeBytes: number) => { readonly bytes: Buffer; readonly at: number };

/**
 * Writes one record to the place that `reserve` gives.
 * @param id holds 18 random bytes at `idAt`
 */
export function encodeRecord(record: JournalRecord, id: Buffer, idAt: number, reserve: Reserve): void {
  const header: WriteHeader = (type, seen, bodyBytes) => {
    const { bytes, at } = reserve(HEADER_BYTES + bodyBytes);
    bytes.writeUInt32BE(HEADER_BYTES - 4 + bodyBytes, at);
    bytes[at + 4] = type;
    bytes.writeDoubleBE(seen, at + 5);
    id.copy(bytes, at + 13, idAt, idAt + ID_BYTES);
    return { bytes, at: at + HEADER_BYTES };
  };
  switch (record.type) {
    case 'line': {
      encodeLine(record, header);
      return;
    }
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

type WriteHeader = (type: number, seen: number, bodyBytes: number) => { bytes: Buffer; at: number };

function encodeLine(record: JournalRecord & { type: 'line' }, header: WriteHeader): void {
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

function encodeMessage(message: MqttMessage, header: WriteHeader): void {
  const { topic, payload, properties, cutBytes = 0 } = message;
  const topicBytes = Buffer.byteLength(topic);
  const json = properties === undefined ? '' : JSON.stringify(properties);
  const jsonBytes = Buffer.byteLength(json);
  const place = header(
    MESSAGE,
    message.seen,
    9 + topicBytes + jsonBytes + (cutBytes > 0 ? 4 : 0) + payload.length,
  );
  const { bytes } = place;
  let { at } = place;
  bytes[at] = message.qos | (message.retain ? 4 : 0) | (message.dup ? 8 : 0) | (cutBytes > 0 ? 16 : 0);
  at = bytes.writeUInt16BE(message.packetId ?? 0, at + 1);
  at = bytes.writeUInt16BE(topicBytes, at);
  at += bytes.write(topic, at);
  at = bytes.writeUInt32BE(jsonBytes, at);
  if (jsonBytes > 0) at += bytes.write(json, at);
  if (cutBytes > 0) at = bytes.writeUInt32BE(cutBytes, at);
  payload.copy(bytes, at);
}

/** Bytes of the record that begins at the start of `bytes`, of which at least four are there. */
export function recordBytes(bytes: Buffer): number {
  return 4 + bytes.readUInt32BE(0);
}

/**
 * Visits the whole records in bytes. Payloads point into `bytes`.
 * @param offset of `bytes[0]` in the journal
 * @param visit gets the record, the 36 digits of its id and its offset in the journal; `last` stops behind it, `again`
 * before it
 * @returns how many bytes were visited
 * @throws RangeError for a type that is not known
 */
export function decodeRecords(
  bytes: Buffer,
  length: number,
  offset: number,
  visit: (record: JournalRecord, id: string, offset: number) => 'more' | 'last' | 'again',
): number {
  let at = 0;
  while (at + 4 <= length) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > length) break;
    const id = bytes.toString('hex', at + 13, at + HEADER_BYTES);
    const start = offset + at;
    const verdict = visit(decode(bytes, at, end), id, start);
    if (verdict === 'again') break;
    at = end;
    if (verdict === 'last') break;
  }
  return at;
}

/** Records of all journals share their headers. */
const HEADERS = new HeaderTable();

function decode(bytes: Buffer, at: number, end: number): JournalRecord {
  const type = bytes[at + 4];
  const seen = bytes.readDoubleBE(at + 5);
  const body = at + HEADER_BYTES;
  switch (type) {
    case LINE:
      return { type: 'line', seen, text: bytes.subarray(body, end) };
    case LINE_WITH_FACTS: {
      const length = bytes.readUInt32BE(body + 1);
      const textAt = body + 7 + bytes.readUInt16BE(body + 5);
      const json = bytes.toString('utf8', body + 7, textAt);
      const header = json === '' ? undefined : HEADERS.get(json, (): RecordHeader => JSON.parse(json));
      const text = bytes.subarray(textAt, end);
      return { type: 'line', seen, text, marks: bytes[body] ?? 0, ...(length > 0 && { length }), header };
    }
    case MESSAGE:
      return { type: 'message', message: decodeMessage(bytes, body, end, seen) };
    case NOTE: {
      const note: Note = JSON.parse(bytes.toString('utf8', body, end));
      return { type: 'note', note };
    }
    default:
      throw new RangeError(
        `a journal record of unknown type ${type}: it was written by another version of brokertap`,
      );
  }
}

function decodeMessage(bytes: Buffer, body: number, end: number, seen: number): MqttMessage {
  const flags = bytes[body] ?? 0;
  const packetId = bytes.readUInt16BE(body + 1);
  const topicEnd = body + 5 + bytes.readUInt16BE(body + 3);
  const jsonEnd = topicEnd + 4 + bytes.readUInt32BE(topicEnd);
  const cut = (flags & 16) !== 0;
  const message = {
    topic: bytes.toString('utf8', body + 5, topicEnd),
    payload: bytes.subarray(cut ? jsonEnd + 4 : jsonEnd, end),
    ...(cut && { cutBytes: bytes.readUInt32BE(jsonEnd) }),
    qos: flags & 3,
    retain: (flags & 4) !== 0,
    dup: (flags & 8) !== 0,
    ...(packetId > 0 && { packetId }),
    seen,
  };
  if (jsonEnd === topicEnd + 4) return message;
  const properties: MqttProperties = JSON.parse(bytes.toString('utf8', topicEnd + 4, jsonEnd));
  return { ...message, properties };
}
