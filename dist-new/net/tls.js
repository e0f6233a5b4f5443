import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { BlockedError, reasonOf } from '../core/errors.js';
/**
 * Options for one connection; the files are read again for each, so that replaced certificates are used.
 * @throws BlockedError when a file cannot be read
 */
export function tlsOptions(tls, host) {
    const name = tls.server_name ?? (isIP(host) === 0 ? host : undefined);
    return {
        ...(tls.ca !== undefined && { ca: pem(tls.ca) }),
        ...(tls.cert !== undefined && { cert: pem(tls.cert) }),
        ...(tls.key !== undefined && { key: pem(tls.key) }),
        ...(name !== undefined && { servername: name }),
    };
}
/**
 * A mark of the files as they are now: it changes when one of them is replaced (links are followed).
 */
export function tlsFilesMark(tls) {
    return [tls.ca, tls.cert, tls.key].map((file) => (file === undefined ? '' : fileMark(file))).join();
}
function fileMark(file) {
    try {
        const { ino, size, mtimeMs } = statSync(file);
        return `${ino}-${size}-${mtimeMs}`;
    }
    catch {
        return 'absent';
    }
}
/** Contents of a PEM file. @throws BlockedError when it cannot be read */
export function pem(file) {
    try {
        return readFileSync(file);
    }
    catch (error) {
        throw new BlockedError(`${file} cannot be read (${reasonOf(error)}): check the path and the rights`, {
            cause: error,
        });
    }
}
