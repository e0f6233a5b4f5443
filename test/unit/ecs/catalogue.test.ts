import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ACTIONS } from '../../../src/ecs/actions.ts';
import { CATALOGUE } from '../../../src/ecs/catalogue.ts';
import { GENERATED, GENERATED_FOLDERS } from '../../../src/generate/generate.ts';

describe('field catalogue', () => {
  it('no name is a value and the parent of another; names are lower snake_case', () => {
    const names = Object.keys(CATALOGUE);
    for (const name of names) {
      assert.deepEqual(
        names.filter((other) => other.startsWith(`${name}.`)),
        [],
        name,
      );
      if (name !== '@timestamp') assert.match(name, /^[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)*$/);
    }
  });

  it('generated files are fresh (else: npm run generate)', () => {
    for (const [file, make] of Object.entries(GENERATED)) {
      assert.ok(
        readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8') === make(),
        `${file} is stale`,
      );
    }
    for (const folder of GENERATED_FOLDERS) {
      const place = new URL(`../../../${folder}/`, import.meta.url);
      const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((one) =>
        one.isFile(),
      );
      const names = files.map((one) =>
        path.join(folder, path.relative(place.pathname, path.join(one.parentPath, one.name))),
      );
      assert.deepEqual(
        names.filter((name) => GENERATED[name] === undefined),
        [],
        'files of what is gone',
      );
    }
  });

  it('category and type of every action are pairs that ECS allows', () => {
    // ECS 9.4, allowed values of event.category with their expected event types.
    const allowed: Readonly<Record<string, string>> = {
      authentication: 'start end info',
      session: 'start end info',
      network: 'access allowed connection denied end info protocol start',
      configuration: 'access change creation deletion info',
      iam: 'admin change creation deletion group info user',
      host: 'access change end info start',
      process: 'access change end info start',
      intrusion_detection: 'allowed denied info',
    };
    for (const [action, { category, type }] of Object.entries(ACTIONS)) {
      for (const word of type)
        assert.ok(
          category.some((c) => allowed[c]?.split(' ').includes(word)),
          `${action}: ${word}`,
        );
    }
  });
});
