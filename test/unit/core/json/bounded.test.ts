import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonValue } from '../../../../src/core/event.ts';
import { bounded } from '../../../../src/core/json/bounded.ts';

describe('bounded values', () => {
  it('cuts keys that a JSON reader with limits would refuse', () => {
    const key = 'k'.repeat(60_000);
    const value = bounded({ [key]: 1, short: 2 }) as Record<string, JsonValue>;
    assert.deepEqual(Object.keys(value), [`${key.slice(0, 256)}…`, 'short']);
  });

  it('the keys that lead to a leaf and the leaf together are no longer than a term of a search server', () => {
    const wide = (length: number): string => '√'.repeat(length);
    let deep: JsonValue = wide(20_000);
    for (let i = 0; i < 10; i++) deep = { [wide(1000)]: deep };
    const bytes = (value: JsonValue): number =>
      typeof value === 'object' && value !== null
        ? Math.max(...Object.entries(value).map(([key, below]) => Buffer.byteLength(key) + 1 + bytes(below)))
        : Buffer.byteLength(String(value));
    const name = Buffer.byteLength('mqtt.payload.json.');
    assert.ok(name + bytes(bounded(deep)) <= 32_766, `${bytes(bounded(deep))}`);
  });

  it('keeps depth, keys and leaves within bounds', () => {
    let deep: JsonValue = 'bottom';
    for (let i = 0; i < 2000; i++) deep = { d: deep };
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i]));
    const depth = (value: JsonValue): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(...Object.values(value).map(depth)) : 0;
    assert.equal(depth(bounded(deep)), 10);
    assert.equal(Object.keys(bounded(many) as object).length, 100);
    assert.equal((bounded('x'.repeat(10_000)) as string).length, 8193);
  });
});
