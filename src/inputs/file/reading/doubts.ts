import type { Position } from '../../../core/source.ts';

/** A file at one moment. */
export interface FileFacts {
  readonly sizeBytes: number;
  /** Nanoseconds. */
  readonly modified: bigint;
}

/**
 * Which readers of a file have to compare the bytes in front of their position with what they were: every one, whenever
 * something may have changed. What one finds is true at its own position only.
 */
export class Doubts {
  private raised = 0;
  private readonly compared = new WeakMap<Position, FileFacts & { readonly raised: number }>();

  /** Something may have changed. */
  raise(): void {
    this.raised++;
  }

  /** It may have changed since this reader has compared. */
  isDue(reader: Position): boolean {
    return this.compared.get(reader)?.raised !== this.raised;
  }

  /** A reader begins to compare. @returns called when it has found all as it was; what comes meanwhile is another doubt */
  begin(reader: Position): (facts: FileFacts) => void {
    const { raised } = this;
    return (facts) => this.compared.set(reader, { ...facts, raised });
  }

  /** The file is as it was when this reader has compared. */
  isAsBefore(reader: Position, { sizeBytes, modified }: FileFacts): boolean {
    const before = this.compared.get(reader);
    return before?.sizeBytes === sizeBytes && before.modified === modified;
  }
}
