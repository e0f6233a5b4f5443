import type { z } from 'zod';
import { hint, suggest } from '../core/text/suggest.ts';

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
  const meant = new Set(result.error.issues.flatMap((issue) => meantBy(schema, issue)));
  for (const issue of result.error.issues) {
    const path = [...base, ...issue.path];
    if (issue.path[0] === 'inputs' || issue.path[0] === 'outputs') continue;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        // What stands behind the colon may be a secret.
        const { name, problem = unknownKey(schema, issue.path, key) } = withoutBlank(key);
        report([...path, name], problem, true);
      }
    } else if (issue.code !== 'custom' && issue.path.length > 0 && valueAt(value, issue.path) === undefined) {
      if (!meant.has(issue.path.join('.'))) report(path, `is missing${example(schema, issue.path)}`);
    } else if (issue.code === 'invalid_key') {
      report(path, issue.issues[0]?.message ?? issue.message, true);
    } else {
      report(
        path,
        OWN_WORDS.test(issue.message) ? inWords(issue, keysAt(schema, issue.path)) : issue.message,
      );
    }
  }
  return undefined;
}

/** How the sentences of the schema library begin that say nothing of what to write. */
const OWN_WORDS = /^(Invalid|Too (small|big))/;

/** @param keys of the mapping that is expected there */
function inWords(issue: z.core.$ZodIssue, keys: readonly string[]): string {
  switch (issue.code) {
    case 'invalid_type':
      return `write ${FORMS[issue.expected] ?? issue.expected}${keys.length > 0 ? ` with keys of ${keys.join(', ')}` : ''}`;
    case 'invalid_value':
      return `write ${issue.values
        .map((value) => JSON.stringify(value))
        .join(', ')
        .replace(/, ([^,]*)$/, ' or $1')}`;
    case 'too_small':
      return issue.origin === 'number' ? `write at least ${issue.minimum}` : 'is empty: write at least one';
    default:
      return issue.message;
  }
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

/** Keys that are there, but misspelt: one message for each is enough. @returns their paths, joined by dots */
function meantBy(schema: z.ZodType, issue: z.core.$ZodIssue): string[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const known = keysAt(schema, issue.path);
  const names = issue.keys.map((key) => withoutBlank(key).name);
  return names.map((name) => [...issue.path, suggest(name, known) ?? name].join('.'));
}

/**
 * A key without the value that is taken for a part of it, as no blank stands between them.
 * @returns `problem` undefined: it is a whole key
 */
export function withoutBlank(key: string): { name: string; problem?: string | undefined } {
  const [, name] = /^([A-Za-z_]\w*):(?!\/\/|[\\\s]|$)/.exec(key) ?? [];
  return name === undefined
    ? { name: key }
    : { name, problem: `a blank is missing behind the colon: write "${name}: …"` };
}

/** @param path of the mapping that has the key */
function unknownKey(schema: z.ZodType, path: Path, key: string): string {
  const known = keysAt(schema, path);
  const files = known.filter((name) => name.endsWith('_file'));
  const file = suggest(`${key}_file`, files) ?? files.find((name) => name === 'password_file');
  if (file !== undefined && /pass(word)?|secret|token|key/i.test(key))
    return `unknown key; secrets come from files: write ${file} and the path of a file that holds it`;
  const group = known.find((name) => keysAt(schema, [...path, name]).includes(key));
  if (group !== undefined) return `stands in "${group}": write ${group}: {${key}: …}`;
  return `unknown key; ${hint(key, known)}`;
}

/** A word that is none of those known, and the one that may be meant. */
export function unknown(what: string, word: string, known: readonly string[]): string {
  return `unknown ${what} "${word}"; ${hint(word, known)}`;
}

/** Keys of the object in a schema at a path. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  return Object.keys(inner(schemaAt(schema, path)).shape ?? {});
}

/** What to write for a key that is missing, where the schema has an example; begins with a semicolon. */
function example(schema: z.ZodType, path: Path): string {
  const [first] = schemaAt(schema, path)?.meta?.()?.examples ?? [];
  return first === undefined ? '' : `; write for example ${String(path.at(-1))}: ${JSON.stringify(first)}`;
}

/** What the schema library has inside a schema, as far as it is looked at here. */
interface Inside {
  readonly def?: {
    readonly type?: string;
    readonly innerType?: Inside;
    readonly in?: Inside;
    readonly options?: readonly Inside[];
  };
  readonly shape?: Readonly<Record<string, Inside>>;
  readonly element?: Inside;
  readonly meta?: () => { readonly examples?: readonly unknown[] } | undefined;
}

function schemaAt(schema: z.ZodType, path: Path): Inside | undefined {
  return path.reduce<Inside | undefined>((at, step) => {
    const { element, shape } = inner(at);
    return typeof step === 'number' ? element : shape?.[String(step)];
  }, schema as Inside);
}

/** A schema without what stands around it; of a union the object. */
function inner(schema: Inside | undefined): Inside {
  const { innerType, type, in: given, options = [] } = schema?.def ?? {};
  if (innerType !== undefined) return inner(innerType);
  if (type === 'pipe') return inner(given);
  if (type === 'union')
    return options.map(inner).find(({ shape }) => shape !== undefined) ?? inner(options.at(-1));
  return schema ?? {};
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}
