import type { CapturedPayload, MqttMessage } from '../../core/dialect.ts';
import { Mark } from '../../core/event.ts';
import type { JournalRecord, NewRecord } from '../../core/source.ts';
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
  setUint48,
  TYPE_AT,
} from './layout.ts';
import type { RecordRun } from './run.ts';

/** Bytes of UTF-8 that one UTF-16 code unit becomes, at most. */
const CODE_UNIT_BYTES = 3;
/** Bytes of a message's body besides its topic, its properties and its payload, at most. */
const MESSAGE_FACTS_BYTES = 23;
const LINE_FACTS_BYTES = 9;

/**
 * Appends one record, without a checksum.
 * @param sequence its number in the stream
 * @param ids gives the id of a record that has none
 */
export function encodeRecord(
  record: NewRecord,
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
  } else if (record.type === 'text') {
    type = LINE;
    seen = record.seen;
    end = encodeText(record.text, run);
  } else {
    type = NOTE;
    seen = record.note.seen;
    end = encodeText(JSON.stringify(record.note), run);
  }
  const { bytes, view, length: at } = run;
  run.length = end + CHECKSUM_BYTES;
  view.setUint32(at, run.length - at - 4);
  setUint48(view, at + 4, sequence);
  view.setUint8(at + TYPE_AT, type);
  view.setFloat64(at + TYPE_AT + 1, seen);
  if (record.type === 'line' && record.id !== undefined) bytes.write(record.id, at + ID_AT, 'hex');
  else ids.write(view, at + ID_AT);
  view.setUint32(end, 0);
}

/** @returns offset behind the body */
function encodeBytes(text: Buffer, run: RecordRun): number {
  run.reserve(EMPTY_RECORD_BYTES + text.length);
  const at = run.length + BODY_AT;
  return at + text.copy(run.bytes, at);
}

/** @returns offset behind the body */
function encodeText(text: string, run: RecordRun): number {
  run.reserve(EMPTY_RECORD_BYTES + text.length * CODE_UNIT_BYTES);
  const at = run.length + BODY_AT;
  return at + run.bytes.write(text, at);
}

function encodeLineWithFacts(record: JournalRecord & { type: 'line' }, run: RecordRun): number {
  const { text } = record;
  const json = record.header === undefined ? '' : JSON.stringify(record.header);
  run.reserve(EMPTY_RECORD_BYTES + LINE_FACTS_BYTES + json.length * CODE_UNIT_BYTES + text.length);
  const { bytes, view, length } = run;
  const at = length + BODY_AT;
  const jsonAt = at + LINE_FACTS_BYTES;
  const jsonBytes = json === '' ? 0 : bytes.write(json, jsonAt);
  view.setUint8(at, record.marks ?? Mark.none);
  view.setUint32(at + 1, record.length ?? 0);
  view.setUint32(at + 5, jsonBytes);
  return jsonAt + jsonBytes + text.copy(bytes, jsonAt + jsonBytes);
}

function encodeMessage(message: MqttMessage, run: RecordRun): number {
  const { topic, payload, captured, properties, cutBytes = 0 } = message;
  const kept = captured === undefined ? '' : textOf(captured);
  const json = properties === undefined ? '' : JSON.stringify(properties);
  const texts = (topic.length + json.length + kept.length) * CODE_UNIT_BYTES;
  run.reserve(EMPTY_RECORD_BYTES + MESSAGE_FACTS_BYTES + texts + payload.length);
  const { bytes, view } = run;
  const at = run.length + BODY_AT;
  const flags =
    message.qos |
    (message.retain ? RETAIN : 0) |
    (message.dup ? DUP : 0) |
    (cutBytes > 0 ? CUT : 0) |
    (captured === undefined ? 0 : CAPTURED);
  view.setUint8(at, flags);
  view.setUint16(at + 1, message.packetId ?? 0);
  const topicBytes = bytes.write(topic, at + 7);
  view.setUint32(at + 3, topicBytes);
  const jsonAt = at + 7 + topicBytes + 4;
  const jsonBytes = json === '' ? 0 : bytes.write(json, jsonAt);
  view.setUint32(jsonAt - 4, jsonBytes);
  let end = jsonAt + jsonBytes;
  if (cutBytes > 0) {
    view.setUint32(end, cutBytes);
    end += 4;
  }
  if (captured === undefined) return end + payload.copy(bytes, end);
  view.setUint32(end, message.size ?? 0);
  view.setUint32(end + 4, message.checksum ?? 0);
  return kept === '' ? end + 8 : end + 8 + bytes.write(kept, end + 8);
}

/** Of most payloads nothing is kept: there is nothing to write. */
function textOf(captured: CapturedPayload): string {
  for (const _ in captured) return JSON.stringify(captured);
  return '';
}
