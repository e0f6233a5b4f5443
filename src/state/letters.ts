import { createReadStream } from 'node:fs';
import path from 'node:path';
import { EVENT_ID_COLUMN, EVENT_ID_LENGTH } from '../core/output.ts';

/*
 * dead-letters/<output>.ndjson: one JSON object a line, the event last, byte for byte as it was sent:
 *
 *   {"when":ISO,"source":ID,"stream":NAME,"status":HTTP,"type":CLASS,"reason":TEXT,"event":{…}}
 *
 * Appended and synced before the event counts as dead; a torn last line is cut before the next is written.
 * <output>.replay.ndjson: letters that are being replayed. It stays after a crash, and is replayed again first: the sink
 * recognises what it has already got by the event's id.
 */

const FOLDER = 'dead-letters';
const EVENT_KEY = ',"event":';
const END = Buffer.from('}\n');

/** One line of a dead-letter file. */
export interface Letter {
  readonly when: string;
  /** `id` of the source that the event came from. */
  readonly source: string;
  readonly stream: string;
  readonly status: number;
  readonly type: string;
  readonly reason: string;
  readonly event: { readonly event: { readonly id: string; readonly action: string } };
}

/** Where the dead letters of an output are. */
export function deadLetterFile(state: string, output: string): string {
  return path.join(state, FOLDER, `${output}.ndjson`);
}

/** Letters that a replay has begun with and not finished. */
export function replayFile(state: string, output: string): string {
  return path.join(state, FOLDER, `${output}.replay.ndjson`);
}

/** A letter as bytes, with its newline. @param event its JSON without newline */
export function letterParts(facts: Omit<Letter, 'event'>, event: Buffer): Buffer[] {
  return [Buffer.from(JSON.stringify(facts).slice(0, -1) + EVENT_KEY), event, END];
}

/** The event of a letter, as it was sent. In JSON no text can hold `,"event":` with bare quotes, so the first is the key. */
export function eventOf(line: string): string {
  return line.slice(line.indexOf(EVENT_KEY) + EVENT_KEY.length, -1);
}

/** The lines of a file of letters. Only a newline ends one: `readline` also cuts at U+2028, which JSON has as it is. */
export async function* letterLines(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** `event.id` of an event. */
export function idOf(event: Buffer): string {
  return event.toString('latin1', EVENT_ID_COLUMN, EVENT_ID_COLUMN + EVENT_ID_LENGTH);
}
