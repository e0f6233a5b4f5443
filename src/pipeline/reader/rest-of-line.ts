import type { Position, Source } from '../../core/source.ts';
import type { Pool } from '../../core/waiting/pool.ts';
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
 * @param reads buffers to read into; none is kept while the line does not go on
 * @throws the signal's reason
 */
export async function restOfLine(
  source: Source,
  position: Position,
  head: Buffer,
  reads: Pool<Buffer>,
  signal: AbortSignal,
): Promise<RestOfLine> {
  const from = position.offset + head.length;
  for (let to = from; ; ) {
    const { length, end } = await readOn(source, to, reads, signal);
    if (end !== -1) return { to: to + end + 1, lineEnd: 1 };
    to += length;
    if (length > 0) continue;
    if ((await source.wait(position, to - position.offset, signal)) !== 'more') return { to, lineEnd: 0 };
  }
}

/** @returns how many bytes came, and where among them a line ends; -1: nowhere */
async function readOn(
  source: Source,
  offset: number,
  reads: Pool<Buffer>,
  signal: AbortSignal,
): Promise<{ length: number; end: number }> {
  const buffer = await reads.take(signal);
  try {
    const length = await source.read(offset, buffer);
    return { length, end: findLineEnd(buffer, 0, length) };
  } finally {
    reads.give(buffer);
  }
}
