import { open } from 'node:fs/promises';
const LF = 0x0a;
const TAIL_BYTES = 64 * 1024;
/** Cuts what a crash has left behind the last newline of a file. @returns the size that remains */
export async function cutTornLine(file, name) {
    const { size } = await file.stat();
    const tail = Buffer.alloc(TAIL_BYTES);
    for (let end = size; end > 0;) {
        const from = Math.max(0, end - TAIL_BYTES);
        const { bytesRead } = await file.read(tail, 0, end - from, from);
        const newline = tail.subarray(0, bytesRead).lastIndexOf(LF);
        if (newline === -1) {
            end = from;
            continue;
        }
        const keep = from + newline + 1;
        if (keep < size)
            await truncateTo(name, keep);
        return keep;
    }
    if (size > 0)
        await truncateTo(name, 0);
    return 0;
}
async function truncateTo(name, sizeBytes) {
    const file = await open(name, 'r+');
    try {
        await file.truncate(sizeBytes);
    }
    finally {
        await file.close();
    }
}
