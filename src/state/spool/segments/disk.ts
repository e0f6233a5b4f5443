import { close, fdatasync, fstat, fsync, ftruncate, open, read, write } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { hasCode } from '../../../core/errors.ts';
import { syncDirectory } from '../../sync-directory.ts';

/** Everything the spool does to the file system, so that a test can stand in its way. */
export interface Disk {
  makeDirectory(directory: string): Promise<void>;
  /** Names in a directory; none when it does not exist. */
  list(directory: string): Promise<string[]>;
  /** @param how `create`: an empty file, whatever was there before */
  open(file: string, how: 'read' | 'write' | 'create'): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** Makes names that were created, renamed or removed in a directory survive a crash. */
  syncDirectory(directory: string): Promise<void>;
}

export interface DiskFile {
  size(): Promise<number>;
  /** @returns how many bytes were read; fewer than `into` holds only at the end */
  read(into: Buffer, position: number): Promise<number>;
  /** Writes all, or throws. */
  write(bytes: Buffer, position: number): Promise<void>;
  /** Makes what was written survive a crash. */
  sync(): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  close(): Promise<void>;
}

const FLAGS = { read: 'r', write: 'r+', create: 'w+' } as const;

/** The real file system. Files are readable for their owner only. */
export const disk: Disk = {
  async makeDirectory(directory) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  },
  async list(directory) {
    try {
      return await readdir(directory);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  },
  open: (file, how) =>
    new Promise((resolve, reject) =>
      open(file, FLAGS[how], 0o600, (error, fd) => (error ? reject(error) : resolve(new RealFile(fd)))),
    ),
  rename,
  remove: (file) => rm(file, { force: true }),
  syncDirectory,
};

/** Callbacks instead of `FileHandle`: a commit is a handful of calls, and promises of the library cost as much as they do. */
class RealFile implements DiskFile {
  private readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  size(): Promise<number> {
    return new Promise((resolve, reject) =>
      fstat(this.fd, (error, facts) => (error ? reject(error) : resolve(facts.size))),
    );
  }

  async read(into: Buffer, position: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const count = await this.readOnce(into, done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async write(bytes: Buffer, position: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) done += await this.writeOnce(bytes, done, position + done);
  }

  sync(): Promise<void> {
    return this.settle((done) => fdatasync(this.fd, done));
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.settle((done) => ftruncate(this.fd, sizeBytes, done));
    await this.settle((done) => fsync(this.fd, done));
  }

  close(): Promise<void> {
    return this.settle((done) => close(this.fd, done));
  }

  private readOnce(into: Buffer, at: number, position: number): Promise<number> {
    return new Promise((resolve, reject) =>
      read(this.fd, into, at, into.length - at, position, (error, count) =>
        error ? reject(error) : resolve(count),
      ),
    );
  }

  private writeOnce(bytes: Buffer, at: number, position: number): Promise<number> {
    return new Promise((resolve, reject) =>
      write(this.fd, bytes, at, bytes.length - at, position, (error, count) =>
        error ? reject(error) : resolve(count),
      ),
    );
  }

  private settle(act: (done: (error: Error | null | undefined) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
  }
}
