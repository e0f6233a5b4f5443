import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setupFiles } from '../../../src/generate/setup-files.ts';
import { apiKeyRequest } from '../../../src/setup/search/api-key.ts';
import { tempDir } from '../../support/temp.ts';

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** Requests of the official client, by the path below which a body is sent, and what names the thing there. */
const REQUESTS: Readonly<Record<string, readonly [type: string, name: string]>> = {
  _component_template: ['ClusterPutComponentTemplateRequest', 'name'],
  _index_template: ['IndicesPutIndexTemplateRequest', 'name'],
  '_ingest/pipeline': ['IngestPutPipelineRequest', 'id'],
  '_ilm/policy': ['IlmPutLifecycleRequest', 'name'],
  _scripts: ['PutScriptRequest', 'id'],
};

/** What the compiler says of bodies that are written as requests of the client. */
async function compile(directory: string, lines: readonly string[]): Promise<string> {
  writeFileSync(
    path.join(directory, 'requests.ts'),
    ["import type { estypes } from '@elastic/elasticsearch';", ...lines].join('\n'),
  );
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024'];
  const types = ['--types', 'node', 'requests.ts'];
  return promisify(execFile)(path.join(MODULES, '.bin/tsc'), ['--ignoreConfig', ...options, ...types], {
    cwd: directory,
  }).then(
    () => '',
    ({ stdout }) => String(stdout),
  );
}

describe('what setup sends to Elasticsearch', () => {
  it('is what the types of the official client know', { timeout: 180_000 }, async (t) => {
    const directory = tempDir(t);
    symlinkSync(MODULES, path.join(directory, 'node_modules'));
    writeFileSync(path.join(directory, 'package.json'), '{"type":"module"}');
    const lines = Object.entries(setupFiles()).flatMap(([file, text]) => {
      const [, place = '', name] = /^pipelines\/elasticsearch(?:-ilm)?\/(.*)\/(.*)\.json$/.exec(file) ?? [];
      if (name === undefined) return [];
      const [type, key] = REQUESTS[place] ?? [];
      assert.ok(type !== undefined && key !== undefined, `${file}: of no known kind`);
      // One literal: of what is spread into another one, unknown words are not looked for.
      return [`(${JSON.stringify({ [key]: name, ...JSON.parse(text) })}) satisfies estypes.${type};`];
    });
    assert.ok(lines.length > 60, `only ${lines.length} files`);
    const key = JSON.stringify(apiKeyRequest(undefined).body);
    lines.push(`(${key}) satisfies estypes.SecurityCreateApiKeyRequest;`);
    // The check itself is checked: a misspelt word has to be found.
    const wrong =
      "({ name: 'x', index_patterns: ['x'], data_stream: {}, composed_off: [] }) satisfies estypes.IndicesPutIndexTemplateRequest;";
    const said = await compile(directory, [...lines, wrong]);
    const problems = said.split('\n').filter((line) => line.startsWith('requests.ts'));
    assert.equal(problems.length, 1, said.slice(0, 3000));
    assert.match(problems[0] ?? '', /composed_off/);
  });
});
