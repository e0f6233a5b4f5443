import { readCapturedMessage } from '../../../src/cli/parse/captured-message.ts';
import { readingFor } from '../../../src/cli/parse/reading.ts';
import { EVENT_ID_COLUMN, EVENT_ID_LENGTH } from '../../../src/core/output.ts';
import type { JournalRecord } from '../../../src/core/source.ts';
import type { EventBuffer } from '../../../src/ecs/event-buffer.ts';
import { encodeRecord } from '../../../src/framing/journal-record/encode.ts';
import { RecordIds } from '../../../src/framing/journal-record/ids.ts';
import { RecordBuffer } from '../../../src/framing/journal-record/run.ts';
import type { Reading } from '../../../src/pipeline/normalizer/reading.ts';
import type { Writer } from './logs.ts';

const BROKERS: Readonly<Record<Writer, string>> = {
  mosquitto: 'mosquitto',
  emqttd: 'emqx',
  emqxText: 'emqx',
  emqxLines: 'emqx',
  emqxJson: 'emqx',
  hicap: 'hicap',
  messages: 'mosquitto',
};

/** How the logs of a writer are read, with `event.original`, so that no byte is left out of the comparison. */
export async function readingOf(writer: Writer, limit: number): Promise<Reading> {
  const options = { broker: BROKERS[writer], timezone: 'UTC', messages: writer === 'messages' };
  return { ...(await readingFor({ ...options, program: 'mosquitto*' })), limit, original: true };
}

/** The lines of a batch. */
export function eventsIn(out: EventBuffer): string[] {
  return out.contents().bytes.toString().split('\n').slice(0, -1);
}

/** `event.id` of a line. */
export function idOf(event: string): string {
  return event.slice(EVENT_ID_COLUMN, EVENT_ID_COLUMN + EVENT_ID_LENGTH);
}

/** `event.sequence` of a line. */
export function sequenceOf(event: string): number {
  return JSON.parse(event).event.sequence;
}

/** Records of a journal, as an input admits them. */
export function journalOf(lines: readonly Buffer[]): Buffer {
  const run = new RecordBuffer(Buffer.alloc(1024));
  const ids = new RecordIds();
  for (const [i, line] of lines.entries()) encodeRecord(recordOf(line, i), i, ids, run);
  return Buffer.from(run.bytes.subarray(0, run.length));
}

function recordOf(text: Buffer, i: number): JournalRecord {
  const seen = 1_763_756_262_000 + i;
  const message = i % 3 === 2 ? undefined : readCapturedMessage(text.toString(), seen);
  if (message !== undefined) return { type: 'message', message };
  if (i % 11 === 10) return { type: 'note', note: { action: 'input-gap', seen, message: 'gap' } };
  return i % 2 === 0
    ? { type: 'line', seen, text }
    : { type: 'line', seen, text, marks: 2, length: text.length + 5 };
}

/** `log.offset` of a line. */
export function offsetOf(event: string): number {
  return JSON.parse(event).log.offset;
}
