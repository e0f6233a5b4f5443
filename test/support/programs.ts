import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/**
 * For tests that need a program of the machine: `skip` says how to get it where it is absent.
 * @throws in CI, where nothing may be skipped
 */
export function needs(program: string, install: string): { skip: string | false } {
  const places = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'];
  const there = places.some((place) => {
    try {
      accessSync(path.join(place, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (there) return { skip: false };
  const reason = `${program} is not installed: ${install}`;
  if (process.env.CI !== undefined) throw new Error(reason);
  return { skip: reason };
}
