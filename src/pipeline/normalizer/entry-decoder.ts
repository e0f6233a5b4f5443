import type { Cursor } from '../../core/cursor.ts';
import type { LineRole } from '../../core/dialect.ts';
import { openDecoder, type TextFraming } from '../../framing/detect.ts';
import { EntryJoiner } from '../../framing/entries.ts';
import type { FramingOptions } from '../../framing/header.ts';
import type { ContinuedDecoder, TextDecoder, TextVisitor } from '../../framing/lines.ts';

/** How the entries of a text are told apart. */
export interface EntrySettings {
  /** Bytes that are kept of one entry. */
  readonly limit: number;
  readonly framing: FramingOptions;
  /** `Dialect.role`. */
  readonly role: ((line: string) => LineRole) | undefined;
}

/** What is known of the bytes behind those of one `push`. */
export interface PushEnd {
  /** Nothing will follow. */
  readonly final: boolean;
  /** Bytes behind it of the record that it cuts. */
  readonly beyond: number;
  /** Nothing has followed for a while: an entry in hand is whole. */
  readonly quiet?: boolean;
  /** Offsets in the source at which an entry ended like that before. */
  readonly cuts?: ReadonlySet<number>;
}

/** Finds the entries of one source of text: takes off what stands around its lines, and joins those of one entry. */
export class EntryDecoder {
  private readonly settings: EntrySettings;
  /** What is settled ended there, whatever has come since. */
  private readonly settledTo: number;
  /** Joins lines to entries; undefined: every line is one. */
  private readonly joiner: EntryJoiner | undefined;
  private decoder: { readonly framing: TextFraming; readonly decode: TextDecoder } | undefined;

  /** @param cursor reading starts at its checkpoint */
  constructor(settings: EntrySettings, { offset, checkpoint }: Pick<Cursor, 'offset' | 'checkpoint'>) {
    this.settings = settings;
    this.settledTo = offset;
    this.joiner = settings.role && new EntryJoiner(settings.role, checkpoint.passing === true);
  }

  /** The last entry of the last `decode` waits for the line that begins the next one. */
  get isHolding(): boolean {
    return this.joiner?.isHolding === true;
  }

  /** For a checkpoint: in the rest of an entry whose head was longer than the limit. Absent: not so. */
  get passing(): { readonly passing?: true } {
    return this.joiner?.isPassing === true ? { passing: true } : {};
  }

  /**
   * As a `TextDecoder`.
   * @param offset offset in the source of `bytes[0]`
   * @param readOn goes on with what it has of an entry, instead of beginning anew
   */
  decode(
    framing: TextFraming,
    bytes: Buffer,
    from: number,
    to: number,
    offset: number,
    end: PushEnd,
    visit: TextVisitor,
    readOn?: TextDecoder,
  ): number {
    const { joiner, settledTo } = this;
    const { limit } = this.settings;
    const decode = readOn ?? this.linesOf(framing);
    if (joiner === undefined) return decode(bytes, from, to, limit, end.final, visit);
    const isCut = (start: number): boolean =>
      offset + start === settledTo || end.cuts?.has(offset + start) === true;
    return joiner.decode(decode, bytes, from, to, limit, end, isCut, visit);
  }

  /** Decodes entries that are longer than what is in memory; undefined: in this framing an entry is one line. */
  readOn(framing: TextFraming): ContinuedDecoder | undefined {
    const lines = this.linesOf(framing).readOn?.();
    return lines && (this.joiner?.readOn(lines) ?? lines);
  }

  private linesOf(framing: TextFraming): TextDecoder {
    if (this.decoder?.framing !== framing) {
      this.decoder = { framing, decode: openDecoder(framing, this.settings.framing) };
    }
    return this.decoder.decode;
  }
}
