import type { Position, Source } from '../../core/source.ts';
import { findLineEnd } from '../../framing/lines.ts';

/** Where a line ends whose head is known. */
interface RestOfLine {
  /** Offset behind it. */
  readonly to: number;
  /** Bytes of its line end; 0: the source ends before. */
  readonly lineEnd: 0 | 1;
}

/**
 * Looks for the end of a line that is longer than what is kept of it.
 * @param position where the record begins
 * @param head what is kept of it
 * @param scratch to read into
 * @throws the signal's reason
 */
export async function restOfLine(
  source: Source,
  position: Position,
  head: Buffer,
  scratch: Buffer,
  signal: AbortSignal,
): Promise<RestOfLine> {
  const from = position.offset + head.length;
  for (let to = from; ; ) {
    const length = await source.read(to, scratch);
    const end = findLineEnd(scratch, 0, length);
    if (end !== -1) return { to: to + end + 1, lineEnd: 1 };
    to += length;
    if (length > 0) continue;
    if ((await source.wait(position, to - position.offset, signal)) !== 'more') return { to, lineEnd: 0 };
  }
}
