import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, reasonOf } from '../../core/errors.ts';
import { whyNotWritable } from '../../state/writable.ts';
import type { FileOutputConfig } from './config.ts';

/** As in `OutputType`: may the file be written or made. */
export async function check({ path: file }: FileOutputConfig): Promise<string | undefined> {
  try {
    if ((await stat(file)).isDirectory()) return `${file} is a directory: write the path of a file`;
    await access(file, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const why = hasCode(error, 'ENOENT') ? await whyNotWritable(path.dirname(file)) : reasonOf(error);
    return why && `${file} cannot be written (${why}): give the right to write, or choose another path`;
  }
}
