import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { type JsonValue, Mark } from '../../core/event.ts';
import type { InputHost } from '../../core/input.ts';
import { Gathering } from '../gathering.ts';
import { Refusal } from './refusal.ts';
import type { LineRecord } from './resends.ts';

/** Bytes of bodies that are held at a time, over all requests. */
const HELD_BYTES = 64 * 2 ** 20;

/** Objects of one body: a record takes a hundred times the memory of the three bytes that an empty object has. */
const MAX_RECORDS = 100_000;

/** Reads the bodies of requests: each within a limit, all together within one of their own. */
export class Bodies {
  private readonly limit: number;
  private held = 0;

  /** @param limit bytes of one body */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Refuses what need not be read to be refused. @throws Refusal */
  announced({ headers }: IncomingMessage): void {
    if (Number(headers['content-length'] ?? 0) > this.limit) throw this.tooLarge();
    const { 'content-encoding': encoding = 'identity' } = headers;
    if (encoding !== 'identity') throw new Refusal(415, 'send the body as it is, without content-encoding');
  }

  /**
   * The whole body, handed to `use`; it counts as held until that has ended.
   * @throws Refusal when it is too large, or there is no room for it
   * @throws Error when the connection ends first
   */
  async whole<T>(request: IncomingMessage, use: (body: Buffer) => Promise<T>): Promise<T> {
    const body = new Gathering();
    let size = 0;
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        size += chunk.length;
        this.held += chunk.length;
        body.add(chunk);
        if (size > this.limit) throw this.tooLarge();
        if (this.held > HELD_BYTES) throw new Refusal(429, 'too many bodies at a time; send again later');
      }
      return await use(body.take());
    } finally {
      this.held -= size;
    }
  }

  private tooLarge(): Refusal {
    return new Refusal(413, `the body is larger than ${this.limit} bytes (limit); send smaller ones`);
  }
}

/**
 * One record for each object of a body: an object, or an array of them.
 * @param admit as in `InputHost`
 * @throws Refusal
 */
export function recordsOf(body: Buffer, seen: number, admit: InputHost['admit']): LineRecord[] {
  let value: JsonValue;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'the body is no JSON');
  }
  const marks = isUtf8(body) ? Mark.none : Mark.invalidUtf8;
  const items: readonly JsonValue[] = Array.isArray(value) ? value : [value];
  if (items.length > MAX_RECORDS)
    throw new Refusal(413, `the array has more than ${MAX_RECORDS} objects; send smaller ones`);
  return items.map((item, i) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      const where = Array.isArray(value) ? `element ${i} of the array` : 'the body';
      throw new Refusal(400, `${where} is no JSON object; send one object, or an array of objects`);
    }
    const text = Buffer.from(written(item));
    return { type: 'line', seen, text: admit?.(text, false) ?? text, marks };
  });
}

/** @throws Refusal */
function written(item: JsonValue): string {
  try {
    return JSON.stringify(item);
  } catch {
    throw new Refusal(400, 'an object is nested too deeply');
  }
}
