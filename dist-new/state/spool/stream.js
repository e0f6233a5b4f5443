import { decodeRecords, Seal } from '../../framing/journal-record.js';
import { Ages } from './ages.js';
import { SEGMENT_HEADER_BYTES } from './format.js';
import { Groups } from './groups.js';
import { allLost, recordsLost } from './notes.js';
import { ReadTrouble } from './read-trouble.js';
import { Readers } from './readers.js';
import { Room } from './room.js';
import { Segments } from './segments.js';
import { Tail } from './tail.js';
/** A group of this size is committed whether somebody waits for it or not. */
const GROUP_BYTES = 1024 * 1024;
/** Bytes that wait for the disk at most; an input is held when it does not keep up. */
const PENDING_BYTES = 4 * 1024 * 1024;
/**
 * Bytes before the end that are kept though all outputs have them: what a sender may repeat is recognised by them. Room for
 * as many small messages as a broker may have in flight, 65,535.
 */
const RECENT_BYTES = 16 * 1024 * 1024;
/** The journal of one input on disk. Written at its end, read by each output on its own, removed at its beginning. */
export class SpoolStream {
    id;
    input;
    path;
    durable = true;
    budget;
    log;
    recentBytes;
    segments;
    reading;
    space;
    tail;
    groups;
    ages = new Ages();
    readers = new Readers();
    nextSequence;
    closed = false;
    held = false;
    constructor(options) {
        const { input, directory, disk, budget, log, id, salt, segments, end, segmentBytes, syncMs, whenFull } = options;
        const { path, key, cipherOf } = options;
        this.id = id;
        this.input = input;
        if (path !== undefined)
            this.path = path;
        this.budget = budget;
        this.log = log;
        this.recentBytes = Math.min(RECENT_BYTES, segmentBytes);
        this.nextSequence = end.next;
        const seal = new Seal(salt);
        const damaged = (file, offset, bytes) => this.log.error({ input, file, offset, bytes }, 'the spool is damaged');
        this.reading = new ReadTrouble(input, log);
        this.segments = new Segments({
            disk,
            seal,
            cipherOf,
            segments,
            end: () => this.endPosition,
            damaged,
            unreadable: this.reading.tell,
        });
        this.space = new Room({ input, budget, segments: this.segments, whenFull, log });
        this.tail = new Tail({ disk, directory, stream: id, salt, key, segmentBytes, end, events: this });
        this.groups = new Groups({
            seal,
            cipher: cipherOf(key),
            syncMs,
            groupBytes: Math.min(GROUP_BYTES, segmentBytes),
            commit: (bytes, records) => this.tail.commit(bytes, records),
            written: () => this.budget.wake(),
        });
        for (const segment of segments)
            this.ages.add(segment.base, segment.createdMs);
    }
    framing() {
        return 'journal';
    }
    /** Only what is synced: an output never sees a record that a crash could take back. */
    size() {
        return this.tail.end;
    }
    /** The oldest record that is kept. */
    get beginning() {
        const first = this.segments.at(0);
        return first === undefined
            ? this.endPosition
            : { offset: first.base, before: String(first.baseSequence) };
    }
    append(record) {
        if (this.closed)
            return undefined;
        if (!this.admits(record)) {
            this.held = true;
            return undefined;
        }
        return this.groups.append(record, this.nextSequence++);
    }
    /** They are committed together: the room that one finds is found by all. */
    appendAll(records) {
        const [first, ...rest] = records;
        let kept = first && this.append(first);
        if (kept === undefined)
            return undefined;
        for (const record of rest)
            kept = this.groups.append(record, this.nextSequence++);
        return kept;
    }
    relief() {
        return this.groups.relief();
    }
    async room(signal) {
        while (!this.hasRoom())
            await this.budget.change(signal);
        this.held = false;
    }
    recent(visit) {
        return this.segments.walkLast(this.recentBytes, (finding) => {
            if (finding.type !== 'records')
                return;
            const { bytes, offset } = finding;
            decodeRecords(bytes, bytes.length, offset, (record, id) => {
                visit(record, id);
                return 'more';
            });
        });
    }
    read(offset, into) {
        return this.segments.read(offset, into);
    }
    async wait({ offset }, held, signal) {
        for (;;) {
            const missing = this.segments.missing(offset);
            if (missing !== undefined) {
                const dropped = missing.why === 'hole' && this.space.drops;
                return { to: missing.to, tell: (records) => recordsLost(this.input, records, dropped) };
            }
            if (this.tail.end > offset + held)
                return 'more';
            if (this.closed && this.groups.pendingBytes === 0)
                return {};
            await this.readers.sleep(signal);
        }
    }
    settled(output, offset, needed) {
        this.readers.settled(output, offset, needed);
    }
    close() {
        this.closed = true;
        this.readers.wake();
    }
    /** Writes what was admitted, within `timeoutMs`; what then is not safe was not acknowledged. */
    async end(timeoutMs) {
        this.close();
        const late = setTimeout(() => void this.tail.close(), timeoutMs);
        await this.groups.flush();
        clearTimeout(late);
        await this.tail.close();
        await this.segments.close();
    }
    /** Says that nothing of an earlier stream can be read. */
    tellLoss() {
        void this.append({ type: 'note', note: allLost(this.input) });
    }
    /** Offset before which no output will read again. */
    get needed() {
        return this.readers.needed;
    }
    /** Removes segments before an offset that `needed` gave; the cursors have been saved since. */
    async trim(needed) {
        const isTight = !this.budget.hasRoom(0);
        // A last segment that nobody needs must not be what fills the spool.
        if (isTight && this.tail.end <= needed)
            await this.tail.renew();
        for (let next = this.segments.at(1); next !== undefined; next = this.segments.at(1)) {
            if (next.base > needed || (!isTight && this.tail.end - next.base < this.recentBytes))
                return;
            await this.space.removeOldest();
        }
    }
    status() {
        const { segments, input } = this;
        const { slowest } = this.readers;
        const since = slowest >= this.tail.end ? undefined : this.ages.at(slowest);
        return {
            input,
            segments: segments.count,
            bytes: segments.bytes,
            oldestSeconds: since === undefined ? 0 : Math.max(0, (Date.now() - since) / 1000),
            problem: this.tail.problem ?? this.reading.problem ?? (this.held ? this.space.fullWords : undefined),
        };
    }
    begun(segment) {
        this.segments.add(segment);
        this.budget.add(SEGMENT_HEADER_BYTES);
    }
    committed(bytes) {
        this.budget.add(bytes);
        this.ages.add(this.tail.end - bytes, Date.now());
        this.readers.wakeSoon();
    }
    makeRoom() {
        return this.space.makeOnDisk();
    }
    troubled(problem) {
        if (problem === undefined)
            this.log.info({ input: this.input }, 'the spool can be written again');
        else
            this.log.error({ input: this.input }, problem);
        this.budget.wake();
    }
    hasRoom() {
        const { pendingBytes } = this.groups;
        if (this.tail.problem !== undefined || pendingBytes > PENDING_BYTES / 2)
            return false;
        return this.space.isThere(pendingBytes);
    }
    admits(record) {
        const { pendingBytes } = this.groups;
        if (pendingBytes >= PENDING_BYTES)
            return false;
        // Notes are small and tell of what is missing: they are taken beyond the limit.
        if (record.type === 'note')
            return true;
        return this.tail.problem === undefined && this.space.make(pendingBytes);
    }
    get endPosition() {
        return { offset: this.tail.end, before: String(this.tail.next) };
    }
}
