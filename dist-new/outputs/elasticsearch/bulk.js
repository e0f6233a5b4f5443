import { EVENT_ID_COLUMN, EVENT_ID_LENGTH } from '../../core/output.js';
const HEAD_END = Buffer.from('"}}\n');
/** Items that it holds without growing. */
const ITEMS = 1024;
/**
 * Body of a bulk request: before each event its action line, which names the data stream and takes the document's id from
 * the event's own bytes. Nothing is parsed and no object is made for an event. Reused from request to request.
 */
export class Bulk {
    /** Items so far. */
    count = 0;
    bytes;
    length = 0;
    ends = new Uint32Array(ITEMS);
    documents = new Uint32Array(ITEMS);
    actions = new Uint8Array(ITEMS);
    known = [];
    initialBytes;
    /** @param sizeBytes what it holds without growing */
    constructor(sizeBytes) {
        this.initialBytes = sizeBytes;
        this.bytes = Buffer.allocUnsafeSlow(sizeBytes);
    }
    /** Bytes so far. */
    get size() {
        return this.length;
    }
    /**
     * Adds events until a limit is reached; one always fits into an empty bulk.
     * @param from the first of them
     * @param withoutId data streams whose documents get their id from the server
     * @returns the first that was not added
     */
    add(events, from, limit, withoutId) {
        const { bytes, ends, streams, names } = events;
        let start = from === 0 ? 0 : (ends[from - 1] ?? 0);
        let i = from;
        for (; i < ends.length && this.count < limit.events; i++) {
            const end = ends[i] ?? 0;
            const number = this.actionNumber(names[streams[i] ?? 0] ?? '');
            const { name, head, withoutId: whole } = this.known[number];
            const bare = withoutId.size > 0 && withoutId.has(name);
            const headBytes = bare ? whole.length : head.length + EVENT_ID_LENGTH + HEAD_END.length;
            const size = headBytes + end - start;
            if (this.count > 0 && this.length + size > limit.bytes)
                break;
            this.reserve(size);
            let at = this.length;
            if (bare) {
                at += whole.copy(this.bytes, at);
            }
            else {
                const id = start + EVENT_ID_COLUMN;
                at += head.copy(this.bytes, at);
                at += bytes.copy(this.bytes, at, id, id + EVENT_ID_LENGTH);
                at += HEAD_END.copy(this.bytes, at);
            }
            this.documents[this.count] = at;
            this.length = at + bytes.copy(this.bytes, at, start, end);
            this.actions[this.count] = number;
            this.ends[this.count++] = this.length;
            start = end;
        }
        return i;
    }
    /** Data streams of all items, and of those that were in it before. */
    names() {
        return this.known.map(({ name }) => name);
    }
    /** All of it. */
    whole() {
        return new Part(this, 0, this.count);
    }
    /** Body of the items from `from` to `to`; valid until `clear`. */
    body(from, to) {
        return this.bytes.subarray(from === 0 ? 0 : this.ends[from - 1], to === 0 ? 0 : this.ends[to - 1]);
    }
    /** The event of an item, without newline; valid until `clear`. */
    event(index) {
        return this.bytes.subarray(this.documents[index], (this.ends[index] ?? 0) - 1);
    }
    /** Data stream of an item. */
    stream(index) {
        return this.known[this.actions[index] ?? 0]?.name ?? '';
    }
    /** A bulk of some items only, in the order given. */
    pick(items, withoutId) {
        const sizes = items.map((item) => this.event(item).length + 1);
        const bytes = Buffer.concat(items.map((item) => this.bytes.subarray(this.documents[item], this.ends[item])));
        let end = 0;
        const ends = Uint32Array.from(sizes, (size) => {
            end += size;
            return end;
        });
        const streams = Uint8Array.from(items, (item) => this.actions[item] ?? 0);
        const picked = new Bulk(bytes.length + items.length * 2 * EVENT_ID_LENGTH);
        const limit = { events: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
        picked.add({ bytes, ends, streams, names: this.known.map(({ name }) => name) }, 0, limit, withoutId);
        return picked;
    }
    clear() {
        this.count = 0;
        this.length = 0;
        if (this.bytes.length > this.initialBytes)
            this.bytes = Buffer.allocUnsafeSlow(this.initialBytes);
    }
    actionNumber(name) {
        for (let i = 0; i < this.known.length; i++)
            if (this.known[i]?.name === name)
                return i;
        const target = `{"create":{"_index":${JSON.stringify(name)}`;
        return (this.known.push({
            name,
            head: Buffer.from(`${target},"_id":"`),
            withoutId: Buffer.from(`${target}}}\n`),
        }) - 1);
    }
    reserve(bytes) {
        if (this.length + bytes > this.bytes.length) {
            const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + bytes));
            this.bytes.copy(larger, 0, 0, this.length);
            this.bytes = larger;
        }
        if (this.count < this.ends.length)
            return;
        this.ends = longer(this.ends);
        this.documents = longer(this.documents);
        const actions = new Uint8Array(this.actions.length * 2);
        actions.set(this.actions);
        this.actions = actions;
    }
}
/** A stretch of a bulk that travels as one request. */
export class Part {
    bulk;
    from;
    to;
    constructor(bulk, from, to) {
        this.bulk = bulk;
        this.from = from;
        this.to = to;
    }
    get count() {
        return this.to - this.from;
    }
    get body() {
        return this.bulk.body(this.from, this.to);
    }
    halves() {
        const middle = this.from + (this.count >> 1);
        return [new Part(this.bulk, this.from, middle), new Part(this.bulk, middle, this.to)];
    }
}
function longer(numbers) {
    const copy = new Uint32Array(numbers.length * 2);
    copy.set(numbers);
    return copy;
}
