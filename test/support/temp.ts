import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Where a helper leaves what has to be done at the end: a test's context, for one. */
export interface Cleanup {
  after(act: () => unknown): void;
}

/** A folder of its own for one test, removed afterwards. */
export function tempDir(t: Cleanup): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'bt-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
