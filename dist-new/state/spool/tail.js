import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, reasonOf } from '../../core/errors.js';
import { encodeHeader, SEGMENT_HEADER_BYTES, segmentName } from './format.js';
/** Pause after a write that has failed. */
const RETRY_MS = 500;
/**
 * The end of a stream, where groups are written and synced, one after the other. What cannot be written is tried again, at the
 * same place, until it works: nothing that was taken is given up but by a stop.
 */
export class Tail {
    disk;
    directory;
    stream;
    salt;
    key;
    segmentBytes;
    events;
    stopping = new AbortController();
    offset;
    sequence;
    segment;
    file;
    trouble;
    /** What is being written; the next thing waits for it. */
    turn = Promise.resolve();
    constructor(options) {
        this.disk = options.disk;
        this.directory = options.directory;
        this.stream = options.stream;
        this.salt = options.salt;
        this.key = options.key;
        this.segmentBytes = options.segmentBytes;
        this.events = options.events;
        this.offset = options.end.offset;
        this.sequence = options.end.next;
        this.segment = options.end.segment;
    }
    /** Offset behind the last record that is safe. */
    get end() {
        return this.offset;
    }
    /** Number of the record that will be there. */
    get next() {
        return this.sequence;
    }
    /** Why nothing can be written now. */
    get problem() {
        return this.trouble;
    }
    /**
     * Makes a group safe, however long it takes.
     * @returns false when the probe stops first
     */
    async commit(bytes, records) {
        const { signal } = this.stopping;
        for (;;) {
            try {
                await this.inTurn(() => this.write(bytes, records));
                break;
            }
            catch (error) {
                if (signal.aborted)
                    return false;
                if (hasCode(error, 'ENOSPC', 'EDQUOT') && (await this.events.makeRoom()))
                    continue;
                this.report(problemOf(this.directory, error));
                await delay(RETRY_MS, undefined, { signal }).catch(() => { });
                if (signal.aborted)
                    return false;
            }
        }
        this.report(undefined);
        this.events.committed(bytes.length);
        return true;
    }
    /** Begins a new segment, unless the last one is empty, so that this one can be removed. */
    async renew() {
        await this.inTurn(async () => {
            if (this.segment !== undefined && this.segment.length > 0)
                await this.begin();
        }).catch((error) => this.report(problemOf(this.directory, error)));
    }
    /** Gives up a write that does not work, and closes. */
    async close() {
        this.stopping.abort();
        await this.file?.close().catch(() => { });
        this.file = undefined;
    }
    inTurn(act) {
        const done = this.turn.then(act);
        this.turn = done.catch(() => { });
        return done;
    }
    async write(bytes, records) {
        const full = this.segment === undefined || this.segment.length >= this.segmentBytes;
        const segment = full ? await this.begin() : this.segment;
        if (segment === undefined)
            throw new RangeError('no segment');
        this.file ??= await this.disk.open(segment.file, 'write');
        await this.file.write(bytes, SEGMENT_HEADER_BYTES + segment.length);
        await this.file.sync();
        segment.length += bytes.length;
        this.offset += bytes.length;
        this.sequence += records;
    }
    async begin() {
        await this.disk.makeDirectory(this.directory);
        const file = path.join(this.directory, segmentName(this.offset));
        const header = {
            stream: this.stream,
            salt: this.salt,
            key: this.key,
            base: this.offset,
            baseSequence: this.sequence,
            createdMs: Date.now(),
        };
        const handle = await this.disk.open(file, 'create');
        try {
            await handle.write(encodeHeader(header), 0);
            await handle.sync();
            await this.disk.syncDirectory(this.directory);
            await this.disk.syncDirectory(path.dirname(this.directory));
        }
        catch (error) {
            await handle.close();
            throw error;
        }
        await this.file?.close();
        this.file = handle;
        this.segment = { ...header, file, length: 0 };
        this.events.begun(this.segment);
        return this.segment;
    }
    report(problem) {
        if (problem === this.trouble)
            return;
        this.trouble = problem;
        this.events.troubled(problem);
    }
}
function problemOf(directory, error) {
    return `the spool ${directory} cannot be written (${reasonOf(error)}): ${remedy(error)}`;
}
function remedy(error) {
    if (hasCode(error, 'ENOSPC', 'EDQUOT'))
        return 'make room, or set a smaller "spool.size"; inputs are held';
    if (hasCode(error, 'EACCES', 'EPERM', 'EROFS'))
        return 'give brokertap the right to write; inputs are held';
    return 'look at the disk; inputs are held';
}
