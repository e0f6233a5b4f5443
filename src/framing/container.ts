import { Mark } from '../core/event.ts';
import { decodeLines, type TextDecoder, type TextVisitor } from './lines.ts';

/** A physical line of a container runtime's log file. */
interface Part {
  readonly text: string;
  /** stdout and stderr are split on their own. */
  readonly stream: string;
  readonly seen: number | undefined;
  /** More parts of the same record follow. */
  readonly partial: boolean;
}

interface Open {
  text: string;
  length: number;
  start: number;
  seen: number | undefined;
  marks: number;
  done: boolean;
}

/** Docker's json-file: one object a line; a record longer than 16 KiB is split, its last part ends in a newline. */
export const decodeDocker: TextDecoder = joined(parseDocker);

/** Kubernetes' CRI form: `2016-10-06T00:17:09.669794202Z stdout P text`, P for a part, F for the last one. */
export const decodeCri: TextDecoder = joined(parseCri);

/**
 * Joins parts to records. Records are visited in the order of their first part, so that the bytes behind an unfinished
 * one are simply read again.
 */
function joined(parse: (line: string) => Part | undefined): TextDecoder {
  return (bytes, from, to, limit, final, visit) => {
    const queue: Open[] = [];
    const open = new Map<string, Open>();
    let stopped = false;
    let consumed = from;
    const drain = (behind: number): boolean => {
      for (let first = queue[0]; first !== undefined && (first.done || final); first = queue[0]) {
        queue.shift();
        if (!stopped) stopped = !visitOpen(first, limit, visit);
        consumed = queue[0]?.start ?? behind;
        if (stopped) return false;
      }
      return true;
    };
    const end = decodeLines(bytes, from, to, Number.MAX_SAFE_INTEGER, false, (line, start, marks) => {
      const part = parse(line) ?? { text: line, stream: '', seen: undefined, partial: false };
      let record = open.get(part.stream);
      if (record === undefined) {
        record = { text: '', length: 0, start, seen: part.seen, marks: 0, done: false };
        queue.push(record);
        if (part.partial) open.set(part.stream, record);
      }
      record.length += Buffer.byteLength(part.text);
      if (record.text.length < limit) record.text += part.text;
      record.marks |= marks;
      if (part.partial) return true;
      record.done = true;
      open.delete(part.stream);
      const lineEnd = bytes.indexOf(0x0a, start) + 1;
      return drain(lineEnd);
    });
    if (!stopped && final) drain(end);
    return queue.length === 0 && !stopped ? end : consumed;
  };
}

function visitOpen(record: Open, limit: number, visit: TextVisitor): boolean {
  const cut = record.length > limit;
  const text = cut ? Buffer.from(record.text).subarray(0, limit).toString() : record.text;
  const marks = record.marks | (cut || !record.done ? Mark.truncated : 0);
  return visit(text, record.start, marks, record.seen, cut ? record.length : undefined, undefined);
}

function parseDocker(line: string): Part | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('log' in value) || typeof value.log !== 'string') {
    return undefined;
  }
  const partial = !value.log.endsWith('\n');
  const text = partial ? value.log : value.log.slice(0, value.log.endsWith('\r\n') ? -2 : -1);
  const stream = 'stream' in value ? String(value.stream) : '';
  return { text, stream, seen: 'time' in value ? timeOf(String(value.time)) : undefined, partial };
}

function parseCri(line: string): Part | undefined {
  const stream = line.indexOf(' ');
  const tag = line.indexOf(' ', stream + 1);
  const text = line.indexOf(' ', tag + 1);
  if (stream <= 0 || tag <= 0 || text <= 0) return undefined;
  const seen = timeOf(line.slice(0, stream));
  const name = line.slice(stream + 1, tag);
  if (seen === undefined || (name !== 'stdout' && name !== 'stderr')) return undefined;
  const flags = line.slice(tag + 1, text).split(':');
  return { text: line.slice(text + 1), stream: name, seen, partial: flags[0] === 'P' };
}

function timeOf(stamp: string): number | undefined {
  const time = Date.parse(stamp);
  return Number.isNaN(time) ? undefined : time;
}
