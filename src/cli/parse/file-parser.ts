import { hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { hasCode, StateError, unreadable } from '../../core/errors.ts';
import { EventBuffer } from '../../ecs/event-buffer.ts';
import { canDetect, detectFraming, type TextFraming } from '../../framing/detect.ts';
import type { ContinuedDecoder } from '../../framing/lines.ts';
import { isGzip } from '../../inputs/file/reading/gzip.ts';
import { Filter } from '../../pipeline/normalizer/filter.ts';
import { Normalizer } from '../../pipeline/normalizer/normalizer.ts';
import type { Reading } from '../../pipeline/normalizer/reading.ts';
import type { Tally } from '../../pipeline/normalizer/tally.ts';

const BATCH_BYTES = 256 * 1024;
const HEAD_BYTES = 64 * 1024;
const LF = 0x0a;
const NOWHERE = { offset: 0, checkpoint: { offset: 0, sequence: 0 } };

/** Events of one file, a batch at a time; the generation in their ids is a digest of the file's name. */
export class FileParser {
  readonly file: string;
  private readonly limit: number;
  private readonly normalizer: Normalizer;
  private readonly out = new EventBuffer(BATCH_BYTES * 2);
  private framing: TextFraming | undefined;
  private continued: ContinuedDecoder | undefined;
  private carry: Buffer = Buffer.alloc(0);
  private offset = 0;
  /** In the rest of a line whose head was longer than the limit. */
  private isPassingOver = false;
  private readonly bytes: AsyncIterable<Buffer> | Iterable<Buffer>;
  /** What it begins with: up to 64 KiB. */
  head: Buffer = Buffer.alloc(0);

  /** @param bytes what is in it; default: it is read */
  constructor(
    file: string,
    reading: Reading,
    framing: TextFraming | undefined,
    bytes: AsyncIterable<Buffer> | Iterable<Buffer> = contents(file),
  ) {
    this.file = file;
    this.bytes = bytes;
    this.framing = framing;
    this.limit = reading.limit;
    const id = hash('sha1', file, 'hex').slice(0, 24);
    const source = file === '-' ? { id } : { id, path: file };
    this.normalizer = new Normalizer(source, reading, new Filter([], new Set()), NOWHERE);
  }

  /** What was read since the last call. */
  get tally(): Tally {
    return this.normalizer.take();
  }

  async *events(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.bytes) {
        if (this.head.length < HEAD_BYTES)
          this.head = Buffer.concat([this.head, chunk.subarray(0, HEAD_BYTES - this.head.length)]);
        yield* this.push(chunk);
      }
    } catch (error) {
      const reason = hasCode(error, 'EISDIR') ? 'it is a directory; name the files in it' : error;
      throw new StateError(unreadable(this.file, reason), { cause: error });
    }
    yield* this.read(this.carry, true);
    this.normalizer.finish(this.out);
    if (this.out.count > 0) yield this.out.contents().bytes;
    this.out.clear();
  }

  private *push(chunk: Buffer): Generator<Buffer> {
    let fresh = chunk;
    if (this.isPassingOver) {
      const end = chunk.indexOf(LF);
      const passed = end === -1 ? chunk.length : end + 1;
      this.isPassingOver = end === -1;
      this.offset += passed;
      fresh = chunk.subarray(passed);
    }
    const bytes = this.carry.length === 0 ? fresh : Buffer.concat([this.carry, fresh]);
    if (this.framing === undefined && !canDetect(bytes)) this.carry = bytes;
    else yield* this.read(bytes, false);
    const { carry, limit } = this;
    const lines = carry.lastIndexOf(LF) + 1;
    // An entry of many lines is cut between two of them: the last may be another entry.
    if (lines > limit) {
      yield* this.read(carry.subarray(0, lines), true);
      this.carry = Buffer.from(carry.subarray(lines));
    } else if (carry.length - lines > limit) {
      this.isPassingOver = true;
      yield* this.read(carry, true);
    }
  }

  /** @param final nothing follows that belongs to it */
  private *read(bytes: Buffer, final: boolean): Generator<Buffer> {
    const { out, normalizer, offset } = this;
    this.framing ??= detectFraming(bytes);
    this.continued ??= normalizer.readOn(this.framing);
    const { framing, continued } = this;
    const end = { final, beyond: 0 };
    // What was read of an entry cannot be read again.
    const full = continued === undefined ? BATCH_BYTES : Number.POSITIVE_INFINITY;
    let at = 0;
    for (let before = -1; at > before && (at < bytes.length || continued?.isOpen === true); ) {
      before = at;
      at = normalizer.push(framing, bytes, at, bytes.length, offset, end, out, full, continued?.decode);
      if (out.count > 0) yield out.contents().bytes;
      out.clear();
    }
    this.carry = Buffer.from(bytes.subarray(at));
    this.offset += at;
  }
}

/** The bytes of a file, or of standard input for `-`, unpacked where they are gzip. */
export async function* contents(file: string): AsyncGenerator<Buffer> {
  if (file === '-' && process.stdin.isTTY) process.stderr.write('reading standard input; Ctrl-D ends it\n');
  const bytes: Readable = file === '-' ? process.stdin : createReadStream(file);
  const chunks: AsyncIterator<Buffer> = bytes[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const all = async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  };
  if (!isGzip(first.value)) return yield* all();
  const gunzip = createGunzip();
  // A failure is thrown where the bytes are read.
  pipeline(Readable.from(all()), gunzip).catch(() => {});
  yield* gunzip;
}
