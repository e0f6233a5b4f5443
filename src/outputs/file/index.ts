import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { BlockedError, hasCode, RetryableError, reasonOf } from '../../core/errors.ts';
import type { FileIdentity } from '../../core/generations.ts';
import type { Batch, Output, Receipt } from '../../core/output.ts';
import { syncDirectory } from '../../state/sync-directory.ts';
import { cutTornLine } from '../../state/torn-line.ts';
import type { FileOutputConfig } from './config.ts';

export { check } from './check.ts';

export interface FileOutputOptions {
  readonly path: string;
  /** Rotates when the file would grow beyond `sizeBytes`; `keep` older files stay as `path.1` (newest) to `path.<keep>`. */
  readonly rotate: { readonly sizeBytes: number; readonly keep: number } | undefined;
}

/**
 * Writes events to a file as JSON lines. They are delivered when the file is synced; one sync covers all batches that came
 * while the last one ran. A line that a crash has cut is taken off when the file is opened.
 */
export class FileOutput implements Output {
  private readonly options: FileOutputOptions;
  private file: FileHandle | undefined;
  private sizeBytes = 0;
  private work: Promise<void> = Promise.resolve();
  private syncing: Promise<void> | undefined;

  constructor(options: FileOutputOptions) {
    this.options = options;
  }

  async check(): Promise<void> {
    if (this.file !== undefined) return;
    const { path: name } = this.options;
    try {
      await mkdir(path.dirname(name), { recursive: true });
      const file = await open(name, 'a+', 0o640);
      try {
        this.sizeBytes = await cutTornLine(file, name);
        await syncDirectory(path.dirname(name));
      } catch (error) {
        await file.close();
        throw error;
      }
      this.file = file;
    } catch (error) {
      throw this.problem(error);
    }
  }

  async write(batch: Batch): Promise<Receipt> {
    const written = this.work.then(() => this.append(batch.bytes));
    this.work = written.catch(() => {});
    await written.finally(() => batch.release());
    await this.sync();
    return { delivered: batch.ends.length, duplicates: 0 };
  }

  async close(): Promise<void> {
    await this.work;
    // What was written counts, unless it cannot be synced.
    await this.sync().catch(() => {});
    await this.file?.close();
    this.file = undefined;
  }

  /** Looks at the newest first: an older one gets a higher number meanwhile, not a lower one. */
  async writes({ device, inode }: FileIdentity): Promise<boolean> {
    const { path: name, rotate } = this.options;
    for (let i = 0; i <= (rotate?.keep ?? 0); i++) {
      const facts = await stat(i === 0 ? name : `${name}.${i}`).catch(() => undefined);
      if (facts?.ino === inode && facts.dev === device) return true;
    }
    return false;
  }

  describe(): string {
    return this.options.path;
  }

  private async append(bytes: Buffer): Promise<void> {
    const { rotate } = this.options;
    try {
      await this.reopenIfMoved();
      if (rotate !== undefined && this.sizeBytes > 0 && this.sizeBytes + bytes.length > rotate.sizeBytes) {
        await this.rotate(rotate.keep);
      }
      await this.opened().appendFile(bytes);
    } catch (error) {
      throw await this.failed(error);
    }
  }

  /** Waits for a sync that begins now or later, never for one that was under way when the bytes were written. */
  private async sync(): Promise<void> {
    await this.syncing?.catch(() => {});
    this.syncing ??= this.work
      .then(() => this.opened().datasync())
      .catch(async (error: unknown) => {
        throw await this.failed(error);
      })
      .finally(() => {
        this.syncing = undefined;
      });
    await this.syncing;
  }

  /** Somebody else may have rotated, removed or truncated the file: what is written to one that is not there is soon gone. */
  private async reopenIfMoved(): Promise<void> {
    const { path: name } = this.options;
    const file = this.opened();
    const there = await stat(name).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
    });
    const { ino, dev } = await file.stat();
    if (there?.ino === ino && there.dev === dev) {
      this.sizeBytes = there.size;
      return;
    }
    await file.datasync();
    await file.close();
    this.file = undefined;
    await this.check();
  }

  private async rotate(keep: number): Promise<void> {
    const { path: name } = this.options;
    await this.file?.datasync();
    await this.file?.close();
    this.file = undefined;
    await rm(`${name}.${keep}`, { force: true });
    for (let i = keep - 1; i >= 1; i--) await renameIfThere(`${name}.${i}`, `${name}.${i + 1}`);
    if (keep > 0) await renameIfThere(name, `${name}.1`);
    else await rm(name, { force: true });
    this.file = await open(name, 'a+', 0o640);
    await syncDirectory(path.dirname(name));
    this.sizeBytes = 0;
  }

  /** @throws RetryableError when something has failed: nobody knows what became of the bytes of that time */
  private opened(): FileHandle {
    if (this.file === undefined) throw new RetryableError(`${this.options.path} is not open`);
    return this.file;
  }

  /** Whatever failed, the file is opened anew before the next write, so that a half-written line is cut. */
  private async failed(error: unknown): Promise<Error> {
    const file = this.file;
    this.file = undefined;
    await file?.close().catch(() => {});
    return error instanceof RetryableError ? error : this.problem(error);
  }

  private problem(error: unknown): RetryableError {
    const { path: name } = this.options;
    if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) {
      return new BlockedError(
        `${name} cannot be written (${reasonOf(error)}): give the right to write, or choose another path`,
      );
    }
    return new RetryableError(`${name}: ${reasonOf(error)}`, { cause: error });
  }
}

export function create(config: FileOutputConfig): Output {
  return new FileOutput({ path: config.path, rotate: config.rotate });
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
}
