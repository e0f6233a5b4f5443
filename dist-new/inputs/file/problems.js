import { stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, reasonOf } from '../../core/errors.js';
/**
 * Why a log file cannot be read, and what to do, in one sentence.
 * @param error of the attempt to open it; undefined: it was not found
 */
export async function accessProblem(file, error) {
    if (error !== undefined && !hasCode(error, 'EACCES', 'EPERM'))
        return `${file}: ${reasonOf(error)}`;
    const user = `user ${process.getuid?.() ?? '?'}, group ${process.getgid?.() ?? '?'}`;
    const facts = await stat(file).catch((e) => e);
    if (!(facts instanceof Error) && typeof facts === 'object' && facts !== null && 'mode' in facts) {
        const { uid, gid, mode } = facts;
        const bits = (mode & 0o777).toString(8).padStart(4, '0');
        return (`${file} cannot be read: it belongs to user ${uid}, group ${gid} with mode ${bits}, and brokertap runs as ${user}; ` +
            `run it as user ${uid}, or add its user to group ${gid} and make the file group-readable (Mosquitto makes its log 0600)`);
    }
    if (hasCode(facts, 'EACCES'))
        return `${path.dirname(file)} may not be searched by ${user}: give it the right (chmod +x)`;
    return `${file}: no such file yet; waiting for it`;
}
