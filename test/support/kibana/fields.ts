import assert from 'node:assert/strict';
import { CATALOGUE } from '../../../src/ecs/catalogue.ts';
import type { Field } from '../../../src/ecs/fields/field.ts';

const FIELDS: Readonly<Record<string, Field | undefined>> = CATALOGUE;
const NUMBERS = ['long', 'short', 'byte', 'float'];
const TERMS = ['keyword', 'ip', 'boolean', 'date', 'constant_keyword', ...NUMBERS];

/**
 * A field is in the catalogue, in a dataset, and of a type that fits its use.
 * @param dataset undefined: any
 * @param use `term`: counted by its values; `number`: added or averaged; `value`: compared; `any`: shown
 */
export function assertField(
  name: string,
  dataset: string | undefined,
  use: 'term' | 'number' | 'value' | 'any',
): void {
  const field = FIELDS[name];
  assert.ok(field, `${name} is in the catalogue`);
  assert.ok(
    dataset === undefined || field.datasets === undefined || field.datasets.includes(dataset),
    `${name} is in ${dataset}`,
  );
  if (use === 'any') return;
  assert.notEqual(field.unindexed, true, `${name} can be searched`);
  if (use === 'number') assert.ok(NUMBERS.includes(field.type), `${name} is a number`);
  if (use === 'term') assert.ok(TERMS.includes(field.type), `${name} can be counted by its values`);
}
