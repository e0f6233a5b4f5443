import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** A program, and how to get it. */
export type Program = readonly [program: string, install: string];

/**
 * For tests that need programs of the machine: `skip` says how to get the first that is absent.
 * @throws in CI, where nothing may be skipped
 */
export function needs(...programs: readonly Program[]): { skip: string | false } {
  const absent = programs.find(([program]) => !isThere(program));
  if (absent === undefined) return { skip: false };
  const reason = `${absent[0]} is not installed: ${absent[1]}`;
  if (process.env.CI !== undefined) throw new Error(reason);
  return { skip: reason };
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
