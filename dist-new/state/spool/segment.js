import { recordSequence, Seal } from '../../framing/journal-record.js';
import { checkRecords, findRecord, SEGMENT_HEADER_BYTES } from './format.js';
/** Bytes that are checked at once. */
const WINDOW_BYTES = 1024 * 1024;
/** Offset behind the last record of a segment. */
export function endOf(segment) {
    return segment.base + segment.length;
}
/** Bytes on disk. */
export function sizeOf(segment) {
    return SEGMENT_HEADER_BYTES + segment.length;
}
/**
 * Finds where reading can go on behind a damaged record.
 * @param offset of the damaged record
 * @param sequence its number, where it is known
 * @returns undefined when there is no good record behind it in the segment
 */
export async function resume(file, segment, offset, sequence) {
    const rest = Buffer.allocUnsafe(endOf(segment) - offset);
    const length = await file.read(rest, SEGMENT_HEADER_BYTES + offset - segment.base);
    const known = sequence === undefined
        ? { sequence: segment.baseSequence, bytesBefore: offset - segment.base }
        : { sequence, bytesBefore: 0 };
    const found = findRecord(rest.subarray(0, length), new Seal(segment.salt), known);
    return found && { to: offset + found.at, sequence: found.sequence };
}
/**
 * Checks all records of a segment.
 * @param from a record begins there
 * @returns offset behind the last good record, and the number of the one that has to follow
 */
export async function walk(file, segment, from, visit) {
    let window = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, Math.max(1, endOf(segment) - from)));
    let offset = from;
    let next = from === segment.base ? segment.baseSequence : undefined;
    const seal = new Seal(segment.salt);
    for (;;) {
        const room = endOf(segment) - offset;
        const into = window.subarray(0, Math.min(window.length, room));
        const length = await file.read(into, SEGMENT_HEADER_BYTES + offset - segment.base);
        // What the file is too short for is damaged too.
        const checked = checkRecords(into, length, length < into.length ? length : room, seal, next);
        if (checked.end > 0) {
            const records = (checked.next ?? 0) - (next ?? recordSequence(into, 0));
            visit({ type: 'records', bytes: into.subarray(0, checked.end), offset, records });
            offset += checked.end;
            next = checked.next;
        }
        if (checked.damaged) {
            const to = await resume(file, segment, offset, next);
            visit({ type: 'damage', offset, to });
            if (to === undefined)
                return { end: offset, next: next ?? segment.baseSequence };
            offset = to.to;
            next = to.sequence;
        }
        else if (length < into.length || offset >= endOf(segment)) {
            return { end: offset, next: next ?? segment.baseSequence };
        }
        else if (checked.end === 0) {
            window = Buffer.allocUnsafe(Math.min(window.length * 4, room));
        }
    }
}
/** Files of a stream that are open; the ones that were not used for longest are closed. */
export class Handles {
    disk;
    most;
    open = new Map();
    /** @param most files that stay open while nobody uses them */
    constructor(disk, most) {
        this.disk = disk;
        this.most = most;
    }
    /** Opens a file for as long as `act` takes, or longer. */
    async use(file, act) {
        const entry = this.open.get(file) ?? { file: this.disk.open(file, 'read'), users: 0, gone: false };
        this.open.delete(file);
        this.open.set(file, entry);
        entry.users++;
        try {
            const handle = await entry.file.catch((error) => {
                this.open.delete(file);
                throw error;
            });
            return await act(handle);
        }
        finally {
            entry.users--;
            if (entry.gone && entry.users === 0)
                await shut(entry.file);
            await this.closeOldest();
        }
    }
    /** The file was removed. */
    async forget(file) {
        const entry = this.open.get(file);
        if (entry === undefined)
            return;
        this.open.delete(file);
        entry.gone = true;
        if (entry.users === 0)
            await shut(entry.file);
    }
    async closeAll() {
        for (const file of [...this.open.keys()])
            await this.forget(file);
    }
    async closeOldest() {
        for (const [file, { users }] of this.open) {
            if (this.open.size <= this.most)
                return;
            if (users === 0)
                await this.forget(file);
        }
    }
}
async function shut(file) {
    await file.then((handle) => handle.close()).catch(() => { });
}
