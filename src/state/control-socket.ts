import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, statSync } from 'node:fs';
import { chmod, link, mkdir, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, reasonOf, StateError } from '../core/errors.ts';

/** Longest path of a socket, in bytes (`sun_path` of Linux is 108 with its end). */
const MAX_SOCKET_PATH = 107;
/** After this time those who have found the same socket without an owner have replaced it. */
const SETTLE_MS = 200;

/** Where the control socket of a state directory is. */
export function controlSocketPath(directory: string): string {
  return path.join(directory, 'control.sock');
}

/** Makes the state directory, readable for its owner only. @throws StateError */
export async function makeStateDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StateError(
      `the state directory ${directory} cannot be made (${reasonOf(error)}): make it and give it to the user that runs brokertap, or set "state"`,
    );
  }
}

/**
 * Listens on the control socket: the lock of a state directory. A socket that nobody answers on was left by a probe that
 * was killed, and is replaced. (A file with a process id would not do: in a container every probe has the same one.)
 * @throws StateError when another probe uses the directory
 */
export async function listenOnControlSocket(directory: string, server: Server): Promise<void> {
  const file = controlSocketPath(directory);
  if (Buffer.byteLength(file) > MAX_SOCKET_PATH) {
    throw new StateError(
      `the path ${file} is too long for a socket: use a state directory with a shorter path`,
    );
  }
  const isOurs = await takeControl(directory, file, server).catch((error: unknown) => {
    server.close();
    throw new StateError(
      `the state directory ${directory} cannot be used (${reasonOf(error)}): give it to the user that runs brokertap`,
    );
  });
  if (isOurs) return;
  server.close();
  throw new StateError(
    `another brokertap uses the state directory ${directory}: stop it, or give this one a directory of its own ("state")`,
  );
}

/** The socket gets its name when it is listened on. @returns false when another one has that name */
async function takeControl(directory: string, file: string, server: Server): Promise<boolean> {
  const nameless = path.join(directory, `${randomBytes(4).toString('hex').slice(1)}.sock`);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(nameless, resolve);
  });
  await chmod(nameless, 0o600);
  const { ino } = statSync(nameless);
  const isOurs = (): boolean => statSync(file, { throwIfNoEntry: false })?.ino === ino;
  server.once('close', () => {
    if (isOurs()) rmSync(file, { force: true });
  });
  try {
    await link(nameless, file);
    await rm(nameless);
    return true;
  } catch {
    // There is one, or this file system has no links.
  }
  if (await replaced(nameless, file)) await delay(SETTLE_MS);
  return isOurs();
}

/** Nothing comes between the look at the old socket and its end. @returns false when it answers */
function replaced(nameless: string, file: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(file);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error) => {
      if (!hasCode(error, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK')) {
        resolve(false);
        return;
      }
      try {
        renameSync(nameless, file);
        resolve(true);
      } catch (cause) {
        reject(cause);
      }
    });
  });
}
