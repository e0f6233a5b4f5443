import { isUtf8 } from 'node:buffer';
import { Mark } from '../../core/event.js';
import { characterBorder } from '../../framing/lines.js';
const LF = 0x0a;
const CR = 0x0d;
/**
 * Lines in the bytes as they were received: thousands of them may wait, and each would be an object of its own for the
 * garbage collector, whose pauses a sender feels.
 */
export class Block {
    /** Milliseconds since 1970. */
    seen;
    bytes;
    limit;
    isClean;
    at = 0;
    /** @param bytes whole lines, each ended by LF or CR LF. @param limit bytes that are kept of one line */
    constructor(bytes, seen, limit) {
        this.bytes = bytes;
        this.seen = seen;
        this.limit = limit;
        this.isClean = isUtf8(bytes);
    }
    /** Bytes of the lines that have not been passed over. */
    get size() {
        return this.bytes.length - this.at;
    }
    /** How many lines these are. */
    get count() {
        let count = 0;
        for (let at = this.at; at < this.bytes.length; at = this.bytes.indexOf(LF, at) + 1)
            count++;
        return count;
    }
    /** Hands the lines over, one after the other, until one is not taken. @returns true when all were */
    each(take) {
        const { bytes, seen, limit, isClean } = this;
        while (this.at < bytes.length) {
            const from = this.at;
            const end = bytes.indexOf(LF, from);
            const stop = end > from && bytes[end - 1] === CR ? end - 1 : end;
            const isCut = stop - from > limit;
            const text = bytes.subarray(from, isCut ? characterBorder(bytes, from, from + limit) : stop);
            const marks = isCut ? Mark.truncated : isClean ? Mark.none : marksOf(text);
            const length = isCut ? stop - from : undefined;
            if (!take({ type: 'line', seen, text, marks, length }))
                return false;
            this.at = end + 1;
        }
        return true;
    }
}
/** Cuts the bytes of one connection into lines. Of a line above the limit the head is kept; its rest is counted. */
export class LineCutter {
    limit;
    take;
    /** Pieces of the line that has not ended, as far as they are kept. */
    pieces = [];
    kept = 0;
    length = 0;
    endsInCr = false;
    /** @param limit bytes that are kept of one line */
    constructor(limit, take) {
        this.limit = limit;
        this.take = take;
    }
    /** Bytes of the line that has not ended yet. */
    get openBytes() {
        return this.length;
    }
    /** Bytes of it that are in memory. */
    get heldBytes() {
        return this.kept;
    }
    /** @param seen milliseconds since 1970. @param chunk is kept until its lines are in the journal */
    push(chunk, seen) {
        let from = 0;
        const end = chunk.lastIndexOf(LF) + 1;
        if (this.length > 0 && end > 0) {
            from = chunk.indexOf(LF) + 1;
            this.hold(chunk.subarray(0, from - 1));
            this.take(this.joined(seen, Mark.none));
            this.forget();
        }
        if (from < end)
            this.take(new Block(chunk.subarray(from, end), seen, this.limit));
        if (end < chunk.length)
            this.hold(chunk.subarray(end));
    }
    /** The connection has ended: what it has left is a line that nothing ended. */
    end(seen) {
        if (this.length > 0)
            this.take(this.joined(seen, Mark.truncated));
        this.forget();
    }
    hold(piece) {
        this.length += piece.length;
        this.endsInCr = piece.length > 0 ? piece.at(-1) === CR : this.endsInCr;
        // One byte more tells whether the limit stands inside a character.
        const room = this.limit + 1 - this.kept;
        if (room <= 0)
            return;
        // A copy: the head of a line would keep all the lines before it.
        const part = Buffer.from(piece.subarray(0, room));
        this.pieces.push(part);
        this.kept += part.length;
    }
    joined(seen, mark) {
        const isEnded = mark === Mark.none;
        const length = isEnded && this.endsInCr ? this.length - 1 : this.length;
        const head = Buffer.concat(this.pieces);
        const isCut = length > this.limit;
        const text = head.subarray(0, isCut ? characterBorder(head, 0, this.limit) : length);
        const marks = mark | (isCut ? Mark.truncated : marksOf(text));
        return { type: 'line', seen, text, marks, length: isCut ? length : undefined };
    }
    forget() {
        this.pieces = [];
        this.kept = 0;
        this.length = 0;
        this.endsInCr = false;
    }
}
function marksOf(text) {
    return isUtf8(text) ? Mark.none : Mark.invalidUtf8;
}
