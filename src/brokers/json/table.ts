import type { FieldTable } from '../../core/dialect.ts';
import type { JsonObject, JsonValue } from '../../core/event.ts';
import { isObject } from '../../core/json/object.ts';

/** One entry of the `fields` table. */
interface Entry {
  readonly path: readonly string[];
  readonly words: Readonly<Record<string, string>> | undefined;
}

/** The `fields` table by field. */
export type Table = ReadonlyMap<string, Entry>;

/** Made once for each configuration: every line is read by it. */
const tables = new WeakMap<FieldTable, Table>();

export function tableOf(given: FieldTable): Table {
  let table = tables.get(given);
  if (table === undefined) {
    table = new Map(Object.entries(given).map(([name, entry]) => [name, entryOf(entry)]));
    tables.set(given, table);
  }
  return table;
}

/** The object that a line is; undefined: it is none. */
export function readRecord(text: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The value that a record has for a field; a word of theirs is replaced by ours. */
export function find(record: JsonObject, table: Table, field: string): JsonValue | undefined {
  const entry = table.get(field);
  if (entry === undefined) return undefined;
  const { path, words } = entry;
  const value = parentOf(record, path)?.[path.at(-1) ?? ''];
  const word = words === undefined ? undefined : String(value);
  return word !== undefined && Object.hasOwn(words ?? {}, word) ? words?.[word] : value;
}

/** Takes the value for a field out of a record. */
export function remove(record: JsonObject, table: Table, field: string): void {
  const path = table.get(field)?.path ?? [];
  const parent: { [key: string]: JsonValue } | undefined = parentOf(record, path);
  delete parent?.[path.at(-1) ?? ''];
}

/** The object that has the last key of a path as its own; undefined: there is none. */
function parentOf(record: JsonObject, path: readonly string[]): JsonObject | undefined {
  let parent: JsonValue | undefined = record;
  for (const key of path.slice(0, -1)) {
    if (!isObject(parent) || !Object.hasOwn(parent, key)) return undefined;
    parent = parent[key];
  }
  return isObject(parent) && Object.hasOwn(parent, path.at(-1) ?? '') ? parent : undefined;
}

function entryOf(given: FieldTable[string]): Entry {
  if (typeof given === 'string') return { path: given.split('.'), words: undefined };
  return { path: given.key.split('.'), words: given.words };
}
