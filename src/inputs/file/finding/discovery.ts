import { glob, lstat, opendir, readdir, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { hasCode } from '../../../core/errors.ts';
import { isControlFile, isSibling, wildcardAt } from '../../../core/files/patterns.ts';

/** What the system says of a path at which nothing can be. */
const NOTHING_THERE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];
/** Links that are followed: as many as Linux does. */
const MAX_LINKS = 40;

/** A file that exists now. */
export interface Found {
  readonly path: string;
  /** Itself, and what it leads to, link by link. */
  readonly places: readonly string[];
  /** The last of them. */
  readonly target: string;
  readonly device: number;
  readonly inode: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly regular: boolean;
}

/** By what it is known whether something was written to a file. */
export type FileState = Pick<Found, 'sizeBytes' | 'modifiedMs'>;

/** Files that match the patterns now, in the order of the patterns, each once. */
export async function findFiles(patterns: readonly string[]): Promise<Found[]> {
  const paths = new Set<string>();
  for (const pattern of patterns) {
    if (wildcardAt(pattern) === -1) paths.add(pattern);
    else
      for (const match of (await Array.fromAsync(glob(pattern))).sort())
        if (!isControlFile(match)) paths.add(match);
  }
  const found: Found[] = [];
  for (const file of paths) {
    const it = await look(file);
    if (it?.regular) found.push(it);
  }
  return found;
}

/** The facts of one path; undefined when nothing is there or its directory may not be searched. */
export async function look(file: string): Promise<Found | undefined> {
  try {
    const own = await lstat(file);
    const isLink = own.isSymbolicLink();
    const facts = isLink ? await stat(file) : own;
    const places = isLink ? await placesOf(file) : [file];
    return {
      path: file,
      places,
      target: places.at(-1) ?? file,
      device: facts.dev,
      inode: facts.ino,
      sizeBytes: facts.size,
      modifiedMs: facts.mtimeMs,
      regular: facts.isFile(),
    };
  } catch (error) {
    if (hasCode(error, 'EACCES', ...NOTHING_THERE)) return undefined;
    throw error;
  }
}

/** A path, and what it leads to, link by link; the last of them may not be there. */
export async function placesOf(file: string): Promise<string[]> {
  const places = [file];
  for (let at = file; places.length <= MAX_LINKS; places.push(at)) {
    const to = await readlink(at).catch(() => undefined);
    if (to === undefined) break;
    at = path.resolve(path.dirname(at), to);
  }
  return places;
}

/**
 * Files whose names begin with the name of a file, beside it and beside what it leads to: where log rotation puts older
 * generations. Oldest first.
 */
export async function findSiblings(file: string): Promise<Found[]> {
  const places = await placesOf(file);
  const found = await Promise.all(places.map(besides));
  return found.flat().sort((a, b) => a.modifiedMs - b.modifiedMs);
}

async function besides(file: string): Promise<Found[]> {
  const directory = path.dirname(file);
  const names = await readdir(directory).catch(() => []);
  const siblings = names.filter((name) => isSibling(file, name));
  const found = await Promise.all(siblings.map((name) => look(path.join(directory, name))));
  return found.filter((f) => f?.regular === true).filter((f) => f !== undefined);
}

/** Calls back soon after something changed near the patterns. A hint only: every file is also looked at once a second. */
export function watchPatterns(patterns: readonly string[], changed: () => void): FSWatcher {
  const directories = new Set(patterns.map(staticDirectory));
  const deep = patterns.some((pattern) => pattern.includes('**'));
  // Not persistent: chokidar 5 leaks a watch when it is closed while a directory is vanishing, and would keep the process.
  const watcher = watch([...directories], {
    ignoreInitial: true,
    depth: deep ? 16 : 1,
    atomic: false,
    persistent: false,
  });
  return watcher.on('all', changed).on('error', () => {});
}

/** A directory that the system does not give, and why. */
interface Unreadable {
  readonly directory: string;
  readonly error: unknown;
}

/** A directory of the patterns that is there and cannot be read: files may be in it. */
export async function unreadable(patterns: readonly string[]): Promise<Unreadable | undefined> {
  for (const directory of new Set(patterns.map(staticDirectory))) {
    try {
      await stat(`${directory}/.`);
      await (await opendir(directory)).close();
    } catch (error) {
      if (!hasCode(error, ...NOTHING_THERE)) return { directory, error };
    }
  }
  return undefined;
}

/** The part of a pattern before its first wildcard, as a directory. */
function staticDirectory(pattern: string): string {
  const at = wildcardAt(pattern);
  return at === -1 ? path.dirname(pattern) : path.dirname(`${pattern.slice(0, at)}x`);
}
