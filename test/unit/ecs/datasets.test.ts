import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { EventKind } from '../../../src/core/event.ts';
import { ACTIONS } from '../../../src/ecs/actions.ts';
import { fieldsOf } from '../../../src/setup/search/mapping.ts';

const SOURCES = fileURLToPath(new URL('../../../src/', import.meta.url));
/** Rooms that define kinds of events. */
const ROOMS = ['app', 'brokers', 'inputs', 'pipeline'];
const DEEPEST = 6;

/** Every kind of event that a module exports, within tables too. */
async function kinds(): Promise<EventKind[]> {
  const found: EventKind[] = [];
  const seen = new Set<unknown>();
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || seen.has(value) || depth > DEEPEST) return;
    seen.add(value);
    const { action, slots } = value as Partial<EventKind>;
    if (action !== undefined && Object.hasOwn(ACTIONS, action) && Array.isArray(slots)) {
      found.push(value as EventKind);
      return;
    }
    const inner = value instanceof Map || value instanceof Set ? value.values() : Object.values(value);
    for (const one of inner) walk(one, depth + 1);
  };
  for (const room of ROOMS) {
    const files = readdirSync(path.join(SOURCES, room), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.ts')))
      walk({ ...(await import(path.join(SOURCES, room, file))) }, 0);
  }
  return found;
}

describe('datasets of the field catalogue', () => {
  it('every field that a kind of event can fill is one of its dataset, so that its data stream maps it', async () => {
    const all = await kinds();
    assert.ok(all.length > 500, `only ${all.length} kinds were found`);
    const strange = all.flatMap(({ action, code, slots, constants }) => {
      const { dataset } = ACTIONS[action];
      const fields = fieldsOf(dataset);
      return [...slots, ...Object.keys(constants)]
        .filter((name) => !Object.hasOwn(fields, name))
        .map((name) => `${name}: add "${dataset}" to its datasets (${code})`);
    });
    assert.deepEqual([...new Set(strange)], []);
  });
});
