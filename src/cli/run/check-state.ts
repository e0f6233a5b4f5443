import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, reasonOf } from '../../core/errors.ts';

/** Why this user could not keep state in a directory; undefined when it could. Makes nothing. */
export async function checkState(directory: string): Promise<string | undefined> {
  try {
    if (!(await stat(directory)).isDirectory())
      return `${directory} is no directory: set "state" to one that may be written`;
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const parent = path.dirname(path.resolve(directory));
    // It is made when the probe starts, with those above it.
    if (hasCode(error, 'ENOENT') && parent !== path.resolve(directory)) return checkState(parent);
    return `${reasonOf(error)}: give the directory to the user that runs brokertap, or set "state"`;
  }
}
