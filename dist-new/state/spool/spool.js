import { hash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { reasonOf, StateError } from '../../core/errors.js';
import { Budget } from './budget.js';
import { load } from './load.js';
import { endOf, sizeOf } from './segment.js';
import { SpoolStream } from './stream.js';
/** Hex digits that tell the places of one input apart. */
const PLACE_DIGITS = 12;
const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
const MIN_SEGMENT_BYTES = 64 * 1024;
/** So many segments fit into the size at least: what is removed at once is a small part of it. */
const SEGMENTS = 16;
/** Directory of the spool in a state directory. */
export function spoolDirectory(state) {
    return path.join(state, 'spool');
}
/** Name of the stream of an input that holds the lines of the files at one place. */
export function streamOfPlace(input, place) {
    return `${input}@${hash('sha256', place, 'hex').slice(0, PLACE_DIGITS)}`;
}
/** The input that a stream belongs to; names of inputs have no `@`. */
export function inputOfStream(name) {
    return name.split('@')[0] ?? name;
}
/** What inputs have admitted, on disk: one stream per input, one size limit for all. See `format.ts` for the files. */
export class Spool {
    directory;
    disk;
    options;
    log;
    budget;
    streams = [];
    abandoned = [];
    /** @param directory as `spoolDirectory` gives it; made when the first record is written */
    constructor(directory, disk, options, log) {
        this.directory = directory;
        this.disk = disk;
        this.options = options;
        this.log = log;
        this.budget = new Budget(options.sizeBytes);
    }
    /** Counts what inputs that are no longer configured have left, and says so. @param inputs the configured ones */
    async findAbandoned(inputs) {
        const names = (await this.disk.list(this.directory)).filter((name) => !inputs.includes(inputOfStream(name)));
        const abandoned = [];
        for (const name of names) {
            const found = await load(this.disk, path.join(this.directory, name)).catch(() => undefined);
            if (found === undefined)
                continue;
            const bytes = found.segments.reduce((sum, segment) => sum + sizeOf(segment), 0);
            this.budget.add(bytes);
            abandoned.push(name);
            this.log.warn({ input: name, bytes }, 'the spool holds records of an input that is no longer configured: they stay until it is configured again, or until "brokertap spool purge"');
        }
        this.abandoned = abandoned;
    }
    /**
     * Opens a stream, or makes it. What a crash has left unfinished is cut.
     * @param name of the input, or as `streamOfPlace` gives it
     * @param cursors saved ones, by source id of the stream
     * @throws StateError when it cannot be read, or was written by another version
     */
    async open(name, cursors, settings = {}) {
        const input = inputOfStream(name);
        const directory = path.join(this.directory, name);
        const { disk, budget, log, options } = this;
        try {
            const found = await load(disk, directory);
            const last = found?.segments.at(-1);
            const needed = neededFrom(last === undefined ? [] : cursors(last.stream));
            for (const segment of found?.segments ?? [])
                if (endOf(segment) > needed)
                    this.checkKey(segment);
            if (found !== undefined)
                await this.repair(input, found);
            const key = options.vault?.key ?? '';
            const id = last?.stream ?? randomBytes(12).toString('hex');
            const salt = last?.salt ?? randomBytes(4).readUInt32BE();
            const stream = new SpoolStream({
                input,
                directory,
                disk,
                budget,
                log,
                id,
                salt,
                key,
                cipherOf: cipherOf(options.vault, id),
                segments: found?.segments ?? [],
                end: endFor(found, key, cursors(id)),
                segmentBytes: this.segmentBytes,
                syncMs: options.syncMs,
                path: settings.path,
                whenFull: settings.whenFull ?? options.whenFull,
            });
            for (const segment of found?.segments ?? [])
                budget.add(sizeOf(segment));
            this.streams.push(stream);
            if (found !== undefined && last === undefined)
                stream.tellLoss();
            return stream;
        }
        catch (error) {
            if (error instanceof StateError)
                throw error;
            throw new StateError(`the spool ${directory} cannot be used (${reasonOf(error)}): give it to the user that runs brokertap`, { cause: error });
        }
    }
    /** Where the outputs stand now, for `trim`. */
    needed() {
        return new Map(this.streams.map((stream) => [stream, stream.needed]));
    }
    /** Removes what no output will read again. @param needed from before the cursors were saved */
    async trim(needed) {
        for (const [stream, offset] of needed)
            await stream.trim(offset);
    }
    status() {
        return {
            bytes: this.budget.usedBytes,
            sizeBytes: this.budget.sizeBytes,
            streams: this.streams.map((stream) => stream.status()),
            abandoned: this.abandoned,
        };
    }
    /** Writes what was admitted, and closes all. */
    async close(timeoutMs) {
        await Promise.all(this.streams.map((stream) => stream.end(timeoutMs)));
    }
    get segmentBytes() {
        const part = Math.floor(this.options.sizeBytes / SEGMENTS);
        return Math.min(MAX_SEGMENT_BYTES, Math.max(MIN_SEGMENT_BYTES, part));
    }
    /** Without its key nothing of it can be delivered. */
    checkKey({ key, stream, file }) {
        const { vault } = this.options;
        if (key === '' || vault?.cipher(key, stream) !== undefined)
            return;
        throw new StateError(`${file} was encrypted with another secret than that of "privacy": name the secret of that time in ` +
            'privacy.old_key_files until everything is delivered; if it is lost, so are these records: move the directory away');
    }
    async repair(input, found) {
        const last = found.segments.at(-1);
        if (found.tornBytes > 0 && last !== undefined) {
            this.log.warn({ input, bytes: found.tornBytes }, 'the spool ends in an unfinished write: it was cut');
            const file = await this.disk.open(last.file, 'write');
            await file.truncate(sizeOf(last));
            await file.close();
        }
        if (found.unfinished !== undefined)
            await this.disk.remove(found.unfinished);
        for (const file of found.unreadable) {
            this.log.error({ input, file: `${file}.damaged` }, 'nothing in this segment can be read: it was set aside');
            await this.disk.rename(file, `${file}.damaged`);
        }
    }
}
/** Where a stream goes on: never before a saved cursor, or records would be taken for settled ones. */
function endFor(found, key, cursors) {
    const offset = Math.max(found?.end ?? 0, ...cursors.map((cursor) => cursor.offset));
    const next = Math.max(found?.next ?? 0, ...cursors.map((cursor) => Number(cursor.before)));
    const last = found?.segments.at(-1);
    const goesOn = last?.key === key && endOf(last) === offset && found?.next === next;
    return { offset, next, segment: goesOn ? last : undefined };
}
/** Offset before which no output will read again. */
function neededFrom(cursors) {
    if (cursors.length === 0)
        return 0;
    return Math.min(...cursors.map(({ offset, checkpoint }) => checkpoint?.offset ?? offset));
}
/** Ciphers of a stream by the names of their keys, each made once. */
function cipherOf(vault, stream) {
    const ciphers = new Map();
    return (key) => {
        if (key === '' || vault === undefined)
            return undefined;
        const cipher = ciphers.get(key) ?? vault.cipher(key, stream);
        ciphers.set(key, cipher);
        return cipher;
    };
}
