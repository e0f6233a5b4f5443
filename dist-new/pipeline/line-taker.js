import { openDecoder } from '../framing/detect.js';
import { EntryJoiner } from '../framing/entries.js';
import { noTally } from './tally.js';
/**
 * Takes the lines of a file into a journal, in the place of a normalizer: each keeps the id that its events would have if
 * the file were read directly.
 */
export class LineTaker {
    /** Set while the journal has no room. */
    waiting;
    source;
    settings;
    journal;
    signal;
    taken;
    cursor;
    joiner;
    decoder;
    tally = noTally();
    admitted = Promise.resolve();
    kept = Promise.resolve();
    /**
     * @param options `taken`: by source, offset of the last line that the journal has; is kept up to date. `cursor`: where
     * reading starts; lines before its offset are not taken
     */
    constructor(options) {
        this.source = options.source;
        this.settings = options.settings;
        this.journal = options.journal;
        this.taken = options.taken;
        this.cursor = options.cursor;
        this.signal = options.signal;
        const { role } = options.settings;
        this.joiner = role && new EntryJoiner(role, options.cursor.checkpoint.passing === true);
    }
    get isHolding() {
        return this.joiner?.isHolding === true;
    }
    push(framing, bytes, from, to, offset, end, _out, _full, readOn) {
        this.waiting = undefined;
        const now = Date.now();
        const lines = [];
        const visit = (text, start, marks, seen, length, header) => {
            const at = offset + start;
            if (!this.isNew(at))
                return true;
            this.taken.set(this.source, at);
            const line = at === 0 && text.startsWith('\ufeff') ? text.slice(1) : text;
            const id = this.source + at.toString(16).padStart(12, '0');
            const record = { type: 'line', seen: seen ?? now, text: Buffer.from(line), id, marks, header };
            lines.push({ ...record, length: length === undefined ? undefined : length + end.beyond });
            return true;
        };
        const { limit } = this.settings;
        const decode = readOn ?? this.decoderOf(framing);
        const isCut = (start) => offset + start === this.cursor.offset || end.cuts?.has(offset + start) === true;
        const used = this.joiner === undefined
            ? decode(bytes, from, to, limit, end.final, visit)
            : this.joiner.decode(decode, bytes, from, to, limit, end, isCut, visit);
        this.admit(lines);
        return used;
    }
    readOn(framing) {
        return this.joiner === undefined ? this.decoderOf(framing).readOn?.() : undefined;
    }
    gap(note) {
        this.admit([{ type: 'note', note }]);
    }
    take() {
        const { tally } = this;
        this.tally = noTally();
        return tally;
    }
    checkpoint(offset) {
        const passing = this.joiner?.isPassing === true;
        return { offset, sequence: 0, ...(passing && { passing }) };
    }
    readTo() {
        // Nobody waits for lines of a file that go through a journal.
    }
    /** Resolves when everything that was taken up to now is as safe as the journal can make it. */
    async safe() {
        await this.admitted;
        await this.kept;
    }
    /** The journal has not got it, neither from this run nor from an earlier one. */
    isNew(at) {
        return at >= this.cursor.offset && at > (this.taken.get(this.source) ?? -1);
    }
    admit(records) {
        if (records.length === 0)
            return;
        this.tally.records += records.length;
        this.tally.events += records.length;
        const appended = this.append(records, 0);
        if (appended === records.length) {
            this.waiting = this.journal.relief();
        }
        else {
            this.admitted = this.appendRest(records, appended);
            this.admitted.catch(() => { });
            this.waiting = this.admitted;
        }
    }
    /** @returns index of the first record that found no room */
    append(records, from) {
        for (let i = from; i < records.length; i++) {
            const kept = this.journal.append(records[i]);
            if (kept === undefined)
                return i;
            this.kept = kept;
        }
        return records.length;
    }
    async appendRest(records, from) {
        for (let next = from; next < records.length; next = this.append(records, next)) {
            await this.journal.room(this.signal);
        }
    }
    decoderOf(framing) {
        if (this.decoder?.framing !== framing) {
            this.decoder = { framing, decode: openDecoder(framing, this.settings.framing) };
        }
        return this.decoder.decode;
    }
}
