import path from 'node:path';
import type { Disk, DiskFile } from '../../src/state/spool/segments/disk.ts';

/** One thing that was done to the file system. */
type Operation =
  | { readonly type: 'makeDirectory' | 'syncDirectory' | 'create' | 'sync' | 'remove'; readonly path: string }
  | { readonly type: 'write'; readonly path: string; readonly bytes: Buffer; readonly position: number }
  | { readonly type: 'truncate'; readonly path: string; readonly sizeBytes: number }
  | { readonly type: 'rename'; readonly path: string; readonly to: string };

interface Inode {
  /** What programs see. */
  content: Buffer;
  /** What a crash cannot take. */
  durable: Buffer;
  /** Writes since the last sync. */
  unsynced: { position: number; bytes: Buffer }[];
}

type NameChange = { readonly name: string; readonly inode: Inode | undefined };

interface Directory {
  entries: Map<string, Inode>;
  durable: Map<string, Inode>;
  unsynced: NameChange[];
}

/**
 * A file system in memory that knows what POSIX promises: after a crash, what was not synced may be there, in part, in any
 * order, or not at all. Keeps a log of all operations, from which any moment can be played again.
 */
export class SimulatedDisk implements Disk {
  readonly log: Operation[] = [];
  /** Called before each operation; may throw. */
  before: (operation: Operation) => void = () => {};
  private readonly directories = new Map<string, Directory>();

  /** The disk after the first `count` operations of a log. */
  static replay(log: readonly Operation[], count: number): SimulatedDisk {
    const disk = new SimulatedDisk();
    for (const operation of log.slice(0, count)) disk.apply(operation);
    return disk;
  }

  /**
   * What is left after a crash now.
   * @param choose a number from 0 to below its argument: picks what of the unsynced things has reached the disk
   */
  crash(choose: (bound: number) => number): SimulatedDisk {
    const left = new SimulatedDisk();
    for (const [name, directory] of this.directories) {
      const entries = new Map(directory.durable);
      for (const { name: entry, inode } of directory.unsynced) {
        if (choose(2) === 0) continue;
        if (inode === undefined) entries.delete(entry);
        else entries.set(entry, inode);
      }
      const survivors = new Map([...entries].map(([entry, inode]) => [entry, survivor(inode, choose)]));
      left.directories.set(name, { entries: survivors, durable: new Map(survivors), unsynced: [] });
    }
    return left;
  }

  /** The bytes of a file, to be damaged. */
  bytes(file: string): Buffer {
    return this.inode(file).content;
  }

  files(): string[] {
    return [...this.directories].flatMap(([name, { entries }]) =>
      [...entries.keys()].map((e) => path.join(name, e)),
    );
  }

  async makeDirectory(directory: string): Promise<void> {
    this.act({ type: 'makeDirectory', path: directory });
  }

  async list(directory: string): Promise<string[]> {
    const below = [...this.directories.keys()].filter((name) => path.dirname(name) === directory);
    return [
      ...(this.directories.get(directory)?.entries.keys() ?? []),
      ...below.map((name) => path.basename(name)),
    ];
  }

  async open(file: string, how: 'read' | 'write' | 'create'): Promise<DiskFile> {
    if (how === 'create') this.act({ type: 'create', path: file });
    const inode = this.inode(file);
    return {
      size: async () => inode.content.length,
      read: async (into, position) => inode.content.copy(into, 0, Math.min(position, inode.content.length)),
      write: async (bytes, position) =>
        this.act({ type: 'write', path: file, bytes: Buffer.from(bytes), position }),
      sync: async () => this.act({ type: 'sync', path: file }),
      truncate: async (sizeBytes) => this.act({ type: 'truncate', path: file, sizeBytes }),
      close: async () => {},
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.act({ type: 'rename', path: from, to });
  }

  async remove(file: string): Promise<void> {
    this.act({ type: 'remove', path: file });
  }

  async syncDirectory(directory: string): Promise<void> {
    this.act({ type: 'syncDirectory', path: directory });
  }

  private act(operation: Operation): void {
    this.before(operation);
    this.log.push(operation);
    this.apply(operation);
  }

  private apply(operation: Operation): void {
    switch (operation.type) {
      case 'makeDirectory':
        if (!this.directories.has(operation.path)) {
          this.directories.set(operation.path, { entries: new Map(), durable: new Map(), unsynced: [] });
        }
        return;
      case 'syncDirectory': {
        const directory = this.directories.get(operation.path);
        if (directory === undefined) return;
        directory.durable = new Map(directory.entries);
        directory.unsynced = [];
        return;
      }
      case 'create':
        this.name(operation.path, { content: Buffer.alloc(0), durable: Buffer.alloc(0), unsynced: [] });
        return;
      case 'remove':
        this.name(operation.path, undefined);
        return;
      case 'rename': {
        const inode = this.inode(operation.path);
        this.name(operation.path, undefined);
        this.name(operation.to, inode);
        return;
      }
      case 'write': {
        const inode = this.inode(operation.path);
        inode.content = written(inode.content, operation.bytes, operation.position);
        inode.unsynced.push(operation);
        return;
      }
      case 'sync': {
        const inode = this.inode(operation.path);
        inode.durable = inode.content;
        inode.unsynced = [];
        return;
      }
      case 'truncate': {
        const inode = this.inode(operation.path);
        inode.content = inode.content.subarray(0, operation.sizeBytes);
        inode.durable = inode.content;
        inode.unsynced = [];
      }
    }
  }

  private name(file: string, inode: Inode | undefined): void {
    const directory = this.directories.get(path.dirname(file));
    if (directory === undefined) throw missing(file);
    const name = path.basename(file);
    if (inode === undefined) directory.entries.delete(name);
    else directory.entries.set(name, inode);
    directory.unsynced.push({ name, inode });
  }

  private inode(file: string): Inode {
    const inode = this.directories.get(path.dirname(file))?.entries.get(path.basename(file));
    if (inode === undefined) throw missing(file);
    return inode;
  }
}

/** A write may reach the disk whole, in part, or not at all. */
function survivor(inode: Inode, choose: (bound: number) => number): Inode {
  let content = inode.durable;
  for (const { bytes, position } of inode.unsynced) {
    const fate = choose(3);
    if (fate === 1) content = written(content, bytes, position);
    else if (fate === 2) content = written(content, bytes.subarray(0, choose(bytes.length + 1)), position);
  }
  return { content: Buffer.from(content), durable: content, unsynced: [] };
}

function written(content: Buffer, bytes: Buffer, position: number): Buffer {
  const result = Buffer.alloc(Math.max(content.length, position + bytes.length));
  content.copy(result);
  bytes.copy(result, position);
  return result;
}

function missing(file: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, open '${file}'`), { code: 'ENOENT' });
}
