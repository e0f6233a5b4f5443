/** Bytes that may wait for one follower; what comes beyond is left out. */
const BACKLOG_BYTES = 4 * 1024 * 1024;
/** Followers at the same time. */
const MAX_FOLLOWERS = 16;
/**
 * Hands live events to those who follow on the control socket, as NDJSON. Here they are only sifted by bytes, which costs
 * next to nothing; a follower looks closer itself. One that does not keep up loses events, and is told how many by a line
 * `{"missed":N}`; the probe never waits for it.
 */
export class Followers {
    all = new Set();
    isClosed = false;
    /** @returns why not; undefined: the response is its own from now on */
    add(output, needles, response) {
        if (this.isClosed)
            return 'the probe stops';
        if (this.all.size >= MAX_FOLLOWERS)
            return `${MAX_FOLLOWERS} others follow already: end one of them`;
        const follower = { output, needles: needles.map((text) => Buffer.from(text)), response, missed: 0 };
        this.all.add(follower);
        response.once('close', () => this.all.delete(follower));
        response.on('error', () => { });
        response.writeHead(200, { 'content-type': 'application/x-ndjson' });
        response.flushHeaders();
        return undefined;
    }
    /** The events of one batch for an output. */
    tell(output, out) {
        for (const follower of this.all)
            if (follower.output === output)
                send(follower, out);
    }
    /** Ends all streams in good order. */
    async close() {
        this.isClosed = true;
        const ends = [...this.all].map(({ response }) => new Promise((resolve) => response.end(() => resolve()).once('close', resolve)));
        await Promise.all(ends);
    }
}
function send(follower, out) {
    const { needles, response } = follower;
    const { bytes, ends } = out.contents();
    const lines = needles.length === 0 ? [bytes] : linesWith(needles, bytes, ends);
    if (lines.length === 0)
        return;
    if (response.writableLength > BACKLOG_BYTES) {
        follower.missed += needles.length === 0 ? ends.length : lines.length;
        return;
    }
    // The buffer of the batch is used again.
    const text = Buffer.concat(lines);
    if (follower.missed > 0)
        response.write(`{"missed":${follower.missed}}\n`);
    follower.missed = 0;
    response.write(text);
}
/** The lines that hold all needles. The first one, which is looked for in all bytes, should be the rarest. */
function linesWith(needles, bytes, ends) {
    const [first = Buffer.alloc(0), ...others] = needles;
    const lines = [];
    let n = 0;
    for (let at = bytes.indexOf(first); at !== -1;) {
        while ((ends[n] ?? 0) <= at)
            n++;
        const end = ends[n] ?? bytes.length;
        const line = bytes.subarray(n === 0 ? 0 : ends[n - 1], end);
        if (others.every((needle) => line.includes(needle)))
            lines.push(line);
        at = bytes.indexOf(first, end);
    }
    return lines;
}
