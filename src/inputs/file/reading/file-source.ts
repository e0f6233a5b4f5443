import type { FileHandle } from 'node:fs/promises';
import { RetryableError, reasonOf } from '../../../core/errors.ts';
import type { End, Framing, Note, Position, Source } from '../../../core/source.ts';
import { Sleepers } from '../../../core/waiting/sleepers.ts';
import { canDetect, detectFraming, type TextFraming } from '../../../framing/detect.ts';
import type { FileState } from '../finding/discovery.ts';
import { fingerprintAt, HEAD_BYTES, type Opened, readHead } from '../finding/identity.ts';
import { Doubts, type FileFacts } from './doubts.ts';
import { truncated } from './notes.ts';

/** What could not be read is tried again each second: a failure that is older is over. */
const FAILURE_MS = 3000;

/** Why no byte will come any more. */
type Ending = 'open' | 'complete' | 'overwritten';

/**
 * One generation of a log file, read through a handle that stays on it wherever it is renamed to.
 * Before bytes are read after a pause, the bytes in front of the position are compared with what they were: a file that
 * was truncated, or truncated and written past the old position, is another generation. `inspect` does the same by size
 * and head, for a file that nobody reads just now.
 */
export class FileSource implements Source {
  readonly id: string;
  readonly input: string;
  readonly path: string;
  readonly durable = true;
  readonly begins: number;
  private handle: FileHandle;
  private readonly fixedFraming: TextFraming | undefined;
  private readonly findCopy: () => Promise<FileHandle | undefined>;
  private head: Buffer;
  private sizeBytes: number;
  private modified = -1n;
  private inspected = -1n;
  private ending: Ending = 'open';
  private complete = false;
  /** Up to here bytes were seen before it went on in a copy. */
  private seenTo = 0;
  /** Reading of `performance.now` when bytes were last appended, or when it was opened. */
  private grownAt = performance.now();
  private readonly doubts = new Doubts();
  private searching: Promise<void> | undefined;
  private readonly sleepers = new Sleepers();
  private failure: { readonly words: string; readonly at: number } | undefined;

  constructor(options: {
    id: string;
    input: string;
    path: string;
    handle: FileHandle;
    /** As in `Opened`. */
    begins: number;
    head: Buffer;
    sizeBytes: number;
    framing: TextFraming | undefined;
    /** Called once, when the file no longer holds this generation: a copy that does, if there is one. */
    findCopy: () => Promise<FileHandle | undefined>;
  }) {
    this.id = options.id;
    this.input = options.input;
    this.path = options.path;
    this.handle = options.handle;
    this.begins = options.begins;
    this.head = options.head;
    this.sizeBytes = options.sizeBytes;
    this.fixedFraming = options.framing;
    this.findCopy = options.findCopy;
  }

  framing(): Framing | undefined {
    if (this.fixedFraming !== undefined) return this.fixedFraming;
    return canDetect(this.head) ? detectFraming(this.head) : undefined;
  }

  size(): number {
    return this.sizeBytes;
  }

  /** The first bytes of its content, up to `HEAD_BYTES`; more of them as the file grows. */
  get firstBytes(): Buffer {
    return this.head;
  }

  /** Why it cannot be read now, in one sentence. */
  get problem(): string | undefined {
    const { words, at = 0 } = this.failure ?? {};
    return performance.now() - at < FAILURE_MS ? words : undefined;
  }

  /** For so long nothing was appended. */
  get quietMs(): number {
    return performance.now() - this.grownAt;
  }

  /** The file holds other bytes now, and no copy of these was found. */
  get isOverwritten(): boolean {
    return this.ending === 'overwritten';
  }

  /**
   * Notices that the file was overwritten also while nobody reads it: when the next generation in it is overwritten or
   * renamed too, nothing else would know of that one.
   */
  async inspect(): Promise<void> {
    // Those who wait compare with what is known now: one reader may have learnt what another waits for.
    this.sleepers.wake();
    if (this.complete || this.ending !== 'open' || this.searching !== undefined) return;
    // As it was before the look: readers go on meanwhile, and may have seen more than the look has.
    const { sizeBytes, head: known } = this;
    try {
      const { size, mtimeNs } = await this.handle.stat({ bigint: true });
      // Of a file that is at rest nobody has to look again.
      if (mtimeNs !== this.modified || Number(size) !== this.sizeBytes) this.look();
      if (mtimeNs === this.inspected && Number(size) === this.sizeBytes) return;
      const head = await readHead(this.handle, this.begins);
      if (Number(size) >= sizeBytes && head.subarray(0, known.length).equals(known)) {
        this.inspected = mtimeNs;
        this.grow(Math.max(this.sizeBytes, Number(size)));
        if (head.length > this.head.length) this.head = head;
        return;
      }
    } catch {
      // Closed meanwhile, or its reader will tell.
      return this.look();
    }
    this.searching ??= this.searchCopy();
    // Its reader goes on, and searches again where the system has refused it.
    await this.searching.finally(() => this.look());
  }

  /** True when all that another file holds is what this one begins with. The first bytes and the last that it has tell. */
  async beginsWith({ handle, head, sizeBytes }: Opened): Promise<boolean> {
    await this.inspect();
    if (this.ending === 'overwritten' || sizeBytes > this.sizeBytes) return false;
    if (!this.head.subarray(0, head.length).equals(head)) return false;
    return (await fingerprintAt(this.handle, sizeBytes)) === (await fingerprintAt(handle, sizeBytes));
  }

  /** Something may have changed: looks again before the next read. */
  look(): void {
    this.doubts.raise();
    this.sleepers.wake();
  }

  /** Nothing will be appended: ends when it is read to its end. */
  markComplete(): void {
    this.complete = true;
    this.look();
  }

  async read(offset: number, into: Buffer): Promise<number> {
    if (this.ending === 'overwritten') return 0;
    try {
      const { bytesRead } = await this.handle.read(into, 0, into.length, offset);
      if (bytesRead < into.length) this.doubts.raise();
      this.grow(Math.max(this.sizeBytes, offset + bytesRead));
      return bytesRead;
    } catch (error) {
      throw this.unreadable(error);
    }
  }

  resume(position: Position): Promise<void> {
    return this.examine(position);
  }

  async wait(position: Position, held: number, signal: AbortSignal): Promise<'more' | End> {
    const known = position.offset + held;
    for (;;) {
      signal.throwIfAborted();
      if (this.doubts.isDue(position)) await this.examine(position);
      if (this.ending === 'overwritten') return { gap: (from) => this.gap(this.sizeBytes - from) };
      if (this.sizeBytes > known) return 'more';
      if (this.complete) {
        this.ending = 'complete';
        return { gap: (from) => this.gap(this.seenTo - from) };
      }
      await this.sleepers.sleep(signal);
    }
  }

  settled(): void {
    // A file keeps its bytes whatever was settled.
  }

  /** @returns how the file was left; undefined when that is not known */
  async close(): Promise<FileState | undefined> {
    this.look();
    const facts = await this.handle.stat().catch(() => undefined);
    await this.handle.close().catch(() => {});
    return facts && { sizeBytes: this.sizeBytes, modifiedMs: facts.mtimeMs };
  }

  private grow(sizeBytes: number): void {
    if (sizeBytes === this.sizeBytes) return;
    this.sizeBytes = sizeBytes;
    this.grownAt = performance.now();
  }

  private unreadable(error: unknown): RetryableError {
    const words = `${this.path} cannot be read: ${reasonOf(error)}`;
    this.failure = { words, at: performance.now() };
    return new RetryableError(words, { cause: error });
  }

  /** Does the file still hold what was read from it? @throws RetryableError when that cannot be told now */
  private async examine(position: Position): Promise<void> {
    const done = this.doubts.begin(position);
    try {
      const { size, mtimeNs: modified } = await this.handle.stat({ bigint: true });
      const facts = { sizeBytes: Number(size), modified };
      await this.compare(position, facts);
      done(facts);
    } catch (error) {
      throw this.unreadable(error);
    }
  }

  private async compare(position: Position, facts: FileFacts): Promise<void> {
    // `inspect` may have gone on in a copy meanwhile: what was learnt is of the file before.
    if (this.searching !== undefined) return this.searching;
    if (this.doubts.isAsBefore(position, facts)) return;
    const { sizeBytes: bytes, modified } = facts;
    if (bytes < position.offset || !(await this.recognises(position))) {
      this.searching ??= this.searchCopy();
      return this.searching;
    }
    if (this.searching !== undefined) return;
    this.grow(bytes);
    this.modified = modified;
    if (this.head.length < HEAD_BYTES && bytes > this.begins + this.head.length)
      this.head = await readHead(this.handle, this.begins);
  }

  /** A search that the system has refused is begun again. */
  private searchCopy(): Promise<void> {
    return this.continueInCopy().catch((error: unknown) => {
      this.searching = undefined;
      throw error;
    });
  }

  /** Goes on in a copy that was made before the file was overwritten; without one, this generation has ended. */
  private async continueInCopy(): Promise<void> {
    const copy = await this.findCopy();
    if (copy === undefined) {
      this.ending = 'overwritten';
      return;
    }
    const old = this.handle;
    const { size } = await copy.stat();
    this.handle = copy;
    this.seenTo = this.sizeBytes;
    this.sizeBytes = size;
    this.markComplete();
    await old.close();
  }

  private async recognises({ offset, before }: Position): Promise<boolean> {
    if (offset > 0 && before !== '') return (await fingerprintAt(this.handle, offset)) === before;
    const head = await readHead(this.handle, this.begins);
    return head.subarray(0, this.head.length).equals(this.head);
  }

  private gap(lost: number): Note | undefined {
    return lost > 0 ? truncated(this.path, this.input, lost) : undefined;
  }
}
