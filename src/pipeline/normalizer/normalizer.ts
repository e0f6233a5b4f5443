import type { Checkpoint, Cursor } from '../../core/cursor.ts';
import type { Framing, Note } from '../../core/source.ts';
import type { EventBuffer } from '../../ecs/event-buffer.ts';
import { decodeRecords } from '../../framing/journal-record/decode.ts';
import type { ContinuedDecoder, TextDecoder, TextVisitor } from '../../framing/lines.ts';
import type { Correlation } from './correlation.ts';
import { Emitter } from './emitter.ts';
import { EntryDecoder, type EntrySettings, type PushEnd } from './entry-decoder.ts';
import type { Filter } from './filter.ts';
import type { Reading } from './reading.ts';
import { RecordReader } from './record-reader.ts';
import type { Tally } from './tally.ts';

/**
 * Turns the bytes of one source into events for one output. Holds all state that the reading needs (decoder, session,
 * sequence), so that it can live in any thread; the same bytes from the same checkpoint give the same events.
 */
export class Normalizer {
  /** Set when the next record has to wait: reading goes on when it has resolved. */
  waiting: Promise<void> | undefined;
  private readonly inFile: boolean;
  private readonly events: Emitter;
  private readonly records: RecordReader;
  private readonly correlation: Correlation | undefined;
  private readonly entries: EntryDecoder;

  /**
   * @param cursor where the output stands: reading starts at its checkpoint; records before its offset make no events
   * @param correlation joins this source with others of the same broker
   */
  constructor(
    source: { id: string; path?: string },
    reading: Reading,
    filter: Filter,
    cursor: Pick<Cursor, 'offset' | 'checkpoint'>,
    correlation?: Correlation,
  ) {
    this.inFile = source.path !== undefined;
    this.correlation = correlation;
    this.events = new Emitter(source, reading, filter, cursor);
    this.records = new RecordReader(reading, this.events, cursor.checkpoint.state, correlation);
    this.entries = new EntryDecoder(entrySettings(reading), cursor);
  }

  /**
   * Reads whole records from `from` to `to` until the buffer is full.
   * @param offset offset in the source of `bytes[0]`
   * @param full bytes of events at which it stops
   * @param readOn goes on with what it has of a record, instead of beginning anew
   * @returns where it stopped in `bytes`
   */
  push(
    framing: Framing,
    bytes: Buffer,
    from: number,
    to: number,
    offset: number,
    end: PushEnd,
    out: EventBuffer,
    full: number,
    readOn?: TextDecoder,
  ): number {
    const now = Date.now();
    const { events, records, inFile } = this;
    events.into(out, now);
    this.waiting = undefined;
    if (framing === 'journal')
      return from + this.pushRecords(bytes.subarray(from, to), offset + from, out, full);
    const visit: TextVisitor = (text, start, marks, seen, length, header) => {
      const at = offset + start;
      events.within(header);
      events.begin(
        events.nameAt(at),
        at,
        inFile ? at : undefined,
        length === undefined ? undefined : length + end.beyond,
      );
      records.line(at === 0 && text.startsWith('\ufeff') ? text.slice(1) : text, seen ?? now, marks);
      return out.size < full;
    };
    return this.entries.decode(framing, bytes, from, to, offset, end, visit, readOn);
  }

  /** The last entry of the last `push` waits for the line that begins the next one. */
  get isHolding(): boolean {
    return this.entries.isHolding;
  }

  /** What has happened since the last call. */
  take(): Tally {
    return this.events.take();
  }

  /** The state from which reading at `offset` gives the events that will follow now. */
  checkpoint(offset: number): Checkpoint {
    const { sequence } = this.events;
    return { offset, sequence, state: this.records.state(), ...this.entries.passing };
  }

  /** Decodes records that are longer than what is in memory; undefined: in this framing a record is one line. */
  readOn(framing: Framing): ContinuedDecoder | undefined {
    return framing === 'journal' ? undefined : this.entries.readOn(framing);
  }

  /** Every byte that the source had at that time, milliseconds since 1970, was pushed. */
  readTo(at: number): void {
    if (!this.records.isMirror) this.correlation?.logRead(at);
  }

  /** Nothing will ever follow the last record: tells what waits for more. */
  finish(out: EventBuffer): void {
    this.events.into(out, Date.now());
    this.records.finish();
  }

  /** A note of the source itself, such as a gap behind its last record; `offset` is where reading goes on. */
  gap(note: Note, offset: number, out: EventBuffer): void {
    this.events.into(out, note.seen);
    this.events.beginGap(offset, note.seen);
    this.records.note(note);
  }

  /** The same for records of a journal. @param offset offset in the source of `bytes[0]` */
  private pushRecords(bytes: Buffer, offset: number, out: EventBuffer, full: number): number {
    const { events, records, inFile } = this;
    return decodeRecords(bytes, bytes.length, offset, (record, id, at) => {
      events.begin(id, at, inFile && record.type === 'line' ? offsetIn(id) : undefined);
      this.waiting = records.record(record);
      if (this.waiting !== undefined) {
        if (!events.muted) events.tally.records--;
        return 'again';
      }
      return out.size < full ? 'more' : 'last';
    });
  }
}

function entrySettings({ limit, dialect, stream, program }: Reading): EntrySettings {
  const { timezone } = stream;
  const framing = { timezone, program: program ?? dialect.name, isChosen: program !== undefined };
  return { limit, role: dialect.role, framing };
}

/** Offset in its file of a line that came through the spool. @param id the first 36 digits of `event.id` */
function offsetIn(id: string): number {
  return Number.parseInt(id.slice(24), 16);
}
