import { hash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { StateError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Position } from '../../core/source.ts';
import type { Vault } from '../vault.ts';
import { Budget } from './admission/budget.ts';
import type { WhenFull } from './admission/room.ts';
import { load } from './recovery/load.ts';
import { endFor, loadPatiently, repair } from './recovery/recovery.ts';
import type { Disk } from './segments/disk.ts';
import { endOf, type Segment, sizeOf } from './segments/segment.ts';
import type { CipherOf } from './segments/segments.ts';
import type { SpoolStatus } from './status.ts';
import { SpoolStream } from './stream.ts';
import { unusable } from './unusable.ts';

/** Hex digits that tell the places of one input apart. */
const PLACE_DIGITS = 12;
const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
const MIN_SEGMENT_BYTES = 64 * 1024;
/** So many segments fit into the size at least: what is removed at once is a small part of it. */
const SEGMENTS = 16;

export interface SpoolOptions {
  /** Limit of all streams together. */
  readonly sizeBytes: number;
  /** Longest time for which a record that nobody waits for is not on disk. */
  readonly syncMs: number;
  readonly whenFull: WhenFull;
  /** Encrypts what is kept; undefined: it is kept as it is. */
  readonly vault: Vault | undefined;
}

/** How far an output is; `checkpoint`: where its reading begins, if that is earlier. */
type SavedCursor = Position & { readonly checkpoint?: { readonly offset: number } };

/** What is not the same for all streams. */
export interface StreamSettings {
  /** The file whose lines the stream holds; undefined: it holds what its input receives. */
  readonly path?: string | undefined;
  /** Default: that of the spool. */
  readonly whenFull?: WhenFull | undefined;
}

/** Directory of the spool in a state directory. */
export function spoolDirectory(state: string): string {
  return path.join(state, 'spool');
}

/** Name of the stream of an input that holds the lines of the files at one place. */
export function streamOfPlace(input: string, place: string): string {
  return `${input}@${hash('sha256', place, 'hex').slice(0, PLACE_DIGITS)}`;
}

/** The input that a stream belongs to; names of inputs have no `@`. */
export function inputOfStream(name: string): string {
  return name.split('@')[0] ?? name;
}

/** What inputs have admitted, on disk: one stream per input, one size limit for all. See `format.ts` for the files. */
export class Spool {
  private readonly directory: string;
  private readonly disk: Disk;
  private readonly options: SpoolOptions;
  private readonly log: Logger;
  private readonly budget: Budget;
  private readonly streams: SpoolStream[] = [];
  private abandoned: readonly string[] = [];

  /** @param directory as `spoolDirectory` gives it; made when the first record is written */
  constructor(directory: string, disk: Disk, options: SpoolOptions, log: Logger) {
    this.directory = directory;
    this.disk = disk;
    this.options = options;
    this.log = log;
    this.budget = new Budget(options.sizeBytes);
  }

  /**
   * Counts what inputs that are no longer configured have left, and says so.
   * @param isRead a configured input reads the stream of that name
   * @throws StateError
   */
  async findAbandoned(isRead: (stream: string) => boolean): Promise<void> {
    const all = await this.disk.list(this.directory).catch((error: unknown) => {
      throw unusable(this.directory, error);
    });
    const abandoned: string[] = [];
    for (const name of all.filter((name) => !isRead(name))) {
      const found = await load(this.disk, path.join(this.directory, name), true).catch((error: unknown) => {
        this.log.warn({ input: name }, unusable(path.join(this.directory, name), error).message);
        return undefined;
      });
      if (found === undefined) continue;
      const bytes = found.segments.reduce((sum, segment) => sum + sizeOf(segment), 0);
      this.budget.add(bytes);
      abandoned.push(name);
      this.log.warn(
        { input: name, bytes },
        'the spool holds records of an input that is no longer configured: they stay until it is configured again, or until "brokertap spool purge"',
      );
    }
    this.abandoned = abandoned;
  }

  /**
   * Opens a stream, or makes it. What a crash has left unfinished is cut.
   * @param name of the input, or as `streamOfPlace` gives it
   * @param cursors saved ones, by source id of the stream
   * @throws StateError when it cannot be read, or was written by another version
   */
  async open(
    name: string,
    cursors: (id: string) => readonly SavedCursor[],
    settings: StreamSettings = {},
  ): Promise<SpoolStream> {
    const input = inputOfStream(name);
    const directory = path.join(this.directory, name);
    const { disk, budget, log, options } = this;
    try {
      const found = await loadPatiently(disk, directory, input, log);
      const last = found?.segments.at(-1);
      const needed = neededFrom(last === undefined ? [] : cursors(last.stream));
      for (const segment of found?.segments ?? []) if (endOf(segment) > needed) this.checkKey(segment);
      if (found !== undefined) await repair(disk, input, found, log);
      const key = options.vault?.key ?? '';
      const id = last?.stream ?? randomBytes(12).toString('hex');
      const salt = last?.salt ?? randomBytes(4).readUInt32BE();
      const stream = new SpoolStream({
        input,
        directory,
        disk,
        budget,
        log,
        id,
        salt,
        key,
        cipherOf: cipherOf(options.vault, id),
        segments: found?.segments ?? [],
        end: endFor(found, key, cursors(id)),
        segmentBytes: this.segmentBytes,
        syncMs: options.syncMs,
        path: settings.path,
        whenFull: settings.whenFull ?? options.whenFull,
      });
      for (const segment of found?.segments ?? []) budget.add(sizeOf(segment));
      this.streams.push(stream);
      if (found !== undefined && last === undefined) stream.tellLoss();
      return stream;
    } catch (error) {
      throw unusable(directory, error);
    }
  }

  /** Where the outputs stand now, for `trim`. */
  needed(): ReadonlyMap<SpoolStream, number> {
    return new Map(this.streams.map((stream) => [stream, stream.needed]));
  }

  /** Removes what no output will read again. @param needed from before the cursors were saved */
  async trim(needed: ReadonlyMap<SpoolStream, number>): Promise<void> {
    for (const [stream, offset] of needed) await stream.trim(offset);
  }

  status(): SpoolStatus {
    return {
      bytes: this.budget.usedBytes,
      sizeBytes: this.budget.sizeBytes,
      streams: this.streams.map((stream) => stream.status()),
      abandoned: this.abandoned,
    };
  }

  /** Writes what was admitted, and closes all. */
  async close(timeoutMs: number): Promise<void> {
    await Promise.all(this.streams.map((stream) => stream.end(timeoutMs)));
  }

  private get segmentBytes(): number {
    const part = Math.floor(this.options.sizeBytes / SEGMENTS);
    return Math.min(MAX_SEGMENT_BYTES, Math.max(MIN_SEGMENT_BYTES, part));
  }

  /** Without its key nothing of it can be delivered. */
  private checkKey({ key, stream, file }: Segment): void {
    const { vault } = this.options;
    if (key === '' || vault?.cipher(key, stream) !== undefined) return;
    throw new StateError(
      `${file} was encrypted with another secret than that of "privacy": name the secret of that time in ` +
        'privacy.old_key_files until everything is delivered; if it is lost, so are these records: move the directory away',
    );
  }
}

/** Offset before which no output will read again. */
function neededFrom(cursors: readonly SavedCursor[]): number {
  if (cursors.length === 0) return 0;
  return Math.min(...cursors.map(({ offset, checkpoint }) => checkpoint?.offset ?? offset));
}

/** Ciphers of a stream by the names of their keys, each made once. */
function cipherOf(vault: Vault | undefined, stream: string): CipherOf {
  const ciphers = new Map<string, ReturnType<CipherOf>>();
  return (key) => {
    if (key === '' || vault === undefined) return undefined;
    const cipher = ciphers.get(key) ?? vault.cipher(key, stream);
    ciphers.set(key, cipher);
    return cipher;
  };
}
