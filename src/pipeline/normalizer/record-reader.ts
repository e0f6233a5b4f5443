import type { MqttMessage, Session } from '../../core/dialect.ts';
import { reasonOf, UnparsedRecord } from '../../core/errors.ts';
import { type JsonObject, Mark } from '../../core/event.ts';
import type { RecordHeader } from '../../core/header.ts';
import type { JournalRecord, Note } from '../../core/source.ts';
import type { Correlation } from './correlation.ts';
import type { Emitter } from './emitter.ts';
import { LINE_UNPARSED, noteEvent } from './kinds.ts';
import type { MessageReader, Reading } from './reading.ts';

const LOG_TOPICS = '$SYS/broker/log/';

/** Reads one record after the other: in the broker's dialect, as a mirrored message, or as a note of the source itself. */
export class RecordReader {
  private readonly reading: Reading;
  private readonly events: Emitter;
  private readonly session: Session;
  private readonly mirror: MessageReader | undefined;

  /** @param state what `state` gave */
  constructor(
    reading: Reading,
    events: Emitter,
    state: JsonObject | undefined,
    correlation: Correlation | undefined,
  ) {
    this.reading = reading;
    this.events = events;
    const deliveries = correlation?.delivered;
    const stream = { ...reading.stream, ...(deliveries && { deliveries }) };
    this.session = reading.dialect.open(stream, events.emit, state);
    this.mirror = reading.mirror?.(events.emit, correlation);
    events.follow(this.session);
  }

  /** The records are of a mirror. */
  get isMirror(): boolean {
    return this.mirror !== undefined;
  }

  /** What the dialect has to know to go on behind the last record. */
  state(): JsonObject {
    return this.session.state();
  }

  /** Nothing will ever follow. */
  finish(): void {
    this.session.finish?.();
  }

  /** @returns a promise when the record has to be given again after it has resolved; nothing was emitted then */
  record(record: JournalRecord): Promise<void> | undefined {
    this.events.within(record.type === 'line' ? record.header : undefined);
    if (record.type === 'line') {
      this.events.cutFrom(record.length);
      this.line(record.text.toString('utf8'), record.seen, record.marks ?? Mark.none);
    } else if (record.type === 'message') {
      return this.message(record.message);
    } else {
      this.note(record.note);
    }
    return undefined;
  }

  note(said: Note): void {
    const { kind, values } = noteEvent(said);
    this.events.emit(kind, said.seen, said.message, values);
  }

  /**
   * @param seen milliseconds since 1970
   * @param marks bits of `Mark`
   */
  line(text: string, seen: number, marks: number): void {
    const { events, reading } = this;
    if (text === '') {
      if (!events.muted) events.tally.empty++;
      return;
    }
    events.seen = seen;
    if (events.header !== undefined && !this.isBrokers(events.header, text)) return;
    if (reading.asMessage !== undefined) {
      const message = reading.asMessage(text, seen);
      if (message === undefined) this.unparsed(new Error('not a captured MQTT message in JSON'), text);
      else void this.message(message);
      return;
    }
    events.marks = marks;
    if (reading.original) events.keepOriginal(this.shown(text));
    try {
      this.session.line(text, seen, marks);
    } catch (error) {
      this.unparsed(error, text);
    }
    events.marks = Mark.none;
    events.keepOriginal(undefined);
    events.followVersion();
  }

  /** What is not the broker's is counted, and told where nobody knows whose it is. */
  private isBrokers({ origin }: RecordHeader, text: string): boolean {
    if (origin === 'broker') return true;
    if (origin === 'unknown')
      this.unparsed(new Error('the header that the other lines of this log have is missing'), text);
    else if (!this.events.muted) this.events.tally.foreign++;
    return false;
  }

  private message(message: MqttMessage): Promise<void> | undefined {
    const { events, reading } = this;
    events.seen = message.seen;
    let again: Promise<void> | undefined;
    try {
      if (message.topic.startsWith(LOG_TOPICS)) {
        if (reading.ignoreLogTopics) events.tally.filtered += events.muted ? 0 : 1;
        else this.session.message(message);
      } else if (reading.dialect.owns?.(message.topic) === true) {
        this.session.message(message);
      } else {
        again = this.mirror?.message(message, !events.muted);
      }
    } catch (error) {
      this.unparsed(error, '');
    }
    events.followVersion();
    return again;
  }

  private unparsed(error: unknown, text: string): void {
    const { events } = this;
    if (!events.muted) events.tally.unparsed++;
    const shown = error instanceof UnparsedRecord ? error.text : this.shown(text);
    events.emit(LINE_UNPARSED, events.seen, shown, [reasonOf(error)]);
  }

  private shown(text: string): string {
    return this.reading.dialect.original?.(text) ?? text;
  }
}
