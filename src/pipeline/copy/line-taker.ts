import type { Checkpoint, Cursor } from '../../core/cursor.ts';
import type { Framing, Journal, JournalRecord, Note } from '../../core/source.ts';
import type { EventBuffer } from '../../ecs/event-buffer.ts';
import type { TextFraming } from '../../framing/detect.ts';
import type { ContinuedDecoder, TextDecoder, TextVisitor } from '../../framing/lines.ts';
import { EntryDecoder, type EntrySettings, type PushEnd } from '../normalizer/entry-decoder.ts';
import { noTally, type Tally } from '../normalizer/tally.ts';
import type { RecordTaker } from '../reader/reader.ts';

/**
 * Takes the lines of a file into a journal, in the place of a normalizer: each keeps the id that its events would have if
 * the file were read directly.
 */
export class LineTaker implements RecordTaker {
  /** Set while the journal has no room. */
  waiting: Promise<void> | undefined;
  private readonly source: string;
  private readonly journal: Journal;
  private readonly signal: AbortSignal;
  private readonly taken: Map<string, number>;
  private readonly cursor: Pick<Cursor, 'offset' | 'checkpoint'>;
  private readonly entries: EntryDecoder;
  private tally = noTally();
  /** Entries that quiet has ended. The journal gets them when the place where they end is safe. */
  private cut: readonly JournalRecord[] = [];
  /** Offset of the last line that was found. */
  private last: number;
  private admitted: Promise<void> = Promise.resolve();
  private kept: Promise<void> = Promise.resolve();

  /**
   * @param options `taken`: by source, offset of the last line that the journal has; is kept up to date. `cursor`: where
   * reading starts; lines before its offset are not taken
   */
  constructor(options: {
    source: string;
    settings: EntrySettings;
    journal: Journal;
    taken: Map<string, number>;
    cursor: Pick<Cursor, 'offset' | 'checkpoint'>;
    signal: AbortSignal;
  }) {
    this.source = options.source;
    this.journal = options.journal;
    this.taken = options.taken;
    this.cursor = options.cursor;
    this.signal = options.signal;
    this.entries = new EntryDecoder(options.settings, options.cursor);
    this.last = this.taken.get(this.source) ?? -1;
  }

  get isHolding(): boolean {
    return this.entries.isHolding;
  }

  push(
    framing: Framing,
    bytes: Buffer,
    from: number,
    to: number,
    offset: number,
    end: PushEnd,
    _out: EventBuffer,
    full: number,
    readOn?: TextDecoder,
  ): number {
    this.waiting = undefined;
    const now = Date.now();
    const lines: JournalRecord[] = [];
    const visit: TextVisitor = (text, start, marks, seen, length, header) => {
      const at = offset + start;
      // 0: it stops behind the first record.
      const goesOn = full > 0;
      if (!this.isNew(at)) return goesOn;
      this.last = at;
      const line = at === 0 && text.startsWith('\ufeff') ? text.slice(1) : text;
      const id = this.source + at.toString(16).padStart(12, '0');
      const record = { type: 'line', seen: seen ?? now, text: Buffer.from(line), id, marks, header } as const;
      lines.push({ ...record, length: length === undefined ? undefined : length + end.beyond });
      return goesOn;
    };
    const used = this.entries.decode(framing as TextFraming, bytes, from, to, offset, end, visit, readOn);
    if (end.quiet === true) this.cut = lines;
    else this.admit(lines);
    return used;
  }

  readOn(framing: Framing): ContinuedDecoder | undefined {
    return this.entries.readOn(framing as TextFraming);
  }

  gap(note: Note): void {
    this.admit([{ type: 'note', note }]);
  }

  take(): Tally {
    this.admit(this.cut);
    this.cut = [];
    const { tally } = this;
    this.tally = noTally();
    return tally;
  }

  checkpoint(offset: number): Checkpoint {
    return { offset, sequence: 0, ...this.entries.passing };
  }

  readTo(): void {
    // Nobody waits for lines of a file that go through a journal.
  }

  /** Resolves when everything that was taken up to now is as safe as the journal can make it. */
  async safe(): Promise<void> {
    await this.admitted;
    await this.kept;
  }

  /** The journal has not got it, neither from this run nor from an earlier one. */
  private isNew(at: number): boolean {
    return at >= this.cursor.offset && at > this.last;
  }

  private admit(records: readonly JournalRecord[]): void {
    if (records.length === 0) return;
    this.taken.set(this.source, this.last);
    this.tally.records += records.length;
    this.tally.events += records.length;
    const appended = this.append(records, 0);
    if (appended === records.length) {
      this.wait(this.journal.relief());
    } else {
      this.admitted = this.appendRest(records, appended);
      this.admitted.catch(() => {});
      this.wait(this.admitted);
    }
  }

  /** Nothing is to be given until `room` has resolved. */
  private wait(room: Promise<void> | undefined): void {
    const waiting = room?.finally(() => {
      if (this.waiting === waiting) this.waiting = undefined;
    });
    waiting?.catch(() => {});
    this.waiting = waiting;
  }

  /** @returns index of the first record that found no room */
  private append(records: readonly JournalRecord[], from: number): number {
    for (let i = from; i < records.length; i++) {
      const kept = this.journal.append(records[i] as JournalRecord);
      if (kept === undefined) return i;
      this.kept = kept;
    }
    return records.length;
  }

  private async appendRest(records: readonly JournalRecord[], from: number): Promise<void> {
    for (let next = from; next < records.length; next = this.append(records, next)) {
      await this.journal.room(this.signal);
    }
  }
}
