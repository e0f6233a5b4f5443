import type { z } from 'zod';
import { suggest } from './suggest.ts';

/** Keys and indices from the top of the configuration to a value. */
export type Path = readonly PropertyKey[];

/** Takes what is wrong at a path. `key`: with the key itself, not with its value. */
export type Report = (path: Path, message: string, key?: boolean) => void;

/** Checks a value against a schema and says in words what is wrong. @param base where the value stands */
export function checkWith<T extends z.ZodObject>(
  schema: T,
  value: unknown,
  base: Path,
  report: Report,
): z.infer<T> | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const path = [...base, ...issue.path];
    if (issue.path[0] === 'inputs' || issue.path[0] === 'outputs') continue;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) report([...path, key], unknownKey(key, keysAt(schema, issue.path)), true);
    } else if (issue.code !== 'custom' && issue.path.length > 0 && valueAt(value, issue.path) === undefined) {
      report(path, 'is missing');
    } else if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
      const keys = keysAt(schema, issue.path);
      report(
        path,
        `write ${FORMS[issue.expected] ?? issue.expected}${keys.length > 0 ? ` with keys of ${keys.join(', ')}` : ''}`,
      );
    } else {
      report(path, issue.message);
    }
  }
  return undefined;
}

/** What to write where a value has the wrong form, by the schema's word for the right one. */
const FORMS: Readonly<Record<string, string>> = {
  string: 'a text (in quotes if it looks like something else)',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  number: 'a number',
  boolean: 'true or false',
};

function unknownKey(key: string, known: readonly string[]): string {
  if (/pass(word)?|secret|token/i.test(key) && known.includes('password_file')) {
    return 'unknown key; secrets come from files: write password_file and the path of a file that holds it';
  }
  const near = suggest(key, known);
  return near === undefined
    ? `unknown key; there are ${known.join(', ')}`
    : `unknown key; did you mean "${near}"?`;
}

/** A word that is none of those known, and the one that may be meant. */
export function unknown(what: string, word: string, known: readonly string[]): string {
  const near = suggest(word, known);
  const hint = near === undefined ? `there are ${known.join(', ')}` : `did you mean "${near}"?`;
  return `unknown ${what} "${word}"; ${hint}`;
}

/** Keys of the object in a schema at a path. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let node: unknown = schema;
  const inner = (value: unknown): unknown => {
    let current = value;
    for (;;) {
      const def = (
        current as {
          def?: { type?: string; innerType?: unknown; in?: unknown; element?: unknown; options?: unknown[] };
        }
      ).def;
      if (def?.innerType !== undefined) current = def.innerType;
      else if (def?.type === 'pipe') current = def.in;
      else if (def?.type === 'union')
        current = def.options?.find((option) => 'shape' in (inner(option) as object)) ?? def.options?.at(-1);
      else return current;
    }
  };
  for (const step of path) {
    const current = inner(node) as { shape?: Record<string, unknown>; element?: unknown };
    node = typeof step === 'number' ? current.element : current.shape?.[String(step)];
    if (node === undefined) return [];
  }
  const { shape } = inner(node) as { shape?: Record<string, unknown> };
  return Object.keys(shape ?? {});
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}
