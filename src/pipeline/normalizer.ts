import type { Dialect, MqttMessage, Session, StreamInfo } from '../core/dialect.ts';
import { reasonOf, UnparsedRecord } from '../core/errors.ts';
import { type Emit, type EventKind, Mark, type Slot } from '../core/event.ts';
import type { RecordHeader } from '../core/header.ts';
import type { Framing, JournalRecord, Note } from '../core/source.ts';
import { RecordNames } from '../ecs/digits.ts';
import { Encoder } from '../ecs/encoder.ts';
import type { EventBuffer } from '../ecs/event-buffer.ts';
import type { Envelope } from '../ecs/template.ts';
import { openDecoder } from '../framing/detect.ts';
import { EntryJoiner } from '../framing/entries.ts';
import { decodeRecords } from '../framing/journal-record.ts';
import type { ContinuedDecoder, TextDecoder, TextVisitor } from '../framing/lines.ts';
import type { Correlation } from './correlation.ts';
import type { Filter } from './filter.ts';
import { Headers } from './headers.ts';
import { isNote, LINE_UNPARSED, noteEvent } from './kinds.ts';
import type { Checkpoint, Cursor } from './ledger.ts';
import type { Privacy } from './privacy.ts';

/** How the records of one input become events. */
export interface Reading {
  readonly dialect: Dialect;
  readonly stream: StreamInfo;
  /** Client ids of the probe whose log lines make no events. */
  readonly leftOut: ReadonlySet<string>;
  readonly envelope: Envelope;
  readonly namespace: string;
  /** Bytes that are kept of one line. */
  readonly limit: number;
  /** Program or container whose records are the broker's, where others write beside it; undefined: the dialect's name. */
  readonly program?: string;
  /** `host.name` was chosen: that of a syslog line does not replace it. */
  readonly isHostChosen?: boolean;
  /** Makes the reader of mirrored messages. */
  readonly mirror?: (emit: Emit, correlation: Correlation | undefined) => MessageReader;
  /** `event.original` is kept. */
  readonly original: boolean;
  /** Hides names and addresses; undefined: nothing is hidden. */
  readonly privacy?: Privacy | undefined;
  /** Log and traffic of the broker with this name are joined. */
  readonly join?: Join | undefined;
  /** Each line is a captured message: reads it; undefined when it is none. */
  readonly asMessage?: (line: string, seen: number) => MqttMessage | undefined;
  /** `$SYS/broker/log/#` is left out, because the broker's log file is read. */
  readonly ignoreLogTopics: boolean;
}

/** Makes events of mirrored messages. */
export interface MessageReader {
  /**
   * @param canWait false: it has to be told at once
   * @returns a promise when the message has to be given again after it has resolved; nothing was emitted then
   */
  message(message: MqttMessage, canWait: boolean): Promise<void> | undefined;
}

/** Which inputs are about the same broker, and how long a message waits for its log line. */
export interface Join {
  readonly broker: string;
  readonly waitMs: number;
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

/** What became of the records of one `push`. */
export interface Tally {
  records: number;
  empty: number;
  events: number;
  filtered: number;
  unparsed: number;
  /** Records of other programs. */
  foreign: number;
  gaps: number;
  /** Records that could not be read. */
  dropped: number;
}

export function noTally(): Tally {
  return { records: 0, empty: 0, events: 0, filtered: 0, unparsed: 0, foreign: 0, gaps: 0, dropped: 0 };
}

/** Index of a gap's event at its offset; events of lines count from 0. */
const GAP_INDEX = 0xffff;
const LOG_TOPICS = '$SYS/broker/log/';
/** The times that a Date can hold (ECMA-262 §21.4.1.1). */
const MAX_TIME = 8.64e15;

/**
 * Turns the bytes of one source into events for one output. Holds all state that the reading needs (decoder, session,
 * sequence), so that it can live in any thread; the same bytes from the same checkpoint give the same events.
 */
export class Normalizer {
  private tally = noTally();
  private readonly inFile: boolean;
  private readonly reading: Reading;
  private readonly filter: Filter;
  private readonly encoder: Encoder;
  private readonly session: Session;
  private readonly mirror: MessageReader | undefined;
  private readonly correlation: Correlation | undefined;
  private readonly muteBefore: number;
  /** Joins lines to entries; undefined: every line is one. */
  private readonly joiner: EntryJoiner | undefined;
  /** Set when the next record has to wait: reading goes on when it has resolved. */
  waiting: Promise<void> | undefined;
  private decoder: { readonly framing: Framing; readonly decode: TextDecoder } | undefined;
  private readonly headers: Headers;
  private header: RecordHeader | undefined;
  private version: string | undefined;
  private sequence: number;
  private out: EventBuffer | undefined;
  private muted = false;
  private index = 0;
  private seen = 0;
  private lineMarks: number = Mark.none;
  private readonly origin = {
    record: '',
    offset: undefined as number | undefined,
    length: undefined as number | undefined,
    original: undefined as string | undefined,
    created: '',
  };
  private createdAt = Number.NaN;
  private readonly records: RecordNames;

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
    this.records = new RecordNames(source.id);
    this.inFile = source.path !== undefined;
    this.reading = reading;
    this.filter = filter;
    const { checkpoint } = cursor;
    const path: Envelope = source.path === undefined ? {} : { 'log.file.path': source.path };
    this.encoder = new Encoder({ ...reading.envelope, ...path }, reading.dialect.provider, reading.namespace);
    this.headers = new Headers(this.encoder, reading.isHostChosen === true);
    this.muteBefore = cursor.offset;
    this.sequence = checkpoint.sequence;
    this.correlation = correlation;
    const { role } = reading.dialect;
    this.joiner = role && new EntryJoiner(role, checkpoint.passing === true);
    const stream = correlation === undefined ? {} : { deliveries: correlation.delivered };
    this.session = reading.dialect.open({ ...reading.stream, ...stream }, this.emit, checkpoint.state);
    this.mirror = reading.mirror?.(this.emit, correlation);
    this.followVersion();
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
    this.out = out;
    this.waiting = undefined;
    if (now !== this.createdAt) {
      this.createdAt = now;
      this.origin.created = new Date(now).toISOString();
    }
    if (framing === 'journal') {
      return (
        from +
        decodeRecords(bytes.subarray(from, to), to - from, offset + from, (record, id, at) => {
          this.begin(id, at, undefined);
          this.waiting = this.record(record);
          if (this.waiting !== undefined) {
            if (!this.muted) this.tally.records--;
            return 'again';
          }
          return out.size < full ? 'more' : 'last';
        })
      );
    }
    const visit: TextVisitor = (text, start, marks, seen, length, header) => {
      const at = offset + start;
      if (header !== this.header) this.follow(header);
      this.begin(this.records.at(at), at, length === undefined ? undefined : length + end.beyond);
      if (this.inFile) this.origin.offset = at;
      this.line(at === 0 && text.startsWith('\ufeff') ? text.slice(1) : text, seen ?? now, marks);
      return out.size < full;
    };
    const { limit } = this.reading;
    const decode = readOn ?? this.decoderOf(framing);
    if (this.joiner === undefined) return decode(bytes, from, to, limit, end.final, visit);
    // What is settled ended there, whatever has come since.
    const isCut = (start: number): boolean =>
      offset + start === this.muteBefore || end.cuts?.has(offset + start) === true;
    return this.joiner.decode(decode, bytes, from, to, limit, end, isCut, visit);
  }

  /** The last entry of the last `push` waits for the line that begins the next one. */
  get isHolding(): boolean {
    return this.joiner?.isHolding === true;
  }

  /** What has happened since the last call. */
  take(): Tally {
    const { tally } = this;
    this.tally = noTally();
    return tally;
  }

  /** The state from which reading at `offset` gives the events that will follow now. */
  checkpoint(offset: number): Checkpoint {
    const passing = this.joiner?.isPassing === true;
    return { offset, sequence: this.sequence, state: this.session.state(), ...(passing && { passing }) };
  }

  /**
   * Decodes records that are longer than what is in memory; undefined: in this framing a record is one line, or records
   * themselves are joined to entries, whose beginning has to be read again.
   */
  readOn(framing: Framing): ContinuedDecoder | undefined {
    return framing === 'journal' || this.joiner !== undefined
      ? undefined
      : this.decoderOf(framing).readOn?.();
  }

  private decoderOf(framing: Exclude<Framing, 'journal'>): TextDecoder {
    if (this.decoder?.framing !== framing) {
      const { program, dialect, stream } = this.reading;
      const { timezone } = stream;
      const isChosen = program !== undefined;
      this.decoder = {
        framing,
        decode: openDecoder(framing, { timezone, program: program ?? dialect.name, isChosen }),
      };
    }
    return this.decoder.decode;
  }

  private follow(header: RecordHeader | undefined): void {
    this.header = header;
    this.headers.follow(header);
  }

  private begin(record: string, at: number, length: number | undefined): void {
    this.origin.record = record;
    this.origin.length = length;
    this.index = 0;
    this.muted = at < this.muteBefore;
    if (!this.muted) this.tally.records++;
  }

  /** Every byte that the source had at that time, milliseconds since 1970, was pushed. */
  readTo(at: number): void {
    if (this.mirror === undefined) this.correlation?.logRead(at);
  }

  private record(record: JournalRecord): Promise<void> | undefined {
    const header = record.type === 'line' ? record.header : undefined;
    if (header !== this.header) this.follow(header);
    if (record.type === 'line') {
      this.origin.length = record.length;
      this.line(record.text.toString('utf8'), record.seen, record.marks ?? Mark.none);
    } else if (record.type === 'message') {
      return this.message(record.message);
    } else {
      this.note(record.note);
    }
    return undefined;
  }

  /** A note of the source itself, such as a gap behind its last record; `offset` is where reading goes on. */
  gap(note: Note, offset: number, out: EventBuffer): void {
    this.out = out;
    this.origin.created = new Date(note.seen).toISOString();
    this.createdAt = Number.NaN;
    this.follow(undefined);
    this.begin(this.records.at(offset), offset, undefined);
    this.index = GAP_INDEX;
    this.note(note);
  }

  private note(said: Note): void {
    const { kind, values } = noteEvent(said);
    this.emit(kind, said.seen, said.message, values);
  }

  private line(text: string, seen: number, marks: number): void {
    if (text === '') {
      if (!this.muted) this.tally.empty++;
      return;
    }
    this.seen = seen;
    if (this.header !== undefined && !this.isBrokers(this.header, text)) return;
    if (this.reading.asMessage !== undefined) {
      const message = this.reading.asMessage(text, seen);
      if (message === undefined) this.unparsed(new Error('not a captured MQTT message in JSON'), text);
      else void this.message(message);
      return;
    }
    this.lineMarks = marks;
    if (this.reading.original) this.origin.original = this.shown(text);
    try {
      this.session.line(text, seen, marks);
    } catch (error) {
      this.unparsed(error, text);
    }
    this.lineMarks = Mark.none;
    this.origin.original = undefined;
    if (this.session.version !== this.version) this.followVersion();
  }

  /** What is not the broker's is counted, and told where nobody knows whose it is. */
  private isBrokers({ origin }: RecordHeader, text: string): boolean {
    if (origin === 'broker') return true;
    if (origin === 'unknown')
      this.unparsed(new Error('the header that the other lines of this log have is missing'), text);
    else if (!this.muted) this.tally.foreign++;
    return false;
  }

  private message(message: MqttMessage): Promise<void> | undefined {
    this.seen = message.seen;
    let again: Promise<void> | undefined;
    try {
      if (message.topic.startsWith(LOG_TOPICS)) {
        if (this.reading.ignoreLogTopics) this.tally.filtered += this.muted ? 0 : 1;
        else this.session.message(message);
      } else if (this.reading.dialect.owns?.(message.topic) === true) {
        this.session.message(message);
      } else {
        again = this.mirror?.message(message, !this.muted);
      }
    } catch (error) {
      this.unparsed(error, '');
    }
    if (this.session.version !== this.version) this.followVersion();
    return again;
  }

  private unparsed(error: unknown, text: string): void {
    if (!this.muted) this.tally.unparsed++;
    const shown = error instanceof UnparsedRecord ? error.text : this.shown(text);
    this.emit(LINE_UNPARSED, this.seen, shown, [reasonOf(error)]);
  }

  private shown(text: string): string {
    return this.reading.dialect.original?.(text) ?? text;
  }

  private followVersion(): void {
    this.version = this.session.version;
    this.encoder.set('service.version', this.version);
  }

  private readonly emit: Emit = (
    kind: EventKind,
    time: number,
    message: string,
    values: readonly Slot[],
    marks = 0,
  ) => {
    // The line that tells the version has it too.
    if (this.session.version !== this.version) this.followVersion();
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
    const when = time >= -MAX_TIME && time <= MAX_TIME ? time : this.seen;
    const all = marks | this.lineMarks;
    const { out, origin } = this;
    const { privacy } = this.reading;
    if (privacy === undefined || isNote(kind)) {
      this.encoder.encode(out, origin, index, sequence, levelled, when, message, values, all);
      return;
    }
    const shown = privacy.values(kind, values);
    this.encoder.encode(
      out,
      origin,
      index,
      sequence,
      levelled,
      when,
      privacy.message(kind, shown),
      shown,
      all,
    );
  };
}
