import { Mark } from '../core/event.ts';
import {
  type ContinuedDecoder,
  characterBorder,
  decodeLines,
  type TextDecoder,
  type TextVisitor,
} from './lines.ts';

const LF = 0x0a;
/** No container runtime writes longer lines, whatever it escapes. */
export const LONGEST_PART_BYTES: number = 256 * 1024;
/** Docker and containerd split records into parts of 16 KiB. */
const MOST_PART_CHARS = 16 * 1024;

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

function joined(parse: (line: string) => Part | undefined): TextDecoder {
  const decode: TextDecoder = (bytes, from, to, limit, final, visit) => {
    const joiner = new Joiner(parse, limit);
    let consumed = from;
    let left: number | undefined;
    const end = decodeLines(bytes, from, to, Number.MAX_SAFE_INTEGER, final, (line, start, marks) => {
      // The head of a part: what it holds cannot be told.
      if (joiner.isOpen && (marks & Mark.truncated) !== 0 && parse(line) === undefined) left = start;
      if (left !== undefined) return false;
      joiner.add(line, start, marks);
      if (joiner.isOpen && !joiner.isFull) return true;
      const lineEnd = bytes.indexOf(LF, start);
      consumed = lineEnd === -1 || lineEnd >= to ? to : lineEnd + 1;
      return joiner.visit(0, visit);
    });
    if (!final || !joiner.isOpen) return consumed;
    joiner.visit(0, visit);
    return left ?? end;
  };
  return Object.assign(decode, { readOn: () => readOn(parse) });
}

function readOn(parse: (line: string) => Part | undefined): ContinuedDecoder {
  let joiner: Joiner | undefined;
  /** Bytes of the calls before. */
  let passed = 0;
  return {
    get isOpen() {
      return joiner?.isOpen === true;
    },
    get openStart() {
      return joiner?.start === undefined ? 0 : joiner.start - passed;
    },
    decode(bytes, from, to, limit, final, visit) {
      joiner ??= new Joiner(parse, limit);
      const records = joiner;
      const base = passed - from;
      let goesOn = true;
      const end = decodeLines(bytes, from, to, Number.MAX_SAFE_INTEGER, final, (line, start, marks) => {
        records.add(line, base + start, marks);
        if (!records.isOpen || records.isFull) goesOn = records.visit(base, visit);
        return goesOn;
      });
      if (records.isOpen && final) records.visit(base, visit);
      passed += end - from;
      return end;
    },
  };
}

/**
 * Joins parts to records. Parts of two streams may stand between each other, so that records are visited only where none
 * is open: reading may end and begin again there. They come in the order of their first part.
 */
class Joiner {
  private readonly parse: (line: string) => Part | undefined;
  private readonly limit: number;
  private readonly open = new Map<string, Open>();
  private queue: Open[] = [];
  private keptChars = 0;

  constructor(parse: (line: string) => Part | undefined, limit: number) {
    this.parse = parse;
    this.limit = limit;
  }

  /** A record has not got its last part. */
  get isOpen(): boolean {
    return this.open.size > 0;
  }

  /** Of the first record that was not visited; undefined: there is none. */
  get start(): number | undefined {
    return this.queue[0]?.start;
  }

  /** More is kept than one record of each stream may have. */
  get isFull(): boolean {
    return this.keptChars > 4 * (this.limit + MOST_PART_CHARS);
  }

  add(line: string, start: number, marks: number): void {
    const part = this.parse(line) ?? { text: line, stream: '', seen: undefined, partial: false };
    let record = this.open.get(part.stream);
    if (record === undefined) {
      record = { text: '', length: 0, start, seen: part.seen, marks: 0, done: false };
      this.queue.push(record);
      if (part.partial) this.open.set(part.stream, record);
    }
    if (record.length <= this.limit) {
      record.text += part.text;
      this.keptChars += part.text.length;
    }
    record.length += Buffer.byteLength(part.text);
    record.marks |= marks;
    if (part.partial) return;
    record.done = true;
    this.open.delete(part.stream);
  }

  /**
   * Visits all records; what is open ends here.
   * @param base what is taken from the starts that were added
   * @returns false to stop behind them
   */
  visit(base: number, visit: TextVisitor): boolean {
    const { queue } = this;
    this.queue = [];
    this.open.clear();
    this.keptChars = 0;
    let goesOn = true;
    for (const [i, { text, length, start, seen, marks, done }] of queue.entries()) {
      const cut = length > this.limit;
      const kept = cut ? withoutRest(text, this.limit) : text;
      const all = marks | (cut || !done ? Mark.truncated : 0);
      if (!visit(kept, start - base, all, seen, cut ? length : undefined, undefined, i > 0)) goesOn = false;
    }
    return goesOn;
  }
}

/** The first bytes of a text, in whole characters. */
function withoutRest(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  return bytes.toString('utf8', 0, characterBorder(bytes, 0, limit));
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
