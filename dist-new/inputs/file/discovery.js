import { glob, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { watch } from 'chokidar';
import { hasCode } from '../../core/errors.js';
const WILDCARD = /[*?[\]{}]/;
/** Binary files that Erlang's disk_log keeps beside a ring of logs (EMQX: `emqx.log.idx`, `emqx.log.siz`). */
const CONTROL_FILE = /\.(idx|siz)$/;
/** Files that match the patterns now, in the order of the patterns, each once. */
export async function findFiles(patterns) {
    const paths = new Set();
    for (const pattern of patterns) {
        if (!WILDCARD.test(pattern))
            paths.add(pattern);
        else
            for (const match of (await Array.fromAsync(glob(pattern))).sort())
                if (!CONTROL_FILE.test(match))
                    paths.add(match);
    }
    const found = [];
    for (const file of paths) {
        const it = await look(file);
        if (it?.regular)
            found.push(it);
    }
    return found;
}
/** The facts of one path; undefined when nothing is there or its directory may not be searched. */
export async function look(file) {
    try {
        const facts = await stat(file);
        return {
            path: file,
            device: facts.dev,
            inode: facts.ino,
            sizeBytes: facts.size,
            modifiedMs: facts.mtimeMs,
            regular: facts.isFile(),
        };
    }
    catch (error) {
        if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'))
            return undefined;
        throw error;
    }
}
/** Files beside one whose names begin with its name: where log rotation puts older generations. Oldest first. */
export async function findSiblings(file) {
    const directory = path.dirname(file);
    const { name, base, ext } = path.parse(file);
    const names = await readdir(directory).catch(() => []);
    const siblings = names.filter((n) => n !== base &&
        !CONTROL_FILE.test(n) &&
        (n.startsWith(`${base}.`) ||
            n.startsWith(`${base}-`) ||
            (n.startsWith(`${name}.`) && n.endsWith(ext)) ||
            (n.startsWith(`${name}-`) && n.endsWith(ext))));
    const found = await Promise.all(siblings.map((n) => look(path.join(directory, n))));
    return found
        .filter((f) => f?.regular === true)
        .filter((f) => f !== undefined)
        .sort((a, b) => a.modifiedMs - b.modifiedMs);
}
/** Calls back soon after something changed near the patterns. A hint only: every file is also looked at once a second. */
export function watchPatterns(patterns, changed) {
    const directories = new Set(patterns.map(staticDirectory));
    const deep = patterns.some((pattern) => pattern.includes('**'));
    // Not persistent: chokidar 5 leaks a watch when it is closed while a directory is vanishing, and would keep the process.
    const watcher = watch([...directories], {
        ignoreInitial: true,
        depth: deep ? 16 : 1,
        atomic: false,
        persistent: false,
    });
    return watcher.on('all', changed).on('error', () => { });
}
/** The part of a pattern before its first wildcard, as a directory. */
function staticDirectory(pattern) {
    const at = pattern.search(WILDCARD);
    return at === -1 ? path.dirname(pattern) : path.dirname(`${pattern.slice(0, at)}x`);
}
