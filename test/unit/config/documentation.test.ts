import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '../../../src/config/load.ts';
import { registry } from '../../../src/registry.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BLOCK = /```yaml\n(.*?)```/gs;
const SOURCE = 'inputs: {some: {type: stdin, broker: mosquitto}}\n';
const SINK = 'outputs: {some: {type: stdout}}\n';

/** The blocks of a page that show a configuration; one that leaves out its inputs or outputs gets some. */
function configurations(file: string): string[] {
  return [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(BLOCK)]
    .map(([, text = '']) => text)
    .filter((text) => /^(?:inputs|outputs|privacy|spool):/m.test(text))
    .map((text) => text + (/^inputs:/m.test(text) ? '' : SOURCE) + (/^outputs:/m.test(text) ? '' : SINK));
}

describe('configurations that the documentation shows', () => {
  const pages = ['README.md', ...globSync('{docs,examples,pipelines}/**/*.md', { cwd: ROOT })];
  it('are right', () => {
    let count = 0;
    for (const page of pages) {
      for (const text of configurations(page)) {
        parseConfig(text, page, {}, registry);
        count++;
      }
    }
    assert.ok(count >= 10, `${count} were found`);
  });
});
