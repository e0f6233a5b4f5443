import type { StreamInfo } from '../../core/dialect.ts';
import type { JsonObject } from '../../core/event.ts';
import { isObject } from '../../core/json/object.ts';
import { type KeptPayload, readKept, writeKept } from '../../ecs/payload.ts';
import { find, readRecord, remove, type Table, tableOf } from './table.ts';

/** Key of what is kept of a payload, in a record whose payload `admit` has taken out. */
const KEPT = 'payload_kept';
const FIELDS = ['mqtt.payload.text', 'mqtt.payload.base64'] as const;
const NO_FIELDS = {};
/** Stands for a line that is no record: an event tells nothing of it. */
const NO_RECORD = Buffer.from('?');

/** As in `Dialect`: a record without its payload. */
export function admit(
  line: Buffer,
  _isCut: boolean,
  { payload: capture, fields = NO_FIELDS }: Pick<StreamInfo, 'payload' | 'fields'>,
): Buffer {
  const table = tableOf(fields);
  if (!namesPayload(table)) return line;
  const record = readRecord(line.toString('utf8'));
  if (record === undefined) return NO_RECORD;
  const kept = writeKept(given(record, table, capture));
  for (const field of FIELDS) remove(record, table, field);
  try {
    return Buffer.from(JSON.stringify({ ...record, [KEPT]: kept }));
  } catch {
    // Nested too deeply to be written.
    return NO_RECORD;
  }
}

/** What is known of the payload of a record that was admitted, or came as it is. */
export function payloadOf(record: JsonObject, table: Table, capture: StreamInfo['payload']): KeptPayload {
  const kept = namesPayload(table) && Object.hasOwn(record, KEPT) ? record[KEPT] : undefined;
  return isObject(kept) ? readKept(kept) : given(record, table, capture);
}

/** What its sender has given. */
function given(record: JsonObject, table: Table, capture: StreamInfo['payload']): KeptPayload {
  const [text, base64] = FIELDS.map((field) => find(record, table, field));
  const bytes =
    typeof text === 'string'
      ? Buffer.from(text)
      : typeof base64 === 'string'
        ? Buffer.from(base64, 'base64')
        : undefined;
  return { size: bytes?.length, captured: bytes && capture?.(bytes, false) };
}

function namesPayload(table: Table): boolean {
  return FIELDS.some((field) => table.has(field));
}
