/** What became of the items of one bulk. */
export class Outcome {
    delivered;
    duplicates;
    failureStore;
    rejected;
    pieceOf;
    pieces;
    constructor(pieces, items) {
        this.pieces = pieces;
        this.delivered = new Uint8Array(items);
        this.duplicates = new Uint8Array(items);
        this.failureStore = new Uint8Array(items);
        this.rejected = pieces.map(() => []);
        this.pieceOf = new Uint32Array(items);
        let at = 0;
        for (const [i, { count }] of pieces.entries()) {
            this.pieceOf.fill(i, at, at + count);
            at += count;
        }
    }
    /** The item's event may have been sent before it came into this bulk. */
    isResent(item) {
        return this.pieces[this.pieceOf[item] ?? 0]?.resent === true;
    }
    reject(item, rejected) {
        this.rejected[this.pieceOf[item] ?? 0]?.push(rejected);
    }
    /** Every item has its fate: the batches are told. */
    tell() {
        let from = 0;
        for (const [i, { ticket, count }] of this.pieces.entries()) {
            const to = from + count;
            const ones = (flags) => {
                let sum = 0;
                for (let item = from; item < to; item++)
                    sum += flags[item] ?? 0;
                return sum;
            };
            ticket.count(ones(this.delivered), ones(this.duplicates), ones(this.failureStore), this.rejected[i] ?? []);
            from = to;
        }
    }
}
