import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, reasonOf } from '../core/errors.ts';

/** Why this user could not write into a directory, or make it with those above it; undefined when it could. Makes nothing. */
export async function whyNotWritable(directory: string): Promise<string | undefined> {
  try {
    if (!(await stat(directory)).isDirectory()) return `${directory} is no directory`;
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const parent = path.dirname(path.resolve(directory));
    if (hasCode(error, 'ENOENT') && parent !== path.resolve(directory)) return whyNotWritable(parent);
    return reasonOf(error);
  }
}
