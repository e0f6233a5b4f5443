import { reasonOf, UnparsedRecord } from '../core/errors.js';
import { Mark } from '../core/event.js';
import { LINE_UNPARSED, noteEvent } from './kinds.js';
const LOG_TOPICS = '$SYS/broker/log/';
/** Reads one record after the other: in the broker's dialect, as a mirrored message, or as a note of the source itself. */
export class RecordReader {
    reading;
    events;
    session;
    mirror;
    /** @param state what `state` gave */
    constructor(reading, events, state, correlation) {
        this.reading = reading;
        this.events = events;
        const deliveries = correlation?.delivered;
        const stream = { ...reading.stream, ...(deliveries && { deliveries }) };
        this.session = reading.dialect.open(stream, events.emit, state);
        this.mirror = reading.mirror?.(events.emit, correlation);
        events.follow(this.session);
    }
    /** The records are of a mirror. */
    get isMirror() {
        return this.mirror !== undefined;
    }
    /** What the dialect has to know to go on behind the last record. */
    state() {
        return this.session.state();
    }
    /** Nothing will ever follow. */
    finish() {
        this.session.finish?.();
    }
    /** @returns a promise when the record has to be given again after it has resolved; nothing was emitted then */
    record(record) {
        this.events.within(record.type === 'line' ? record.header : undefined);
        if (record.type === 'line') {
            this.events.cutFrom(record.length);
            this.line(record.text.toString('utf8'), record.seen, record.marks ?? Mark.none);
        }
        else if (record.type === 'message') {
            return this.message(record.message);
        }
        else {
            this.note(record.note);
        }
        return undefined;
    }
    note(said) {
        const { kind, values } = noteEvent(said);
        this.events.emit(kind, said.seen, said.message, values);
    }
    /**
     * @param seen milliseconds since 1970
     * @param marks bits of `Mark`
     */
    line(text, seen, marks) {
        const { events, reading } = this;
        if (text === '') {
            if (!events.muted)
                events.tally.empty++;
            return;
        }
        events.seen = seen;
        if (events.header !== undefined && !this.isBrokers(events.header, text))
            return;
        if (reading.asMessage !== undefined) {
            const message = reading.asMessage(text, seen);
            if (message === undefined)
                this.unparsed(new Error('not a captured MQTT message in JSON'), text);
            else
                void this.message(message);
            return;
        }
        events.marks = marks;
        if (reading.original)
            events.keepOriginal(this.shown(text));
        try {
            this.session.line(text, seen, marks);
        }
        catch (error) {
            this.unparsed(error, text);
        }
        events.marks = Mark.none;
        events.keepOriginal(undefined);
        events.followVersion();
    }
    /** What is not the broker's is counted, and told where nobody knows whose it is. */
    isBrokers({ origin }, text) {
        if (origin === 'broker')
            return true;
        if (origin === 'unknown')
            this.unparsed(new Error('the header that the other lines of this log have is missing'), text);
        else if (!this.events.muted)
            this.events.tally.foreign++;
        return false;
    }
    message(message) {
        const { events, reading } = this;
        events.seen = message.seen;
        let again;
        try {
            if (message.topic.startsWith(LOG_TOPICS)) {
                if (reading.ignoreLogTopics)
                    events.tally.filtered += events.muted ? 0 : 1;
                else
                    this.session.message(message);
            }
            else if (reading.dialect.owns?.(message.topic) === true) {
                this.session.message(message);
            }
            else {
                again = this.mirror?.message(message, !events.muted);
            }
        }
        catch (error) {
            this.unparsed(error, '');
        }
        events.followVersion();
        return again;
    }
    unparsed(error, text) {
        const { events } = this;
        if (!events.muted)
            events.tally.unparsed++;
        const shown = error instanceof UnparsedRecord ? error.text : this.shown(text);
        events.emit(LINE_UNPARSED, events.seen, shown, [reasonOf(error)]);
    }
    shown(text) {
        return this.reading.dialect.original?.(text) ?? text;
    }
}
