import { setTimeout as delay } from 'node:timers/promises';
import { RetryableError } from '../core/errors.js';
import { EventBuffer } from '../ecs/event-buffer.js';
import { abortable } from './abortable.js';
import { Rewound } from './delivery.js';
import { Ledger } from './ledger.js';
import { LineTaker } from './line-taker.js';
import { Pool } from './pool.js';
import { READ_BYTES, Reader } from './reader.js';
/** Pause after the source itself could not be read. */
const READ_RETRY_MS = 1000;
/** Reads whose lines may wait for the disk. */
const UNDER_WAY = 4;
/** Buffers that the copies of one input share. */
export class CopyBuffers {
    reads = new Pool([Buffer.allocUnsafeSlow(READ_BYTES)]);
    /** They stay empty: what is taken goes into the journal. */
    batches = new Pool(Array.from({ length: UNDER_WAY }, () => new EventBuffer(0)));
}
/** Copies the lines of one file into a journal, from a cursor to its end. The cursor moves when the lines are safe there. */
export class Copy {
    /** Resolves when the present end of the file was reached for the first time, or nothing will come of it. */
    drained;
    source;
    journal;
    settings;
    buffers;
    taken;
    ledger;
    after;
    resolveDrained = () => { };
    constructor(options) {
        this.source = options.source;
        this.journal = options.journal;
        this.settings = options.settings;
        this.buffers = options.buffers;
        this.taken = options.taken;
        this.ledger = new Ledger(options.cursor, options.moved);
        this.after = options.after;
        this.drained = new Promise((resolve) => {
            this.resolveDrained = resolve;
        });
    }
    /** Bytes of the file that are not safe in the journal. */
    get lag() {
        return Math.max(0, this.source.size() - this.ledger.cursor.offset);
    }
    /** Runs until the file has ended and all of it is safe, or until `stop` is aborted. */
    async run(stop) {
        try {
            if (this.after !== undefined)
                await abortable(this.after, stop);
            await this.pass(stop);
        }
        catch (error) {
            if (stop.aborted)
                return;
            if (!(error instanceof RetryableError))
                throw error;
            this.ledger.rewind();
            await delay(READ_RETRY_MS, undefined, { signal: stop }).catch(() => { });
            await this.run(stop);
        }
        finally {
            this.resolveDrained();
        }
    }
    tally() {
        // The lines are counted when they are read from the journal.
    }
    caughtUp() {
        this.resolveDrained();
    }
    checkpoint(take) {
        return take();
    }
    settled() {
        // How long it took is measured from the journal to the output.
    }
    async pass(stop) {
        const { source, journal, settings, taken, ledger } = this;
        const taker = new LineTaker({
            source: source.id,
            settings,
            journal,
            taken,
            cursor: ledger.cursor,
            signal: stop,
        });
        const send = async (_batch, _epoch, settle) => {
            // It fails only when the probe stops: what is not safe then is read again.
            await taker.safe().catch(() => {
                throw new Rewound();
            });
            settle({ delivered: 0, duplicates: 0, dead: 0 });
        };
        const reader = new Reader({
            source,
            lane: { delivery: { send }, reads: this.buffers.reads, batches: this.buffers.batches },
            ledger,
            normalizer: taker,
            events: this,
            limit: settings.limit,
            sentTo: -1,
            epoch: stop,
            signal: stop,
        });
        await reader.run();
    }
}
