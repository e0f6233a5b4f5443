import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** A folder of its own for one test, removed afterwards. */
export function tempDir(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'bt-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
