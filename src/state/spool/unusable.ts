import { reasonOf, StateError } from '../../core/errors.ts';
import { isUnreadable } from './segments/read-around.ts';

/** The error for a directory of the spool that the file system does not give: one sentence that says what to do. */
export function unusable(directory: string, error: unknown): StateError {
  if (error instanceof StateError) return error;
  const help = isUnreadable(error)
    ? 'look at the disk, and start again; a file that is lost may be moved away: what it held is then counted and told'
    : 'give it to the user that runs brokertap';
  return new StateError(`the spool ${directory} cannot be used (${reasonOf(error)}): ${help}`, {
    cause: error,
  });
}
