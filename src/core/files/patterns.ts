import path from 'node:path';

const WILDCARD = /[*?[\]{}]/;
/** Binary files that Erlang's disk_log keeps beside a ring of logs (EMQX: `emqx.log.idx`, `emqx.log.siz`). */
const CONTROL_FILE = /\.(idx|siz)$/;

/** Where the first wildcard of a pattern stands; -1: it is the path of one file. */
export function wildcardAt(pattern: string): number {
  return pattern.search(WILDCARD);
}

/** True for a file that is no log, though its name may match. */
export function isControlFile(file: string): boolean {
  return CONTROL_FILE.test(file);
}

/** True when a path is one of those that patterns stand for. */
export function matches(file: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => pattern === file || path.matchesGlob(file, pattern));
}

/** By its name what lies beside a file may be an older generation of it. */
export function isSibling(file: string, other: string): boolean {
  const { name, base, ext } = path.parse(file);
  if (other === base || isControlFile(other)) return false;
  if (other.startsWith(`${base}.`) || other.startsWith(`${base}-`)) return true;
  return other.endsWith(ext) && (other.startsWith(`${name}.`) || other.startsWith(`${name}-`));
}

/** In the name of the directory where a relative pattern begins a wildcard is none. */
export function patternIn(directory: string, pattern: string): string {
  return path.resolve(directory.replace(/[*?[\]{}]/g, '[$&]'), pattern);
}
