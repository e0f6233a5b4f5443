import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { program } from '../../../src/cli/program.ts';
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

const COMMAND = /(?:^|[`|&;(] ?|^# +|\/bin\/)(?:npx )?brokertap(?:\.js)? ([a-z][^`\n|;&)>"]*)/gm;
/** Of a service in a compose file. */
const SERVICE_COMMAND = /command: (\["setup".*\])$/gm;

/** What a page calls, as words; what stands behind # is said to people. */
function commands(file: string): string[][] {
  const text = readFileSync(path.join(ROOT, file), 'utf8').replaceAll('\\\n', ' ');
  const called = [...text.matchAll(COMMAND)].map(([, words = '']) =>
    words
      .replace(/\s#.*$/, '')
      .replace(/'[^']*'|"[^"]*"/g, 'TEXT')
      .trim()
      .split(/\s+/),
  );
  return [...called, ...[...text.matchAll(SERVICE_COMMAND)].map(([, words = '[]']) => JSON.parse(words))];
}

/** What there is not; undefined: everything is there. */
function unknownIn(words: readonly string[]): string | undefined {
  let command = program();
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next !== undefined) command = next;
    else if (command.commands.length > 0 && /^[a-z-]+$/.test(word)) return word;
    const [option = ''] = word.split('=');
    const isOption = /^--?[a-z]/.test(option);
    if (isOption && !command.options.some(({ short, long }) => short === option || long === option))
      return word;
  }
  return undefined;
}

describe('what the documentation shows', () => {
  const pages = ['README.md', ...globSync('{docs,examples,pipelines}/**/*.md', { cwd: ROOT })];
  it('commands: they are there, with their options', () => {
    let count = 0;
    for (const page of [...pages, ...globSync('examples/**/*.yaml', { cwd: ROOT })]) {
      for (const words of commands(page)) {
        assert.equal(unknownIn(words), undefined, `${page}: brokertap ${words.join(' ')}`);
        count++;
      }
    }
    assert.ok(count >= 50, `${count} were found`);
  });

  it('configurations: they are right', () => {
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
