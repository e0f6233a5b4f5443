import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/**
 * For tests that need programs of the machine: `skip` says how to get the first that is absent.
 * @param programs in pairs: the name, and how to get it
 * @throws in CI, where nothing may be skipped
 */
export function needs(...programs: readonly string[]): { skip: string | false } {
  for (let i = 0; i < programs.length; i += 2) {
    const [program = '', install] = programs.slice(i, i + 2);
    if (isThere(program)) continue;
    const reason = `${program} is not installed: ${install}`;
    if (process.env.CI !== undefined) throw new Error(reason);
    return { skip: reason };
  }
  return { skip: false };
}

function isThere(program: string): boolean {
  const places = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'];
  return places.some((place) => {
    try {
      accessSync(path.join(place, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
