import type { CapturedPayload, MqttMessage } from '../../core/dialect.ts';
import { Mark } from '../../core/event.ts';
import { writeShort } from '../../core/short-text.ts';
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

/** Bytes of UTF-8 that one UTF-16 code unit becomes, at most. */
const CODE_UNIT_BYTES = 3;
/** Bytes of a message's body besides its topic, its properties and its payload, at most. */
const MESSAGE_FACTS_BYTES = 21;
const LINE_FACTS_BYTES = 7;
/** Shorter payloads are copied here: to call what Node has for it costs more. */
const SHORT_BYTES = 64;

/** Takes records, one behind the other. */
export interface RecordRun {
  /** Makes room for so many bytes behind `length`. */
  reserve(sizeBytes: number): void;
  /** Holds the room that was made; another buffer after each call of `reserve`, maybe. */
  readonly bytes: Buffer;
  /** Bytes that are taken. */
  length: number;
}

/**
 * Appends one record, without a checksum.
 * @param sequence its number in the stream
 * @param ids gives the id of a record that has none
 */
export function encodeRecord(
  record: JournalRecord,
  sequence: number,
  ids: Pick<RecordIds, 'write'>,
  run: RecordRun,
): void {
  let type: number;
  let seen: number;
  let end: number;
  if (record.type === 'message') {
    type = MESSAGE;
    seen = record.message.seen;
    end = encodeMessage(record.message, run);
  } else if (record.type === 'line') {
    const isBare = record.header === undefined && (record.marks ?? Mark.none) === Mark.none;
    type = isBare ? LINE : LINE_WITH_FACTS;
    seen = record.seen;
    end = isBare ? encodeBytes(record.text, run) : encodeLineWithFacts(record, run);
  } else {
    type = NOTE;
    seen = record.note.seen;
    end = encodeBytes(Buffer.from(JSON.stringify(record.note)), run);
  }
  const { bytes, length: at } = run;
  run.length = end + CHECKSUM_BYTES;
  bytes.writeUInt32BE(run.length - at - 4, at);
  bytes.writeUIntBE(sequence, at + 4, 6);
  bytes[at + TYPE_AT] = type;
  bytes.writeDoubleBE(seen, at + TYPE_AT + 1);
  if (record.type === 'line' && record.id !== undefined) bytes.write(record.id, at + ID_AT, 'hex');
  else ids.write(bytes, at + ID_AT);
  bytes.writeUInt32LE(0, end);
}

/** @returns offset behind the body */
function encodeBytes(text: Buffer, run: RecordRun): number {
  run.reserve(EMPTY_RECORD_BYTES + text.length);
  const at = run.length + BODY_AT;
  return at + text.copy(run.bytes, at);
}

function encodeLineWithFacts(record: JournalRecord & { type: 'line' }, run: RecordRun): number {
  const { text } = record;
  const json = record.header === undefined ? '' : JSON.stringify(record.header);
  run.reserve(EMPTY_RECORD_BYTES + LINE_FACTS_BYTES + json.length * CODE_UNIT_BYTES + text.length);
  const { bytes, length } = run;
  const at = length + BODY_AT;
  const jsonAt = at + LINE_FACTS_BYTES;
  const jsonBytes = json === '' ? 0 : bytes.write(json, jsonAt);
  bytes[at] = record.marks ?? Mark.none;
  bytes.writeUInt32BE(record.length ?? 0, at + 1);
  bytes.writeUInt16BE(jsonBytes, at + 5);
  return jsonAt + jsonBytes + text.copy(bytes, jsonAt + jsonBytes);
}

function encodeMessage(message: MqttMessage, run: RecordRun): number {
  const { topic, payload, captured, properties, cutBytes = 0 } = message;
  const kept = captured === undefined ? '' : textOf(captured);
  const json = properties === undefined ? '' : JSON.stringify(properties);
  const texts = (topic.length + json.length + kept.length) * CODE_UNIT_BYTES;
  run.reserve(EMPTY_RECORD_BYTES + MESSAGE_FACTS_BYTES + texts + payload.length);
  const { bytes } = run;
  let at = run.length + BODY_AT;
  bytes[at] =
    message.qos |
    (message.retain ? RETAIN : 0) |
    (message.dup ? DUP : 0) |
    (cutBytes > 0 ? CUT : 0) |
    (captured === undefined ? 0 : CAPTURED);
  at = bytes.writeUInt16BE(message.packetId ?? 0, at + 1);
  const topicBytes = writeText(topic, bytes, at + 2);
  at = bytes.writeUInt16BE(topicBytes, at) + topicBytes;
  const jsonBytes = writeText(json, bytes, at + 4);
  at = bytes.writeUInt32BE(jsonBytes, at) + jsonBytes;
  if (cutBytes > 0) at = bytes.writeUInt32BE(cutBytes, at);
  if (captured === undefined) return at + copy(payload, bytes, at);
  at = bytes.writeUInt32BE(message.size ?? 0, at);
  at = bytes.writeUInt32BE(message.checksum ?? 0, at);
  return at + writeText(kept, bytes, at);
}

/** @returns bytes written */
function writeText(text: string, bytes: Buffer, at: number): number {
  const written = writeShort(text, bytes, at);
  return written === -1 ? bytes.write(text, at) : written;
}

/** @returns bytes written */
function copy(payload: Buffer, bytes: Buffer, at: number): number {
  const { length } = payload;
  if (length > SHORT_BYTES) return payload.copy(bytes, at);
  for (let i = 0; i < length; i++) bytes[at + i] = payload[i] ?? 0;
  return length;
}

/** Of most payloads nothing is kept: there is nothing to write. */
function textOf(captured: CapturedPayload): string {
  for (const _ in captured) return JSON.stringify(captured);
  return '';
}
