import { chmod, mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { hasCode, reasonOf, StateError } from '../core/errors.js';
/** Longest path of a socket, in bytes (`sun_path` of Linux is 108 with its end). */
const MAX_SOCKET_PATH = 107;
/** Where the control socket of a state directory is. */
export function controlSocketPath(directory) {
    return path.join(directory, 'control.sock');
}
/** Makes the state directory, readable for its owner only. @throws StateError */
export async function makeStateDirectory(directory) {
    try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
    }
    catch (error) {
        throw new StateError(`the state directory ${directory} cannot be made (${reasonOf(error)}): make it and give it to the user that runs brokertap, or set "state"`);
    }
}
/**
 * Listens on the control socket: the lock of a state directory. A socket that nobody answers on was left by a probe that
 * was killed, and is replaced. (A file with a process id would not do: in a container every probe has the same one.)
 * @throws StateError when another probe uses the directory
 */
export async function listenOnControlSocket(directory, server) {
    const file = controlSocketPath(directory);
    if (Buffer.byteLength(file) > MAX_SOCKET_PATH) {
        throw new StateError(`the path ${file} is too long for a socket: use a state directory with a shorter path`);
    }
    if (await answers(file)) {
        throw new StateError(`another brokertap uses the state directory ${directory}: stop it, or give this one a directory of its own ("state")`);
    }
    try {
        await rm(file, { force: true });
        await new Promise((resolve, reject) => {
            server.once('error', reject);
            server.listen(file, resolve);
        });
        await chmod(file, 0o600);
    }
    catch (error) {
        throw new StateError(`the state directory ${directory} cannot be used (${reasonOf(error)}): give it to the user that runs brokertap`);
    }
}
function answers(file) {
    return new Promise((resolve) => {
        const socket = connect(file);
        socket.once('connect', () => {
            socket.destroy();
            resolve(true);
        });
        socket.once('error', (error) => resolve(!hasCode(error, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK')));
    });
}
