/** By what a file is the same wherever it is renamed to. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
}

/** What the position store remembers of one generation of a log file. */
interface Generation {
  input: string;
  /** Where it was found first: its events tell that wherever it is. */
  readonly path: string;
  /** The file in which it was found last, behind all links; absent where an earlier version has written it. */
  target?: string;
  /** Base64 of its first bytes. */
  head: string;
  device: number;
  inode: number;
  /** ISO time at which it was seen last. */
  seen: string;
  readonly cursors: Readonly<Record<string, { readonly offset: number; readonly before: string }>>;
}

/** The side of the position store that an input sees. */
export interface GenerationStore {
  /** Nothing was ever read for this probe: `start` of a file input applies. */
  readonly isNew: boolean;
  /** Generations of one input, by source id. */
  generations(input: string): [string, Generation][];
  get(id: string): Generation | undefined;
  /** Remembers a new generation; `startAt` sets the cursor of every output. */
  add(
    id: string,
    generation: Omit<Generation, 'cursors'>,
    startAt?: { offset: number; before: string },
  ): void;
  /** Makes it safe: to be awaited before the first event of a new generation leaves. @throws StateError */
  save(): Promise<void>;
}
