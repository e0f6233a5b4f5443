import type { FileIdentity } from '../../../core/generations.ts';
import type { Source } from '../../../core/source.ts';
import type { FileState, Found } from '../finding/discovery.ts';
import type { FileSource } from '../reading/file-source.ts';

/** A file that is read, and where it is. */
export interface Tracked {
  readonly source: FileSource;
  device: number;
  inode: number;
  /** Where it is now; undefined: nowhere that was looked at. */
  path: string | undefined;
  /** It is no longer where it was found. */
  rotated: boolean;
}

/**
 * Why a file is looked into. `matched`: it matches a pattern; `missed`: a sibling that was written since the last look;
 * `appeared`: the same, and it may be a copy that is just being made; `known`: a sibling that is of interest only when it
 * holds a known generation.
 */
export type Reason = 'matched' | 'missed' | 'appeared' | 'known';

/** As what a file is looked into. */
export interface Wanted {
  readonly why: Reason;
  /** The path that a generation which is new once had. */
  readonly place: string;
}

/** A file that holds nothing new, as it was then. */
interface Finished extends FileState {
  /** The known generation in it; undefined: none. */
  readonly id: string | undefined;
}

/** What a tailer knows of its files: which are read, which were read, and which generation follows which. */
export class TrackedFiles {
  /** Sources whose handle is open. */
  readonly sources = new Set<FileSource>();
  /** Generations whose copy is being looked for. */
  readonly sought = new Set<string>();
  /** Generations that were seen since the last look at everything, besides those that are read now. */
  readonly seen = new Set<string>();
  /** Files that cannot be read now, by device and inode. */
  readonly refused = new Map<string, Wanted & { readonly path: string }>();
  /** Last generation found at a path: the one that the next there follows. */
  readonly latest = new Map<string, Source>();
  private readonly tracked = new Map<string, Tracked>();
  /** Files that hold nothing new, by device and inode. Inodes are used again. */
  private readonly finished = new Map<string, Finished>();

  get(file: FileIdentity): Tracked | undefined {
    return this.tracked.get(fileKey(file));
  }

  has(file: FileIdentity): boolean {
    return this.tracked.has(fileKey(file));
  }

  /** All that are read now. */
  all(): Tracked[] {
    return [...this.tracked.values()];
  }

  track(tracked: Tracked): void {
    this.tracked.set(fileKey(tracked), tracked);
  }

  /** It was read to its end, or is no longer in this file. */
  untrack(tracked: Tracked): void {
    this.tracked.delete(fileKey(tracked));
  }

  /** The file holds nothing new as long as it is in this state. @param id of the generation in it, where it is known */
  finish(file: FileIdentity, { sizeBytes, modifiedMs }: FileState, id?: string): void {
    this.finished.set(fileKey(file), { sizeBytes, modifiedMs, id });
    if (id !== undefined) this.seen.add(id);
  }

  /** What is known of a file that holds nothing new; undefined: it may hold something. */
  finishedIn(file: Found): Finished | undefined {
    const known = this.finished.get(fileKey(file));
    return known?.sizeBytes === file.sizeBytes && known.modifiedMs === file.modifiedMs ? known : undefined;
  }
}

/** A file's identity as a key of maps and sets. */
export function fileKey({ device, inode }: FileIdentity): string {
  return `${device}:${inode}`;
}
