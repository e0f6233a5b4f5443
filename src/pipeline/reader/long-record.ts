import type { Framing, Source } from '../../core/source.ts';
import { LONGEST_PART_BYTES } from '../../framing/container.ts';
import { type ContinuedDecoder, findLineEnd } from '../../framing/lines.ts';
import type { Ledger } from '../lane/ledger.ts';
import type { Normalizer } from '../normalizer/normalizer.ts';
import type { RangeSender, ReaderLane } from './range-sender.ts';
import { READ_BYTES } from './read-size.ts';
import type { ReadingPosition } from './reading-position.ts';

interface Parts {
  readonly framing: Framing;
  readonly decoder: ContinuedDecoder;
  readonly source: Source;
  readonly lane: ReaderLane;
  readonly ledger: Ledger;
  readonly normalizer: Pick<Normalizer, 'push'>;
  /** Where the record begins; it moves when the record is whole. */
  readonly position: ReadingPosition;
  readonly sender: RangeSender;
  readonly signal: AbortSignal;
}

/** A record of many lines that is longer than a read: it is read piece by piece, and sent when it is whole. */
export class LongRecord {
  /** Bytes behind its start that were read and are not whole. */
  held = 0;
  private readonly parts: Parts;
  /** Where in the source it goes on. */
  private at: number;
  private sizeBytes = READ_BYTES;

  constructor(parts: Parts) {
    this.parts = parts;
    this.at = parts.position.offset;
  }

  /**
   * Reads on.
   * @param final nothing will follow
   * @param quiet nothing has followed for a while
   * @returns true when it was sent
   */
  async readOn(final: boolean, quiet: boolean): Promise<boolean> {
    const { framing, decoder, source, lane, ledger, normalizer, position, sender, signal } = this.parts;
    const borrowed = await lane.reads.take(signal);
    try {
      const from = position.offset;
      if (final) this.sizeBytes = Math.max(READ_BYTES, this.held - (this.at - from) + 1);
      const buffer = this.sizeBytes === READ_BYTES ? borrowed : Buffer.allocUnsafeSlow(this.sizeBytes);
      const length = await source.read(this.at, buffer);
      // No runtime writes lines of that length: what is there is the record's end.
      const isTooLong =
        length === buffer.length && length >= LONGEST_PART_BYTES && findLineEnd(buffer, 0, length) === -1;
      const out = await lane.batches.take(signal);
      const isCut = quiet && this.at + length === from + this.held;
      const end = { final: final || isTooLong, beyond: 0, quiet: isCut, cuts: ledger.cuts };
      const to = isTooLong ? 0 : length;
      // Full with the first event: it stops behind this record.
      const full = end.final ? Number.POSITIVE_INFINITY : 0;
      const used = normalizer.push(framing, buffer, 0, to, this.at, end, out, full, decoder.decode);
      this.at += used;
      this.sizeBytes = used === 0 && length === buffer.length ? LONGEST_PART_BYTES : READ_BYTES;
      this.held = length < buffer.length ? this.at + length - used - from : 0;
      // It may have ended with the lines of an earlier read.
      const isWhole = end.final || (this.at > from && !decoder.isOpen);
      if (isWhole) {
        if (isCut) await ledger.cut(this.at);
        await sender.passTo(this.at, out);
      }
      sender.send(out, position.offset - from);
      return isWhole;
    } finally {
      lane.reads.give(borrowed);
    }
  }
}
