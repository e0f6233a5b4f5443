import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, StateError } from '../../core/errors.js';
import { findFiles, findSiblings, look, watchPatterns } from './discovery.js';
import { FileSource, readHead } from './file-source.js';
import { isGzip, unpack } from './gzip.js';
import { fingerprintAt, HEAD_BYTES, holds, mayBeCopy, recognise } from './identity.js';
import { accessProblem } from './problems.js';
/** Every open file is looked at this often, besides the wake-ups of the watcher. */
const LOOK_MS = 1000;
/** A file that was rotated away is let go when nothing was appended for so long. */
const ROTATED_QUIET_MS = 60_000;
/** The same for a file that was deleted: nobody can open it any more. */
const DELETED_QUIET_MS = 2000;
/** 24 hex digits. */
const SOURCE_ID_BYTES = 12;
/** Tails log files: finds them, tells their generations apart, and hands each to the outputs as a source. */
export class FileTailer {
    config;
    host;
    tracked = new Map();
    /** Sources whose handle is open. */
    sources = new Set();
    /** Generations whose copy is being looked for. */
    sought = new Set();
    /** Generations that were taken up since the last look at everything. */
    taken = new Set();
    /** Files that hold nothing new, by device, inode and size. */
    finished = new Map();
    /** Last generation found at a path: the one that the next there follows. */
    latest = new Map();
    trouble = new Map();
    firstRun;
    initial = true;
    /** When the last look at everything began that was brought to its end, by this run or an earlier one; else this run. */
    lastScanMs;
    scanning;
    again = false;
    watcher;
    timer;
    stopped = false;
    constructor(config, host) {
        this.config = config;
        this.host = host;
        this.firstRun = host.generations.isNew;
        const known = host.generations.generations(host.name);
        this.lastScanMs =
            known.length === 0 ? Date.now() : Math.max(...known.map(([, { seen }]) => Date.parse(seen)));
    }
    async start() {
        this.watcher = watchPatterns(this.config.paths, () => void this.scan());
        this.timer = setInterval(() => void this.scan(), LOOK_MS);
        await this.scan();
    }
    async stop() {
        this.stopped = true;
        clearInterval(this.timer);
        await this.watcher?.close();
        await this.scanning;
        for (const source of this.sources)
            await source.close();
    }
    problems() {
        return [...this.trouble.values()];
    }
    /** Looks at everything; a call during a scan makes it run once more. */
    scan() {
        if (this.scanning !== undefined) {
            this.again = true;
            return this.scanning;
        }
        this.scanning = this.scanAll().finally(() => {
            this.scanning = undefined;
        });
        return this.scanning;
    }
    async scanAll() {
        do {
            this.again = false;
            try {
                await this.scanOnce();
                this.clear('state');
            }
            catch (error) {
                if (!(error instanceof StateError))
                    throw error;
                this.report('state', error.message);
            }
        } while (this.again && !this.stopped);
    }
    async scanOnce() {
        const startedMs = Date.now();
        const found = await findFiles(this.config.paths);
        await this.missing(found);
        const here = new Set(found.map(key));
        for (const tracked of [...this.tracked.values()]) {
            tracked.source.look();
            await tracked.source.inspect();
            if (!here.has(key(tracked)))
                await this.movedAway(tracked);
        }
        for (const file of this.initial ? await this.withSiblings(found) : found) {
            if (this.stopped)
                return;
            const tracked = this.tracked.get(key(file));
            if (tracked === undefined)
                await this.admit(file, 'matched');
            else
                this.stillThere(tracked, file);
        }
        await this.appeared(found, this.initial ? startedMs : this.lastScanMs - LOOK_MS);
        // Last: what was written before it is known now, and not earlier; it may be cut short.
        const seen = new Date(startedMs).toISOString();
        for (const id of [...[...this.tracked.values()].map(({ source }) => source.id), ...this.taken]) {
            const generation = this.host.generations.get(id);
            if (generation !== undefined)
                generation.seen = seen;
        }
        this.taken.clear();
        this.initial = false;
        this.lastScanMs = startedMs;
    }
    /** Generations that were rotated away while the probe did not run, before the files that took their place. */
    async withSiblings(found) {
        const known = this.host.generations.generations(this.host.name);
        if (known.length === 0)
            return [...found];
        // A file that is not there now has siblings all the same: they were at its place.
        const paths = new Set([
            ...this.config.paths,
            ...found.map((f) => f.path),
            ...known.map(([, generation]) => generation.path),
        ]);
        const here = new Set(found.map(key));
        const sinceMs = this.lastScanMs;
        for (const file of paths) {
            for (const sibling of await findSiblings(file)) {
                if (!here.has(key(sibling)))
                    await this.admit(sibling, sibling.modifiedMs >= sinceMs ? 'missed' : 'known', file);
                here.add(key(sibling));
            }
        }
        return [...found];
    }
    /** A file may have been written and rotated away between two looks, without one that is open having left its place. */
    async appeared(found, sinceMs) {
        const paths = new Set(found.map((file) => file.path));
        for (const { source } of this.tracked.values())
            paths.add(source.path);
        for (const file of paths) {
            const directory = await look(path.dirname(file));
            if (directory === undefined || directory.modifiedMs < sinceMs)
                continue;
            for (const sibling of await findSiblings(file)) {
                if (sibling.modifiedMs >= sinceMs && !this.tracked.has(key(sibling)))
                    await this.admit(sibling, 'appeared', file);
            }
        }
    }
    stillThere(tracked, file) {
        const generation = this.host.generations.get(tracked.source.id);
        if (generation !== undefined) {
            generation.path = file.path;
            generation.head = tracked.source.firstBytes.toString('base64');
        }
        if (tracked.path !== undefined && tracked.path !== file.path && tracked.source.path !== file.path)
            tracked.rotated = true;
        tracked.path = file.path;
        if (tracked.rotated)
            this.letGo(tracked, ROTATED_QUIET_MS);
    }
    /** It left the patterns: renamed or deleted. It is read on through its handle. */
    async movedAway(tracked) {
        if (!tracked.rotated) {
            tracked.rotated = true;
            await this.missedBetween(tracked);
        }
        const now = tracked.path === undefined ? undefined : await look(tracked.path);
        const elsewhere = now !== undefined && key(now) === key(tracked);
        this.letGo(tracked, elsewhere ? ROTATED_QUIET_MS : DELETED_QUIET_MS);
    }
    /** Files may have been created and rotated away between two looks. */
    async missedBetween(tracked) {
        for (const sibling of await findSiblings(tracked.source.path)) {
            if (key(sibling) === key(tracked))
                tracked.path = sibling.path;
            else if (!this.tracked.has(key(sibling)) && sibling.modifiedMs >= this.lastScanMs - LOOK_MS) {
                await this.admit(sibling, 'missed', tracked.source.path);
            }
        }
    }
    letGo(tracked, quietMs) {
        if (Date.now() - tracked.source.quietSinceMs >= quietMs)
            tracked.source.markComplete();
    }
    /**
     * Takes up a file that is not open yet.
     * @param why `matched`: it matches a pattern; `missed`: a sibling that was written since the last look; `appeared`: the
     * same, and it may be a copy that is just being made; `known`: a sibling that is of interest only when it holds a known
     * generation
     * @param place the path that the generation once had
     */
    async admit(file, why, place = file.path) {
        if (this.finished.get(key(file)) === file.sizeBytes)
            return;
        const opened = await this.open(file);
        if (opened === undefined)
            return;
        if (!opened.packed && key(opened) !== key(file)) {
            // It was rotated away between the look and the opening.
            this.again = true;
            await opened.handle.close();
            return;
        }
        const known = this.host.generations.generations(this.host.name);
        const id = await recognise(opened, known);
        if (id === undefined && opened.sizeBytes === 0) {
            // Without a first byte that is saved, the next content of this file would pass for this generation after a crash.
            await opened.handle.close();
            return;
        }
        if (why === 'appeared' && id === undefined && (opened.packed || mayBeCopy(opened, known))) {
            await opened.handle.close();
            return;
        }
        if (id !== undefined && this.sought.has(id)) {
            // Its reader goes on in the copy, and looks for it itself.
            await opened.handle.close();
            return;
        }
        const active = [...this.tracked.values()].some(({ source }) => source.id === id);
        const unread = id === undefined
            ? opened.sizeBytes > 0
            : opened.sizeBytes > lowestOffset(this.host.generations.get(id)?.cursors);
        const wanted = id === undefined ? why !== 'known' : !active && (why === 'matched' || unread);
        if (!wanted || (opened.packed && !unread)) {
            this.finished.set(key(file), file.sizeBytes);
            await opened.handle.close();
            return;
        }
        await this.take(id, opened, file, place);
    }
    async take(id, opened, file, place) {
        const sourceId = id ?? randomBytes(SOURCE_ID_BYTES).toString('hex');
        this.taken.add(sourceId);
        if (id === undefined) {
            const seen = new Date(this.lastScanMs).toISOString();
            const { device, inode } = file;
            const generation = {
                input: this.host.name,
                path: file.path,
                head: opened.head.toString('base64'),
                device,
                inode,
                seen,
            };
            const atEnd = this.firstRun && this.initial && this.config.start === 'end';
            const offset = opened.sizeBytes;
            this.host.generations.add(sourceId, generation, atEnd ? { offset, before: await fingerprintAt(opened.handle, offset) } : undefined);
        }
        else {
            const generation = this.host.generations.get(id);
            const { device, inode } = file;
            if (generation !== undefined)
                Object.assign(generation, { device, inode, path: file.path });
        }
        await this.host.generations.save().catch(async (error) => {
            await opened.handle.close();
            throw error;
        });
        const after = this.latest.get(place);
        const source = new FileSource({
            id: sourceId,
            input: this.host.name,
            path: place,
            handle: opened.handle,
            head: opened.head,
            sizeBytes: opened.sizeBytes,
            framing: this.framing(),
            findCopy: () => this.findCopy(tracked),
        });
        const rotated = file.path !== place || opened.packed;
        const tracked = { source, device: file.device, inode: file.inode, path: file.path, rotated };
        this.sources.add(source);
        this.tracked.set(key(file), tracked);
        this.latest.set(place, source);
        this.host.log.info({ file: file.path, source: sourceId, known: id !== undefined }, 'reading file');
        if (opened.packed)
            source.markComplete();
        void this.host.add(source, after?.id === sourceId ? undefined : after).then(() => this.done(tracked));
    }
    async done(tracked) {
        if (this.stopped)
            return;
        if (this.tracked.get(key(tracked)) === tracked)
            this.tracked.delete(key(tracked));
        this.finished.set(key(tracked), tracked.source.size());
        this.sources.delete(tracked.source);
        await tracked.source.close();
    }
    /**
     * The file was truncated: a copy may hold what was not read; what is in the file now is another generation. Of several
     * copies the longest is taken: what was written between the copying and the truncation is in none.
     */
    async findCopy(tracked) {
        const { id } = tracked.source;
        this.tracked.delete(key(tracked));
        this.sought.add(id);
        this.again = true;
        const generation = this.host.generations.get(id);
        if (generation !== undefined)
            generation.head = tracked.source.firstBytes.toString('base64');
        let best;
        for (const file of generation === undefined ? [] : await findSiblings(tracked.source.path)) {
            const opened = this.tracked.has(key(file)) ? undefined : await this.open(file);
            if (opened === undefined || generation === undefined)
                continue;
            const more = opened.sizeBytes > (best?.opened.sizeBytes ?? lowestOffset(generation.cursors));
            const worse = more && (await holds(opened, generation)) ? best?.opened : opened;
            if (worse !== opened)
                best = { file, opened };
            await worse?.handle.close();
        }
        if (best !== undefined && generation !== undefined) {
            const { device, inode, path: place } = best.file;
            this.host.log.info({ file: place }, 'file was truncated; reading its copy to the end');
            Object.assign(tracked, { device, inode, path: place, rotated: true });
            Object.assign(generation, { device, inode, path: place });
            this.tracked.set(key(best.file), tracked);
        }
        this.sought.delete(id);
        await this.missedBetween(tracked);
        void this.scan();
        return best?.opened.handle;
    }
    async open(file) {
        try {
            const handle = await open(file.path, 'r');
            const head = await readHead(handle);
            this.clear(file.path);
            if (!isGzip(head)) {
                const { size, dev: device, ino: inode } = await handle.stat();
                // It may have grown since its head was read, and is told from others by the head that is remembered.
                const sizeBytes = head.length < HEAD_BYTES ? head.length : size;
                return { handle, head, sizeBytes, device, inode, packed: false };
            }
            const plain = await unpack(handle);
            await handle.close();
            const { size } = await plain.stat();
            return {
                handle: plain,
                head: await readHead(plain),
                sizeBytes: size,
                device: -1,
                inode: -1,
                packed: true,
            };
        }
        catch (error) {
            if (!hasCode(error, 'ENOENT'))
                this.report(file.path, await accessProblem(file.path, error));
            return undefined;
        }
    }
    framing() {
        const { container } = this.config;
        if (container === 'auto')
            return undefined;
        return container === 'none' ? 'lines' : container;
    }
    async missing(found) {
        if (found.length > 0)
            return this.clear('paths');
        const reasons = await Promise.all(this.config.paths.map((pattern) => accessProblem(pattern, undefined)));
        this.report('paths', reasons.join('; '));
    }
    report(place, problem) {
        if (this.trouble.get(place) !== problem)
            this.host.log.warn({ input: this.host.name }, problem);
        this.trouble.set(place, problem);
    }
    clear(place) {
        if (this.trouble.delete(place))
            this.host.log.info({ input: this.host.name, place }, 'this works again');
    }
}
function key({ device, inode }) {
    return `${device}:${inode}`;
}
function lowestOffset(cursors) {
    const offsets = Object.values(cursors ?? {}).map(({ offset }) => offset);
    return offsets.length === 0 ? 0 : Math.min(...offsets);
}
