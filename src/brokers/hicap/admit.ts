import type { StreamInfo } from '../../core/dialect.ts';
import type { JsonValue } from '../../core/event.ts';
import { type KeptPayload, readKept, writeKept } from '../../ecs/payload.ts';
import { decodedBytes, type HicapRecord, PAYLOAD_KEY, readRecord, withoutPayload } from './record.ts';

type Capture = StreamInfo['payload'];

const MENTION = Buffer.from('"payload"');
const KEY = Buffer.from(PAYLOAD_KEY);
const QUOTE = 0x22;
/** How a line with a payload ends. */
const TAIL = Buffer.from('"}}');

/** What is known of the payload of a PUBLISH. */
export function payloadOf({ fields, isCut }: HicapRecord, capture: Capture): KeptPayload {
  const { kept, payload } = fields;
  if (typeof kept === 'object' && kept !== null && !Array.isArray(kept)) return readKept(kept as never);
  const encoded = typeof payload === 'string' ? payload : '';
  return {
    size: isCut ? undefined : decodedBytes(encoded),
    captured: capture?.(Buffer.from(encoded, 'base64'), isCut),
  };
}

/** A line with `kept` in the place of `payload`; of what is no whole record the payload is taken away. */
export function admit(
  line: Buffer,
  isCut: boolean,
  { payload: capture }: Pick<StreamInfo, 'payload'>,
): Buffer {
  if (capture === undefined && !isCut) {
    const short = withSize(line);
    if (short !== undefined) return short;
  }
  if (!isCut && !line.includes(MENTION)) return line;
  const text = line.toString('utf8');
  const record = readRecord(text, isCut);
  if (record === undefined) return Buffer.from(withoutPayload(text));
  const { payload, ...fields } = record.fields;
  if (payload === undefined) return line;
  const mqtt: JsonValue = { ...fields, kept: writeKept(payloadOf(record, capture)) };
  try {
    return Buffer.from(JSON.stringify({ mqtt }));
  } catch {
    // Nested too deeply to be written.
    return Buffer.from(withoutPayload(text));
  }
}

/** The quick way for what comes most: the payload stands last, and only its size is told. */
function withSize(line: Buffer): Buffer | undefined {
  const end = line.length - TAIL.length;
  if (end < KEY.length || line.compare(TAIL, 0, TAIL.length, end) !== 0) return undefined;
  const open = line.lastIndexOf(QUOTE, end - 1) + 1;
  const from = open - KEY.length;
  if (from < 0 || line.compare(KEY, 0, KEY.length, from, open) !== 0) return undefined;
  const padding = line[end - 2] === 0x3d ? 2 : line[end - 1] === 0x3d ? 1 : 0;
  const size = Math.floor(((end - open - padding) * 3) / 4);
  return Buffer.concat([line.subarray(0, from), Buffer.from(`, "kept": {"size": ${size}}}}`)]);
}
