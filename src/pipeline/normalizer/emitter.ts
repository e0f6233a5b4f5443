import type { Cursor } from '../../core/cursor.ts';
import type { Session } from '../../core/dialect.ts';
import { type Emit, type EventKind, Mark, type Slot } from '../../core/event.ts';
import type { RecordHeader } from '../../core/header.ts';
import { Encoder } from '../../ecs/encoder.ts';
import type { EventBuffer } from '../../ecs/event-buffer.ts';
import { RecordNames } from '../../framing/record-names.ts';
import type { Filter } from './filter.ts';
import { Headers } from './headers.ts';
import { isNote } from './kinds.ts';
import type { Reading } from './reading.ts';
import { noTally, type Tally } from './tally.ts';

/** The years 0 to 9999: Elasticsearch refuses an event of another one. */
const MIN_TIME = -62_167_219_200_000;
const MAX_TIME = 253_402_300_799_999;
/** Index of a gap's event at its offset; events of lines count from 0. */
const GAP_INDEX = 0xffff;

/** Names, numbers, filters, hides and encodes the events of one record after the other. */
export class Emitter {
  tally = noTally();
  /** `event.sequence` of the next event. */
  sequence: number;
  /** The record in hand lies before the cursor: its events are not told again. */
  muted = false;
  /** When the record in hand was seen, milliseconds since 1970. */
  seen = 0;
  /** Bits of `Mark` that all events of the record in hand have. */
  marks: number = Mark.none;
  /** What stood around the record in hand. */
  header: RecordHeader | undefined;
  private readonly names: RecordNames;
  private readonly reading: Reading;
  private readonly filter: Filter;
  private readonly encoder: Encoder;
  private readonly headers: Headers;
  private readonly muteBefore: number;
  private session: Session | undefined;
  private version: string | undefined;
  private out: EventBuffer | undefined;
  private index = 0;
  private readonly origin = {
    record: '',
    offset: undefined as number | undefined,
    length: undefined as number | undefined,
    original: undefined as string | undefined,
    created: '',
  };
  private createdAt = Number.NaN;

  constructor(
    source: { id: string; path?: string },
    reading: Reading,
    filter: Filter,
    { offset, checkpoint }: Pick<Cursor, 'offset' | 'checkpoint'>,
  ) {
    const path = source.path === undefined ? {} : { 'log.file.path': source.path };
    this.names = new RecordNames(source.id);
    this.reading = reading;
    this.filter = filter;
    this.encoder = new Encoder({ ...reading.envelope, ...path }, reading.dialect.provider, reading.namespace);
    this.headers = new Headers(this.encoder, reading.isHostChosen === true);
    this.muteBefore = offset;
    this.sequence = checkpoint.sequence;
  }

  /** The broker's version is the one that this session knows. */
  follow(session: Session): void {
    this.session = session;
    this.followVersion();
  }

  /**
   * The events to come go into this buffer.
   * @param now milliseconds since 1970
   */
  into(out: EventBuffer, now: number): void {
    this.out = out;
    if (now === this.createdAt) return;
    this.createdAt = now;
    this.origin.created = new Date(now).toISOString();
  }

  /** `event.id` of a line's first event, without the index. */
  nameAt(offset: number): string {
    return this.names.at(offset);
  }

  /**
   * Takes up a record.
   * @param record 36 hex digits that name it
   * @param at its place in the source
   * @param offset `log.offset`; undefined outside files
   * @param length its bytes before it was cut; undefined: it is whole
   */
  begin(record: string, at: number, offset?: number, length?: number): void {
    const { origin } = this;
    origin.record = record;
    origin.offset = offset;
    origin.length = length;
    this.index = 0;
    this.muted = at < this.muteBefore;
    if (!this.muted) this.tally.records++;
  }

  /** Takes up what stands for no record, at the place where reading goes on. */
  beginGap(at: number, seen: number, offset?: number): void {
    this.within(undefined);
    this.begin(this.nameAt(at), at, offset);
    this.index = GAP_INDEX;
    this.seen = seen;
  }

  /** The record in hand has this header. */
  within(header: RecordHeader | undefined): void {
    if (header === this.header) return;
    this.header = header;
    this.headers.follow(header);
  }

  /** Bytes of the record in hand before it was cut. */
  cutFrom(length: number | undefined): void {
    this.origin.length = length;
  }

  /** `event.original` of the record in hand. */
  keepOriginal(text: string | undefined): void {
    this.origin.original = text;
  }

  /** The session may have learnt of another version. */
  followVersion(): void {
    const version = this.session?.version;
    if (version === this.version) return;
    this.version = version;
    this.encoder.set('service.version', version);
  }

  /** What has happened since the last call. */
  take(): Tally {
    const { tally } = this;
    this.tally = noTally();
    return tally;
  }

  readonly emit: Emit = (
    kind: EventKind,
    time: number,
    message: string,
    values: readonly Slot[],
    marks = 0,
  ) => {
    // The line that tells the version has it too.
    this.followVersion();
    const index = this.index++;
    const sequence = this.sequence++;
    if (this.muted || this.out === undefined) return;
    const levelled = this.header === undefined ? kind : this.headers.levelled(kind);
    if (!this.filter.passes(levelled, values)) {
      this.tally.filtered++;
      return;
    }
    this.tally.events++;
    if (kind.action === 'input-gap') this.tally.gaps++;
    const when = time >= MIN_TIME && time <= MAX_TIME ? time : this.seen;
    const all = marks | this.marks;
    const { out, origin } = this;
    const { privacy } = this.reading;
    if (privacy === undefined || isNote(kind)) {
      this.encoder.encode(out, origin, index, sequence, levelled, when, message, values, all);
      return;
    }
    const shown = privacy.values(kind, values);
    const said = privacy.message(kind, shown);
    this.encoder.encode(out, origin, index, sequence, levelled, when, said, shown, all);
  };
}
