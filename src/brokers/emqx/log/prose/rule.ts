import type { Emitter } from '../../emitter.ts';
import type { Entry } from '../../entries/entry.ts';

/** Reads entries in prose whose words begin with `prefix`. */
export interface Rule {
  readonly prefix: string;
  /** @returns false when it is another entry after all */
  readonly read: (text: string, entry: Entry, out: Emitter) => boolean;
}

/** The same reading of several beginnings. */
export function rules(prefixes: readonly string[], read: Rule['read']): Rule[] {
  return prefixes.map((prefix) => ({ prefix, read }));
}
