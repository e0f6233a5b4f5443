import { randomBytes } from 'node:crypto';
import { encodeRecord, RecordIds } from '../framing/journal-record.js';
import { Sleepers } from './sleepers.js';
const SEGMENT_BYTES = 256 * 1024;
const ADMITTED = Promise.resolve();
/**
 * A journal in memory, bounded: what it holds is gone with the process. Records lie in segments; a segment is dropped when
 * every output has settled all of it.
 */
export class MemoryJournal {
    id = randomBytes(12).toString('hex');
    durable = false;
    input;
    capacityBytes;
    segments = [];
    cursors;
    readers = new Sleepers();
    writers = new Sleepers();
    ids = new RecordIds();
    sequence = 0;
    end = 0;
    start = 0;
    closed = false;
    waking = false;
    /** @param outputs names of all that will read it; nothing is dropped before each of them has settled it */
    constructor(input, outputs, capacityBytes) {
        this.input = input;
        this.cursors = new Map(outputs.map((name) => [name, 0]));
        this.capacityBytes = capacityBytes;
    }
    framing() {
        return 'journal';
    }
    size() {
        return this.end;
    }
    /** Bytes held now. */
    get heldBytes() {
        return this.end - this.start;
    }
    append(record) {
        if (this.heldBytes >= this.capacityBytes)
            return undefined;
        encodeRecord(record, this.sequence++, this.ids, this.reserve);
        this.wakeReaders();
        return ADMITTED;
    }
    appendAll(records) {
        if (this.heldBytes >= this.capacityBytes)
            return undefined;
        for (const record of records)
            encodeRecord(record, this.sequence++, this.ids, this.reserve);
        this.wakeReaders();
        return ADMITTED;
    }
    relief() {
        return undefined;
    }
    async room(signal) {
        while (this.heldBytes > this.capacityBytes / 2)
            await this.writers.sleep(signal);
    }
    async read(offset, into) {
        let done = 0;
        for (const segment of this.segments) {
            const from = offset + done - segment.offset;
            if (from < 0 || from >= segment.length)
                continue;
            done += segment.bytes.copy(into, done, from, segment.length);
            if (done === into.length)
                break;
        }
        return done;
    }
    async wait(position, held, signal) {
        for (;;) {
            if (this.end > position.offset + held)
                return 'more';
            if (this.closed)
                return {};
            await this.readers.sleep(signal);
        }
    }
    settled(output, _offset, needed) {
        this.cursors.set(output, needed);
        this.start = Math.min(...this.cursors.values());
        for (let first = this.segments[0]; first !== undefined; first = this.segments[0]) {
            if (first.offset + first.length > this.start || first === this.segments.at(-1))
                break;
            this.segments.shift();
        }
        if (this.heldBytes <= this.capacityBytes / 2)
            this.writers.wake();
    }
    async recent() {
        // Nothing is left of earlier runs.
    }
    /** Nothing more will be appended. */
    close() {
        this.closed = true;
        this.readers.wake();
    }
    /** What arrives in one turn of the event loop is read at once: a reader costs as much for one record as for hundreds. */
    wakeReaders() {
        if (this.waking || this.readers.size === 0)
            return;
        this.waking = true;
        setImmediate(() => {
            this.waking = false;
            this.readers.wake();
        });
    }
    reserve = (sizeBytes) => {
        let segment = this.segments.at(-1);
        if (segment === undefined || segment.length + sizeBytes > segment.bytes.length) {
            const bytes = Buffer.allocUnsafeSlow(Math.max(SEGMENT_BYTES, sizeBytes));
            segment = { bytes, offset: this.end, length: 0 };
            this.segments.push(segment);
        }
        const at = segment.length;
        segment.length += sizeBytes;
        this.end += sizeBytes;
        return { bytes: segment.bytes, at };
    };
}
