import type { Config } from '../../config/load.ts';
import { isSamePart } from '../../config/paths.ts';
import { findFiles } from '../../inputs/file/finding/discovery.ts';
import { fileKey } from '../../inputs/file/tailing/tracked-files.ts';

/**
 * Logs whose events two inputs would bring: where patterns overlap only the files that are there tell it.
 * @returns what to say of an input, by its name
 */
export async function sharedLogs({ inputs }: Config): Promise<Map<string, string>> {
  const readers = Object.entries(inputs).flatMap(([name, input]) =>
    input.type === 'file' ? [{ name, input }] : [],
  );
  const told = new Map<string, string>();
  for (const [i, { name, input }] of readers.entries())
    for (const other of readers.slice(0, i)) {
      if (!isSamePart(input, other.input)) continue;
      const theirs = new Set((await findFiles(other.input.paths)).map(fileKey));
      const common = (await findFiles(input.paths)).find((file) => theirs.has(fileKey(file)));
      if (common === undefined) continue;
      const sentence = `${common.path} is read by inputs.${other.name} too, and its events come twice: narrow "paths" of one of them`;
      told.set(name, sentence);
    }
  return told;
}
