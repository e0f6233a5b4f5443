import { open } from 'node:fs/promises';
import { reasonOf } from '../../core/errors.ts';
import type { FileInputConfig } from './config.ts';
import { findFiles } from './finding/discovery.ts';
import { accessProblem } from './tailing/problems.ts';

/** As in `InputType`: is there a file, and can all of them be opened. */
export async function check({ paths }: FileInputConfig): Promise<string | undefined> {
  const found = await findFiles(paths);
  if (found.length === 0)
    return (await Promise.all(paths.map((path) => accessProblem(path, undefined)))).join('; ');
  for (const { path } of found) {
    try {
      await (await open(path, 'r')).close();
    } catch (error) {
      return (await accessProblem(path, error)) || reasonOf(error);
    }
  }
  return undefined;
}
