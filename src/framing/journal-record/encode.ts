import type { CapturedPayload, MqttMessage } from '../../core/dialect.ts';
import { Mark } from '../../core/event.ts';
import type { JournalRecord } from '../../core/source.ts';
import type { RecordIds } from './ids.ts';
import {
  BODY_AT,
  CAPTURED,
  CHECKSUM_BYTES,
  CUT,
  DUP,
  EMPTY_RECORD_BYTES,
  ID_AT,
  LINE,
  LINE_WITH_FACTS,
  MESSAGE,
  NOTE,
  RETAIN,
  TYPE_AT,
} from './layout.ts';

/** Gives the place for a record of so many bytes. */
export type Reserve = (sizeBytes: number) => { readonly bytes: Buffer; readonly at: number };

/**
 * Writes one record to the place that `reserve` gives, without a checksum.
 * @param sequence its number in the stream
 * @param ids gives the id of a record that has none
 */
export function encodeRecord(
  record: JournalRecord,
  sequence: number,
  ids: Pick<RecordIds, 'write'>,
  reserve: Reserve,
): void {
  const header: WriteHeader = (type, seen, bodyBytes) => {
    const sizeBytes = EMPTY_RECORD_BYTES + bodyBytes;
    const { bytes, at } = reserve(sizeBytes);
    bytes.writeUInt32BE(sizeBytes - 4, at);
    bytes.writeUIntBE(sequence, at + 4, 6);
    bytes[at + TYPE_AT] = type;
    bytes.writeDoubleBE(seen, at + 11);
    if (record.type === 'line' && record.id !== undefined) bytes.write(record.id, at + ID_AT, 'hex');
    else ids.write(bytes, at + ID_AT);
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
  const { topic, payload, captured, size = 0, checksum = 0, properties, cutBytes = 0 } = message;
  const kept = captured === undefined ? undefined : textOf(captured);
  const payloadBytes = kept === undefined ? payload.length : 8 + Buffer.byteLength(kept);
  const topicBytes = Buffer.byteLength(topic);
  const json = properties === undefined ? '' : JSON.stringify(properties);
  const jsonBytes = Buffer.byteLength(json);
  const factBytes = cutBytes > 0 ? 4 : 0;
  const place = header(MESSAGE, message.seen, 9 + topicBytes + jsonBytes + factBytes + payloadBytes);
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
  if (jsonBytes > 0) at += bytes.write(json, at);
  if (cutBytes > 0) at = bytes.writeUInt32BE(cutBytes, at);
  if (kept === undefined) payload.copy(bytes, at);
  else bytes.write(kept, bytes.writeUInt32BE(checksum, bytes.writeUInt32BE(size, at)));
}

/** Of most payloads nothing is kept: there is nothing to write. */
function textOf(captured: CapturedPayload): string {
  for (const _ in captured) return JSON.stringify(captured);
  return '';
}
