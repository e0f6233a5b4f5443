import { randomUUID } from 'node:crypto';
import { reasonOf, StateError } from '../core/errors.js';
import { advanced, NO_COUNTERS, revived } from '../pipeline/ledger.js';
import { readPositions, writePositions } from './positions-file.js';
const FORGET_MS = 30 * 24 * 3600 * 1000;
/** Cursors and file generations: what survives a restart of the probe. */
export class PositionStore {
    /** The file was damaged: log files have to be read from their beginning, whatever the configuration says. */
    damaged;
    /** Nothing was ever saved here. */
    isNew;
    /** Why the last save failed. */
    problem;
    directory;
    outputs;
    vault;
    data;
    totals;
    /** Cursors of sources that end with this run, and of those that were forgotten: they may still move. */
    passing = new Map();
    /** Sources that were found for the first time by this run. */
    fresh = new Set();
    dirty = true;
    saving = Promise.resolve();
    constructor(directory, outputs, data, damaged, vault) {
        this.directory = directory;
        this.vault = vault;
        this.outputs = outputs;
        this.isNew = data === undefined && !damaged;
        this.damaged = damaged;
        const found = data ?? { version: 1, agent: randomUUID(), sources: {}, streams: {}, inputs: {} };
        this.totals = found.totals ?? totalsOf(found);
        this.data = { ...found, totals: this.totals };
    }
    /**
     * @param outputs names of the configured outputs
     * @param vault encrypts what can tell of clients; undefined: it is kept as it is
     * @throws StateError when the file belongs to another version or secret, or cannot be read
     */
    static async open(directory, outputs, log, vault) {
        const found = await readPositions(directory, log, vault);
        const isDamaged = found === 'damaged';
        return new PositionStore(directory, outputs, isDamaged ? undefined : found, isDamaged, vault);
    }
    /** `agent.id`. */
    get agent() {
        return this.data.agent;
    }
    /** What one input keeps for its next run. */
    facts(input) {
        return {
            recall: () => this.data.inputs[input],
            keep: (given) => {
                this.data.inputs[input] = given;
                this.dirty = true;
            },
        };
    }
    /** Known generations of one input, by source id. */
    generations(input) {
        return Object.entries(this.data.sources).filter(([, source]) => source.input === input);
    }
    get(id) {
        return this.data.sources[id];
    }
    add(id, found, startAt) {
        const cursors = {};
        if (startAt !== undefined) {
            const checkpoint = { offset: startAt.offset, sequence: 0 };
            for (const output of this.outputs)
                cursors[output] = { ...startAt, checkpoint, counters: NO_COUNTERS };
        }
        this.data.sources[id] = { ...found, cursors };
        this.fresh.add(id);
        this.dirty = true;
    }
    /** No earlier run has read it. */
    isFresh(id) {
        return this.fresh.has(id);
    }
    forget(id) {
        const source = this.data.sources[id];
        if (source !== undefined)
            this.passing.set(id, source.cursors);
        delete this.data.sources[id];
        this.fresh.delete(id);
        this.dirty = true;
    }
    /** Cursors on a stream of the spool, by output. */
    streamCursors(id) {
        return this.data.streams[id]?.cursors ?? {};
    }
    /**
     * Remembers a stream of the spool. Outputs that have never read it start at `beginning`.
     * @param beginning its oldest record
     */
    addStream(id, input, beginning) {
        const cursors = this.data.streams[id]?.cursors ?? {};
        for (const output of this.outputs) {
            cursors[output] ??= {
                ...beginning,
                checkpoint: { offset: beginning.offset, sequence: 0 },
                counters: NO_COUNTERS,
            };
        }
        for (const [other, { input: name }] of Object.entries(this.data.streams)) {
            if (name === input && other !== id)
                delete this.data.streams[other];
        }
        this.data.streams[id] = { input, cursors };
        this.dirty = true;
    }
    /** A stream of the spool is no more. */
    forgetStream(id) {
        delete this.data.streams[id];
        this.dirty = true;
    }
    cursor(id, output) {
        return this.cursorsOf(id)?.[output];
    }
    /** Also of a source that ends with this run: then only its part of the totals is kept. */
    setCursor(id, output, value) {
        const cursors = this.cursorsOf(id) ?? this.passed(id);
        const before = cursors[output]?.counters ?? NO_COUNTERS;
        this.totals[output] = advanced(this.totalsOf(output), before, value.counters);
        cursors[output] = value;
        this.dirty = true;
    }
    /** What became of everything that an output has settled since the first start, whatever has been forgotten since. */
    totalsOf(output) {
        return this.totals[output] ?? NO_COUNTERS;
    }
    /** Dead letters of a source were replayed and taken. */
    revive(id, output, letters) {
        const cursor = this.cursor(id, output);
        if (cursor === undefined)
            this.totals[output] = revived(this.totalsOf(output), letters);
        else
            this.setCursor(id, output, { ...cursor, counters: revived(cursor.counters, letters) });
        this.dirty = true;
    }
    /**
     * Drops the cursors of outputs that are no longer configured. In the spool, outputs that are new start where the slowest of
     * the others stands: what one of them still waits for is new for them too, what all have is not.
     * @returns the names of those that were dropped
     */
    dropOtherOutputs() {
        const dropped = new Set();
        for (const { cursors } of Object.values(this.data.streams)) {
            const slowest = Object.values(cursors).sort((a, b) => a.offset - b.offset)[0];
            if (slowest === undefined)
                continue;
            for (const name of this.outputs)
                cursors[name] ??= { ...slowest, counters: NO_COUNTERS };
        }
        for (const source of [...Object.values(this.data.sources), ...Object.values(this.data.streams)]) {
            for (const name of Object.keys(source.cursors).filter((n) => !this.outputs.includes(n))) {
                delete source.cursors[name];
                dropped.add(name);
            }
        }
        for (const name of Object.keys(this.totals))
            if (!this.outputs.includes(name))
                delete this.totals[name];
        this.dirty = true;
        return [...dropped];
    }
    /** Forgets generations whose file was not seen for 30 days. */
    expire(now) {
        for (const [id, source] of Object.entries(this.data.sources)) {
            if (now - Date.parse(source.seen) > FORGET_MS)
                this.forget(id);
        }
    }
    /**
     * Saves what has changed, synced to disk. Calls are served one after the other.
     * @throws StateError when it cannot be written; the old file is then still whole
     */
    save() {
        const saved = this.saving.then(() => this.write());
        this.saving = saved.catch(() => { });
        return saved;
    }
    cursorsOf(id) {
        return (this.data.sources[id] ?? this.data.streams[id])?.cursors ?? this.passing.get(id);
    }
    passed(id) {
        const cursors = {};
        this.passing.set(id, cursors);
        return cursors;
    }
    async write() {
        if (!this.dirty)
            return;
        this.dirty = false;
        try {
            await writePositions(this.directory, this.data, this.vault);
            this.problem = undefined;
        }
        catch (error) {
            this.dirty = true;
            this.problem = `positions cannot be saved in ${this.directory} (${reasonOf(error)}): make room or give the right to write`;
            throw new StateError(this.problem, { cause: error });
        }
    }
}
/** By output, of what a file without totals remembers. */
function totalsOf({ sources, streams }) {
    const totals = {};
    for (const { cursors } of [...Object.values(sources), ...Object.values(streams)]) {
        for (const [output, { counters }] of Object.entries(cursors))
            totals[output] = advanced(totals[output] ?? NO_COUNTERS, NO_COUNTERS, counters);
    }
    return totals;
}
