import { EventBuffer } from '../ecs/event-buffer.js';
import { abortable } from './abortable.js';
import { Correlation } from './correlation.js';
import { Delivery } from './delivery.js';
import { addTotals, Feed } from './feed.js';
import { Filter } from './filter.js';
import { counted, Ledger, NO_COUNTERS } from './ledger.js';
import { Pool } from './pool.js';
import { BATCH_BUFFER_BYTES, READ_BYTES } from './reader.js';
/** Buffers of one output: one is filled while the others are on their way. */
const BATCH_BUFFERS = 3;
const READ_BUFFERS = 2;
/** One output with everything that is carried to it. Its memory is these buffers, however many sources there are. */
export class Lane {
    name;
    type;
    delivery;
    output;
    reads = new Pool(Array.from({ length: READ_BUFFERS }, () => Buffer.allocUnsafeSlow(READ_BYTES)));
    batches = new Pool(Array.from({ length: BATCH_BUFFERS }, () => new EventBuffer(BATCH_BUFFER_BYTES)));
    filters;
    cursors;
    checkpointMs;
    onSettled;
    onEvents;
    running = new Set();
    bySource = new WeakMap();
    /** By broker. */
    correlations = new Map();
    /** Totals of sources that have ended, by input. */
    ended = new Map();
    /** Events by input and data stream. */
    streams = new Map();
    constructor(options) {
        this.name = options.name;
        this.type = options.type;
        this.output = options.output;
        this.delivery = new Delivery(options.name, options.output, options.graveyard, options.log, options.backoff);
        this.filters = options.filters;
        this.cursors = options.cursors;
        this.checkpointMs = options.checkpointMs;
        this.onSettled = options.onSettled;
        this.onEvents = options.onEvents ?? (() => { });
    }
    /** Bytes of journals that no batch holds yet. */
    get unread() {
        let sum = 0;
        for (const feed of this.running)
            if (!feed.source.durable)
                sum += feed.unread;
        return sum;
    }
    /** Bytes of an input's sources that are not settled. */
    lag(input) {
        let sum = 0;
        for (const feed of this.running)
            if (feed.source.input === input)
                sum += feed.lag;
        return sum;
    }
    /** What was read of each source of an input since the start. */
    inputTotals(input) {
        const totals = [...this.running].filter((feed) => feed.source.input === input).map((feed) => feed.totals);
        const ended = this.ended.get(input);
        return ended === undefined ? totals : [...totals, ended];
    }
    /** Events since the start. */
    *eventCounts() {
        for (const [input, streams] of this.streams) {
            for (const [stream, count] of streams) {
                yield { input, dataset: stream.slice(stream.indexOf('-') + 1, stream.lastIndexOf('-')), count };
            }
        }
    }
    /**
     * Carries a source to the output.
     * @param filters of the source's input
     * @param after its session goes on in this source, when this output has never read it
     * @returns resolves when it was read and settled to its end, or when `stop` is aborted
     */
    async carry(source, reading, filters, after, stop) {
        const saved = this.cursors.load(source);
        const cursor = saved ?? (await this.inherit(after, stop));
        if (cursor === undefined)
            return;
        const ledger = new Ledger(cursor, (moved) => {
            this.cursors.save(source, moved);
            source.settled(this.name, moved.offset, moved.checkpoint.offset);
        });
        const feed = new Feed({
            source,
            ledger,
            lane: { delivery: this.delivery, reads: this.reads, batches: this.batches },
            reading,
            filter: new Filter([filters, this.filters], reading.leftOut),
            correlation: reading.join && this.correlationOf(reading.join),
            sentBefore: this.cursors.sentBefore(source),
            checkpointMs: this.checkpointMs,
            streams: this.streamsOf(source.input),
            onSettled: this.onSettled,
            onEvents: this.onEvents,
        });
        this.running.add(feed);
        this.bySource.set(source, feed);
        await feed.run(stop);
        if (stop.aborted)
            return;
        this.running.delete(feed);
        const ended = this.ended.get(source.input);
        if (ended === undefined)
            this.ended.set(source.input, feed.totals);
        else
            addTotals(ended, feed.totals);
    }
    /** Lets the cursors' checkpoints follow when little happens. To be called before the cursors are saved. */
    refresh() {
        for (const feed of this.running)
            feed.refresh();
    }
    /** Totals since the first start. */
    balance() {
        const counters = this.cursors.totals();
        let read = counted(counters);
        let pending = 0;
        for (const feed of this.running) {
            read += feed.read - counted(feed.ledger.cursor.counters);
            pending += feed.ledger.pending;
        }
        return { read, ...counters, pending };
    }
    /** Dead letters of a source were replayed and taken. */
    revive(source, letters) {
        const feed = [...this.running].find((running) => running.source.id === source);
        if (feed === undefined)
            this.cursors.revive(source, letters);
        else
            feed.ledger.revive(letters);
    }
    correlationOf({ broker, waitMs }) {
        const correlation = this.correlations.get(broker) ?? new Correlation(waitMs);
        this.correlations.set(broker, correlation);
        return correlation;
    }
    streamsOf(input) {
        const counts = this.streams.get(input) ?? new Map();
        this.streams.set(input, counts);
        return counts;
    }
    /** The cursor of a source that this output has never read: its beginning, with the session of the one before it. */
    async inherit(after, stop) {
        const before = after === undefined ? undefined : this.bySource.get(after);
        try {
            const checkpoint = before === undefined ? undefined : await abortable(before.drained, stop);
            const state = checkpoint?.state;
            return {
                offset: 0,
                before: '',
                checkpoint: { offset: 0, sequence: 0, ...(state && { state }) },
                counters: NO_COUNTERS,
            };
        }
        catch {
            return undefined;
        }
    }
}
