import { FINGERPRINT_BYTES, fingerprint } from '../../core/fingerprint.js';
/** Bytes at the start of a file by which it is told from others. */
export const HEAD_BYTES = 1024;
/**
 * Finds the generation that a file holds. A generation is recognised by its head and by the up to 1 KiB before the position
 * that was reached: heads alone are equal in many logs. Inode, then device, only break ties, because inodes are used again
 * and devices change when a file system is mounted anew.
 */
export async function recognise(file, known) {
    const matches = [];
    for (const [id, generation] of known) {
        if (!(await holds(file, generation)))
            continue;
        const sameInode = generation.inode === file.inode;
        const sameDevice = generation.device === file.device;
        if (generation.head === '' && !sameInode)
            continue;
        matches.push({ id, rank: (sameInode ? 2 : 0) + (sameDevice ? 1 : 0) });
    }
    matches.sort((a, b) => b.rank - a.rank);
    return matches[0]?.id;
}
/** True when a file holds a generation as far as it was read. */
export async function holds(file, generation) {
    const head = Buffer.from(generation.head, 'base64');
    if (!file.head.subarray(0, head.length).equals(head))
        return false;
    const furthest = Object.values(generation.cursors).reduce((a, b) => (b.offset > a.offset ? b : a), {
        offset: 0,
        before: '',
    });
    if (file.sizeBytes < furthest.offset)
        return false;
    if (furthest.offset === 0)
        return true;
    return (await fingerprintAt(file.handle, furthest.offset)) === furthest.before;
}
/** True when a file begins like a known generation: it may be a copy of it that is just being made. */
export function mayBeCopy(file, known) {
    return known.some(([, generation]) => {
        const head = Buffer.from(generation.head, 'base64');
        const length = Math.min(head.length, file.head.length);
        return length > 0 && file.head.subarray(0, length).equals(head.subarray(0, length));
    });
}
/** Fingerprint of the up to 1 KiB before an offset. */
export async function fingerprintAt(handle, offset) {
    const bytes = Buffer.alloc(Math.min(offset, FINGERPRINT_BYTES));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset - bytes.length);
    return fingerprint(bytes.subarray(0, bytesRead));
}
