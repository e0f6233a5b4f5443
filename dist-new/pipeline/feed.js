import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { RetryableError } from '../core/errors.js';
import { Rewound } from './delivery.js';
import { counted } from './ledger.js';
import { Normalizer } from './normalizer.js';
import { Reader } from './reader.js';
import { noTally } from './tally.js';
/** Pause after the source itself could not be read. */
const READ_RETRY_MS = 1000;
/** Share of the time that may go into taking checkpoints of a large session. */
const CHECKPOINT_SHARE = 0.01;
export function addTotals(sum, more) {
    sum.records += more.records;
    sum.empty += more.empty;
    sum.events += more.events;
    sum.filtered += more.filtered;
    sum.unparsed += more.unparsed;
    sum.foreign += more.foreign;
    sum.gaps += more.gaps;
    sum.dropped += more.dropped;
    sum.bytes += more.bytes;
}
/**
 * Carries one source to one output, from its cursor to its end, starting again whenever the output has lost what was
 * under way.
 */
export class Feed {
    source;
    totals = { ...noTally(), bytes: 0 };
    ledger;
    /** Resolves with the session's state when the present end of the source was reached for the first time. */
    drained;
    lane;
    reading;
    filter;
    correlation;
    checkpointMs;
    streams;
    onSettled;
    onEvents;
    resolveDrained;
    nextCheckpoint = 0;
    reader;
    readEvents;
    readTo = 0;
    /** Events of records up to it may have been sent before. */
    sentTo;
    constructor(options) {
        this.source = options.source;
        this.ledger = options.ledger;
        this.lane = options.lane;
        this.reading = options.reading;
        this.filter = options.filter;
        this.correlation = options.correlation;
        this.checkpointMs = options.checkpointMs;
        this.readEvents = counted(options.ledger.cursor.counters);
        this.sentTo = options.sentBefore;
        this.streams = options.streams;
        this.onSettled = options.onSettled;
        this.onEvents = options.onEvents;
        this.drained = new Promise((resolve) => {
            this.resolveDrained = resolve;
        });
    }
    /** Events read since the first start, filtered ones included; those that were given up and read again count once. */
    get read() {
        return this.readEvents;
    }
    /** Bytes of the source that are not settled. */
    get lag() {
        return Math.max(0, this.source.size() - this.ledger.cursor.offset);
    }
    /** Bytes of the source that are not in any batch yet. */
    get unread() {
        return Math.max(0, this.source.size() - this.readTo);
    }
    /** Lets the cursor's checkpoint follow when little happens. To be called now and then. */
    refresh() {
        this.reader?.refresh();
    }
    /** Runs until the source has ended and has been read, or until `stop` is aborted. */
    async run(stop) {
        while (!stop.aborted) {
            try {
                await this.lane.delivery.ready(stop);
                const epoch = this.lane.delivery.signal;
                await this.pass(epoch, AbortSignal.any([stop, epoch]));
                return;
            }
            catch (error) {
                if (stop.aborted)
                    return;
                this.readEvents -= this.ledger.pending;
                this.sentTo = Math.max(this.sentTo, this.readTo);
                this.ledger.rewind();
                if (error instanceof RetryableError)
                    await pause(READ_RETRY_MS, stop);
                else if (!(error instanceof Rewound) && !isAbort(error))
                    throw error;
            }
        }
    }
    tally(tally, bytes, out, readTo) {
        addTotals(this.totals, { ...tally, bytes });
        out.countStreams(this.streams);
        this.readEvents += tally.events + tally.filtered + tally.dropped;
        this.readTo = readTo;
        // What is read again was told before.
        if (out.count > 0 && readTo > this.sentTo)
            this.onEvents(out);
    }
    caughtUp(take) {
        this.resolveDrained?.(take());
        this.resolveDrained = undefined;
    }
    checkpoint(take) {
        const start = performance.now();
        if (start < this.nextCheckpoint)
            return undefined;
        const checkpoint = take();
        const costMs = performance.now() - start;
        this.nextCheckpoint = start + Math.max(this.checkpointMs, costMs / CHECKPOINT_SHARE);
        return checkpoint;
    }
    settled(readAt) {
        this.onSettled((performance.now() - readAt) / 1000);
    }
    async pass(epoch, signal) {
        const { source, ledger, lane, reading } = this;
        this.nextCheckpoint = 0;
        const normalizer = new Normalizer(source, reading, this.filter, ledger.cursor, this.correlation);
        this.reader = new Reader({
            source,
            lane,
            ledger,
            normalizer,
            events: this,
            limit: reading.limit,
            sentTo: this.sentTo,
            epoch,
            signal,
        });
        await this.reader.run().finally(() => {
            this.reader = undefined;
        });
    }
}
async function pause(ms, signal) {
    await delay(ms, undefined, { signal }).catch(() => { });
}
function isAbort(error) {
    return error instanceof Error && error.name === 'AbortError';
}
