import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { BlockedError, hasCode, RetryableError, reasonOf } from '../core/errors.ts';
import type { Graveyard, Rejected } from '../core/output.ts';
import { deadLetterFile, eventOf, idOf, letterParts, replayFile } from './letters.ts';
import { syncDirectory } from './sync-directory.ts';
import { cutTornLine } from './torn-line.ts';

/** Ids of the latest letters, so that an event that is refused again after a crash or a rewind makes no second letter. */
const REMEMBERED = 16_384;
const TAIL_BYTES = 8 * 1024 * 1024;

/** The dead letters of one output, for the process that holds the state directory. */
export class DeadLetters implements Graveyard {
  private readonly output: string;
  private readonly file: string;
  private readonly replaying: string;
  private readonly limitBytes: number;
  /** Bytes of the letters that did not fit. */
  private wantedBytes = 0;
  private recent: Set<string> | undefined;
  private work: Promise<unknown> = Promise.resolve();

  /**
   * @param state the state directory
   * @param limitBytes of the file
   */
  constructor(state: string, output: string, limitBytes: number) {
    this.output = output;
    this.file = deadLetterFile(state, output);
    this.replaying = replayFile(state, output);
    this.limitBytes = limitBytes;
  }

  async check(): Promise<void> {
    if (this.wantedBytes === 0) return;
    await this.inTurn(async () => this.makeSure(await sizeOf(this.file), this.wantedBytes));
  }

  add(source: string, rejected: readonly Rejected[]): Promise<void> {
    return this.inTurn(async () => {
      const recent = await this.recentIds();
      const when = new Date().toISOString();
      const ids: string[] = [];
      const lines: Buffer[] = [];
      for (const { event, stream, status, type, reason } of rejected) {
        const id = idOf(event);
        if (recent.has(id)) continue;
        ids.push(id);
        lines.push(...letterParts({ when, source, stream, status, type, reason }, event));
      }
      if (ids.length > 0) await this.append(Buffer.concat(lines));
      for (const id of ids) this.remember(id, recent);
    });
  }

  /** Deletes all letters. */
  async purge(): Promise<void> {
    await this.inTurn(async () => {
      for (const file of [this.file, this.replaying]) await rm(file, { force: true });
      this.forget();
    });
  }

  /**
   * Sets letters apart for a replay: those of an unfinished one, else all there are.
   * @returns the file that holds them; undefined when there are none
   */
  takeForReplay(): Promise<string | undefined> {
    return this.inTurn(async () => {
      if ((await sizeOf(this.replaying)) > 0) return this.replaying;
      if ((await sizeOf(this.file)) === 0) return undefined;
      await this.cutTornLine();
      await rename(this.file, this.replaying);
      this.forget();
      return this.replaying;
    });
  }

  /** Every letter of the replay was taken by the output, or is a letter again. */
  async replayed(): Promise<void> {
    await rm(this.replaying, { force: true });
  }

  private async append(bytes: Buffer): Promise<void> {
    await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
    const isNew = (await sizeOf(this.file)) === 0;
    const file = await open(this.file, 'a', 0o600);
    try {
      const { size } = await file.stat();
      this.makeSure(size, bytes.length);
      try {
        await file.appendFile(bytes);
        await file.datasync();
      } catch (error) {
        await file.truncate(size).catch(() => {});
        throw error;
      }
      if (isNew) await syncDirectory(path.dirname(this.file));
    } finally {
      await file.close();
    }
  }

  /** @throws BlockedError when there is no room for so many bytes more; one lot always fits into an empty file */
  private makeSure(size: number, bytes: number): void {
    this.wantedBytes = size > 0 && size + bytes > this.limitBytes ? bytes : 0;
    if (this.wantedBytes === 0) return;
    throw new BlockedError(
      `the dead letters of output ${this.output} are full (${size} bytes): see "brokertap dead-letters list", ` +
        'then replay or purge them, or raise dead_letters.size',
    );
  }

  private async recentIds(): Promise<Set<string>> {
    if (this.recent !== undefined) return this.recent;
    await this.cutTornLine();
    const recent = new Set<string>();
    for (const line of (await tailOf(this.file)).split('\n')) {
      if (line.startsWith('{') && line.endsWith('}')) this.remember(idOf(Buffer.from(eventOf(line))), recent);
    }
    this.recent = recent;
    return recent;
  }

  private remember(id: string, recent: Set<string>): void {
    recent.add(id);
    if (recent.size <= REMEMBERED) return;
    for (const oldest of recent) {
      recent.delete(oldest);
      return;
    }
  }

  private forget(): void {
    this.recent = undefined;
    this.wantedBytes = 0;
  }

  private async cutTornLine(): Promise<void> {
    await withFile(this.file, 'r+', (file) => cutTornLine(file, this.file));
  }

  /** One thing at a time. @throws RetryableError when the file cannot be used */
  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.work.then(act).catch((error: unknown) => {
      if (error instanceof RetryableError) throw error;
      throw new RetryableError(
        `dead letters cannot be kept in ${this.file} (${reasonOf(error)}): make room or give the right to write`,
        { cause: error },
      );
    });
    this.work = done.catch(() => {});
    return done;
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

/** The last lines of a file. */
async function tailOf(name: string): Promise<string> {
  const text = await withFile(name, 'r', async (file) => {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  });
  return text ?? '';
}

/** Undefined when there is no such file. */
async function withFile<T>(
  name: string,
  flags: string,
  use: (file: FileHandle) => Promise<T>,
): Promise<T | undefined> {
  let file: FileHandle;
  try {
    file = await open(name, flags);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
