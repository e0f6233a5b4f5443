/** Writes events to standard output as JSON lines. */
export class StdoutOutput {
    async check() { }
    /** Delivered means: taken by the pipe or terminal. A reader that went away ends the probe as it ends any filter. */
    write(batch) {
        return new Promise((resolve, reject) => {
            process.stdout.write(batch.bytes, (error) => {
                batch.release();
                if (error)
                    reject(error);
                else
                    resolve({ delivered: batch.ends.length, duplicates: 0 });
            });
        });
    }
    async close() { }
    describe() {
        return 'standard output';
    }
}
export function create() {
    return new StdoutOutput();
}
