import type { Source } from '../../core/source.ts';
import type { CursorStore } from './cursor-store.ts';

/**
 * The session of a log goes from one generation to the next, and is kept with the last one only: it can be large (10,000
 * clients: 1 MB), and each rotation would leave one behind.
 */
export class Succession {
  private readonly cursors: Pick<CursorStore, 'load' | 'save'>;
  private readonly continued = new WeakSet<Source>();

  constructor(cursors: Pick<CursorStore, 'load' | 'save'>) {
    this.cursors = cursors;
  }

  /**
   * The session of a source is in the saved cursor of the next one.
   * @param isRead more may come of it, and would be read with its own session
   */
  goesOn(source: Source, isRead: boolean): void {
    this.continued.add(source);
    if (!isRead) this.ended(source);
  }

  /** A source has been read to its end. */
  ended(source: Source): void {
    const cursor = this.continued.has(source) ? this.cursors.load(source) : undefined;
    if (cursor === undefined) return;
    const { state, ...checkpoint } = cursor.checkpoint;
    if (state !== undefined) this.cursors.save(source, { ...cursor, checkpoint });
  }
}
