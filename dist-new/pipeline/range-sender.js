import { Rewound } from './delivery.js';
/** Enters ranges of a source in its ledger and hands their events to the output. */
export class RangeSender {
    source;
    lane;
    ledger;
    normalizer;
    events;
    sentTo;
    epoch;
    position;
    /** Offset behind the records of the last range. */
    sent;
    /** Where the last checkpoint was taken. */
    checkpointAt;
    constructor(options) {
        this.source = options.source;
        this.lane = options.lane;
        this.ledger = options.ledger;
        this.normalizer = options.normalizer;
        this.events = options.events;
        this.sentTo = options.sentTo;
        this.epoch = options.epoch;
        this.position = options.position;
        this.sent = this.position.offset;
        this.checkpointAt = this.position.offset;
    }
    /** Takes a checkpoint where reading stands, when it is time for one: a source that is at rest is not read again. */
    refresh() {
        const { offset, before } = this.position;
        if (offset <= Math.max(this.checkpointAt, this.ledger.cursor.offset - 1))
            return;
        const checkpoint = this.checkpoint();
        if (checkpoint === undefined)
            return;
        const range = { to: offset, before, events: 0, filtered: 0, dropped: 0, checkpoint };
        this.ledger.begin(range)({ delivered: 0, duplicates: 0, dead: 0 });
    }
    /**
     * Sends the events of the records up to where reading stands; the buffer goes back to the pool by itself.
     * @param bytes those of the records
     * @param dropped records of the range that could not be read
     */
    send(out, bytes, dropped = 0) {
        const { offset: to, before } = this.position;
        const resent = this.sent <= this.sentTo;
        this.sent = to;
        const tally = { ...this.normalizer.take(), dropped };
        this.events.tally(tally, bytes, out, to);
        const done = () => {
            out.clear();
            this.lane.batches.give(out);
        };
        const { events, filtered } = tally;
        const isBehindCursor = to <= this.ledger.cursor.offset && events + dropped === 0;
        if (isBehindCursor) {
            done();
            return;
        }
        const checkpoint = this.checkpoint();
        const range = { to, before, events, filtered, dropped, ...(checkpoint && { checkpoint }) };
        const settle = this.ledger.begin(range);
        if (events === 0) {
            settle({ delivered: 0, duplicates: 0, dead: 0 });
            done();
            return;
        }
        const readAt = performance.now();
        const settled = (settlement) => {
            settle(settlement);
            this.events.settled(readAt);
        };
        this.lane.delivery
            .send({ ...out.contents(), source: this.source.id, resent }, this.epoch, settled)
            .catch((error) => {
            if (!(error instanceof Rewound))
                throw error;
        })
            .finally(done);
    }
    checkpoint() {
        const { offset } = this.position;
        const checkpoint = this.events.checkpoint(() => this.normalizer.checkpoint(offset));
        if (checkpoint !== undefined)
            this.checkpointAt = offset;
        return checkpoint;
    }
}
