/** Text is joined up to this many characters before it is written to the buffer (one copy instead of one per event). */
const FLUSH_CHARS = 8 * 1024;
/** Events that it holds without growing. */
const EVENTS = 2048;
/**
 * Collects encoded events: NDJSON bytes, the border and the data stream of each event. Reused from batch to batch, so that
 * a batch leaves nothing behind for the garbage collector.
 */
export class EventBuffer {
    /** Events so far. */
    count = 0;
    /** Data streams that were ever named here. */
    names = [];
    indexes = new Map();
    buffer;
    ends = new Uint32Array(EVENTS);
    streams = new Uint8Array(EVENTS);
    initialBytes;
    length = 0;
    text = '';
    /** @param sizeBytes what it holds without growing */
    constructor(sizeBytes) {
        this.initialBytes = sizeBytes;
        this.buffer = Buffer.allocUnsafeSlow(sizeBytes);
    }
    /** Bytes so far. */
    get size() {
        return this.length + this.text.length;
    }
    /** @param ascii the line is known to be ASCII; it ends in a newline */
    append(line, ascii, stream) {
        if (ascii) {
            this.text += line;
            if (this.text.length > FLUSH_CHARS)
                this.flush();
        }
        else {
            this.flush();
            this.reserve(line.length * 3);
            this.length += this.buffer.write(line, this.length, 'utf8');
        }
        if (this.count === this.ends.length)
            this.lengthen();
        this.ends[this.count] = this.length + this.text.length;
        this.streams[this.count++] = this.nameIndex(stream);
    }
    /** The events so far; valid until `clear`. */
    contents() {
        this.flush();
        const { buffer, length, ends, streams, count, names } = this;
        return {
            bytes: buffer.subarray(0, length),
            ends: ends.subarray(0, count),
            streams: streams.subarray(0, count),
            names,
        };
    }
    /** Adds the number of events of each data stream to `counts`. */
    countStreams(counts) {
        const sums = this.names.map(() => 0);
        for (let i = 0; i < this.count; i++) {
            const stream = this.streams[i] ?? 0;
            sums[stream] = (sums[stream] ?? 0) + 1;
        }
        for (const [i, sum] of sums.entries()) {
            const name = this.names[i] ?? '';
            if (sum > 0)
                counts.set(name, (counts.get(name) ?? 0) + sum);
        }
    }
    clear() {
        this.count = 0;
        this.length = 0;
        this.text = '';
        if (this.buffer.length > this.initialBytes)
            this.buffer = Buffer.allocUnsafeSlow(this.initialBytes);
    }
    nameIndex(stream) {
        const known = this.indexes.get(stream);
        if (known !== undefined)
            return known;
        const index = this.names.push(stream) - 1;
        this.indexes.set(stream, index);
        return index;
    }
    lengthen() {
        const { ends, streams } = this;
        this.ends = new Uint32Array(ends.length * 2);
        this.ends.set(ends);
        this.streams = new Uint8Array(streams.length * 2);
        this.streams.set(streams);
    }
    flush() {
        if (this.text === '')
            return;
        this.reserve(this.text.length);
        this.length += this.buffer.write(this.text, this.length, 'latin1');
        this.text = '';
    }
    reserve(bytes) {
        if (this.length + bytes <= this.buffer.length)
            return;
        const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + bytes));
        this.buffer.copy(larger, 0, 0, this.length);
        this.buffer = larger;
    }
}
