import type { CapturedPayload, MqttMessage, MqttProperties } from '../../core/dialect.ts';
import type { RecordHeader } from '../../core/header.ts';
import type { JournalRecord, Note } from '../../core/source.ts';
import { HeaderTable } from '../header.ts';
import { IdReader } from './ids.ts';
import {
  BODY_AT,
  CAPTURED,
  CHECKSUM_BYTES,
  CUT,
  DUP,
  ENCRYPTED,
  ENCRYPTION_BYTES,
  ID_AT,
  KNOWN_FLAGS,
  LINE,
  LINE_WITH_FACTS,
  MESSAGE,
  NOTE,
  RETAIN,
  recordBytes,
  recordSeen,
  TYPE_AT,
  viewOf,
} from './layout.ts';

const NOTHING_KEPT: CapturedPayload = {};
const NO_BYTES = Buffer.alloc(0);

/** A message that is still being put together: one object, without copies. */
type Draft = { -readonly [K in keyof MqttMessage]: MqttMessage[K] };

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
  const view = viewOf(bytes);
  const ids = new IdReader();
  let at = 0;
  while (at + 4 <= length) {
    const end = at + recordBytes(view, at);
    if (end > length) break;
    const id = ids.at(view, at + ID_AT);
    const start = offset + at;
    const verdict = visit(decode(bytes, view, at, end - CHECKSUM_BYTES), id, start);
    if (verdict === 'again') break;
    at = end;
    if (verdict === 'last') break;
  }
  return at;
}

/** Records of all journals share their headers. */
const HEADERS = new HeaderTable();

function decode(bytes: Buffer, view: DataView, at: number, behind: number): JournalRecord {
  const form = bytes[at + TYPE_AT] ?? 0;
  const end = (form & ENCRYPTED) === 0 ? behind : behind - ENCRYPTION_BYTES;
  const type = form & ~ENCRYPTED;
  const seen = recordSeen(view, at);
  const body = at + BODY_AT;
  switch (type) {
    case LINE:
      return { type: 'line', seen, text: bytes.subarray(body, end) };
    case LINE_WITH_FACTS: {
      const length = view.getUint32(body + 1);
      const textAt = body + 9 + view.getUint32(body + 5);
      const json = bytes.toString('utf8', body + 9, textAt);
      const header = json === '' ? undefined : HEADERS.get(json, (): RecordHeader => JSON.parse(json));
      const text = bytes.subarray(textAt, end);
      return { type: 'line', seen, text, marks: bytes[body] ?? 0, ...(length > 0 && { length }), header };
    }
    case MESSAGE:
      return { type: 'message', message: decodeMessage(bytes, view, body, end, seen) };
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

function decodeMessage(bytes: Buffer, view: DataView, body: number, end: number, seen: number): MqttMessage {
  const flags = bytes[body] ?? 0;
  if (flags > KNOWN_FLAGS) {
    throw new RangeError(
      `a journal record with unknown flags ${flags}: it was written by another version of brokertap`,
    );
  }
  const packetId = view.getUint16(body + 1);
  const topicEnd = body + 7 + view.getUint32(body + 3);
  const jsonEnd = topicEnd + 4 + view.getUint32(topicEnd);
  const cut = (flags & CUT) !== 0;
  const payloadAt = cut ? jsonEnd + 4 : jsonEnd;
  const message: Draft = {
    topic: bytes.toString('utf8', body + 7, topicEnd),
    payload: NO_BYTES,
    qos: flags & 3,
    retain: (flags & RETAIN) !== 0,
    dup: (flags & DUP) !== 0,
    seen,
  };
  if (packetId > 0) message.packetId = packetId;
  if (cut) message.cutBytes = view.getUint32(jsonEnd);
  if ((flags & CAPTURED) === 0) message.payload = bytes.subarray(payloadAt, end);
  else decodeCaptured(bytes, view, payloadAt, end, message);
  if (jsonEnd > topicEnd + 4) message.properties = propertiesIn(bytes, topicEnd + 4, jsonEnd);
  return message;
}

function propertiesIn(bytes: Buffer, from: number, to: number): MqttProperties {
  return JSON.parse(bytes.toString('utf8', from, to));
}

/** What was kept in the place of a payload. */
function decodeCaptured(bytes: Buffer, view: DataView, at: number, end: number, message: Draft): void {
  message.size = view.getUint32(at);
  message.checksum = view.getUint32(at + 4);
  message.captured = at + 8 === end ? NOTHING_KEPT : JSON.parse(bytes.toString('utf8', at + 8, end));
}
