import type { Counters, Cursor } from '../../core/cursor.ts';
import type { Source } from '../../core/source.ts';

/** Where the cursors of one output are kept. */
export interface CursorStore {
  load(source: Source): Cursor | undefined;
  save(source: Source, cursor: Cursor): void;
  /** Resolves when everything that was given to `save` is on disk, or cannot be brought there now. */
  keep(): Promise<void>;
  /** What became of everything that was ever settled, saved with the cursors. */
  totals(): Counters;
  /** Offset up to which an earlier run may have sent events of it; -1: none. */
  sentBefore(source: Source): number;
  /** Dead letters of a source that is not read any more were replayed and taken. */
  revive(source: string, letters: number): void;
}
