import type { JsonObject, JsonValue } from '../event.ts';

/** Bounds of a flattened value (event model, principle 8). */
const MAX_DEPTH = 10;
const MAX_KEYS = 100;
const MAX_LEAF_CHARS = 8192;
/**
 * A search server has one term for all keys that lead to a leaf and the leaf itself, and refuses an event with one of more than
 * 32,766 bytes: characters have at most 3 of them for each of JavaScript's, 10 keys and a leaf 32,300.
 */
const MAX_KEY_CHARS = 256;
const CUT = '…';

/**
 * A copy of a decoded value within bounds: 10 levels, 100 keys in all of 256 characters each, 8 KiB a leaf. What lies deeper
 * becomes JSON text.
 * Keys are data: `__proto__` stays a key of its own.
 */
export function bounded(value: JsonValue): JsonValue {
  let keys = 0;
  const copy = (from: JsonValue, depth: number): JsonValue => {
    if (typeof from === 'string')
      return from.length > MAX_LEAF_CHARS ? from.slice(0, MAX_LEAF_CHARS) + CUT : from;
    if (typeof from !== 'object' || from === null) return from;
    if (depth >= MAX_DEPTH) return copy(JSON.stringify(from), depth);
    if (Array.isArray(from)) return from.slice(0, MAX_KEYS).map((item) => copy(item, depth + 1));
    const entries: [string, JsonValue][] = [];
    for (const [key, item] of Object.entries(from as JsonObject)) {
      if (++keys > MAX_KEYS) break;
      const name = key.length > MAX_KEY_CHARS ? key.slice(0, MAX_KEY_CHARS) + CUT : key;
      entries.push([name, copy(item, depth + 1)]);
    }
    return Object.fromEntries(entries);
  };
  return copy(value, 0);
}
