import {
  type Document,
  type ErrorCode,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type visitor,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import { ConfigError, type ConfigIssue } from '../core/errors.ts';
import { interpolate } from './interpolate.ts';
import { type Path, withoutBlank } from './schema-check.ts';

/** Finds a key's or value's place; `key`: the key itself, not its value. */
export type Locate = (path: Path, key?: boolean) => { line: number; column: number };

/** A YAML text whose variables are replaced. */
interface YamlText {
  readonly value: unknown;
  readonly locate: Locate;
  /** What is wrong in the text itself; the value is then none to act on. */
  readonly issues: ConfigIssue[];
}

/** What to do about a text that is no YAML, by the parser's word for it. */
const FIXES: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'a tab stands here; indent with spaces',
  BAD_ALIAS: 'put a text that begins with * in quotes',
  BAD_SCALAR_START: 'put a text that begins so in quotes',
  BAD_DQ_ESCAPE: 'put the text in single quotes: there a backslash is one',
  MISSING_CHAR: 'a quotation mark is not closed',
  BAD_INDENT: 'indent alike what belongs together, close every { and [, and put a text with # in quotes',
  MULTIPLE_DOCS: 'leave "---" out',
};
const FIX = 'indent alike what belongs together, and put a text with ": " or # in quotes';

const VARIABLE_FIX = 'put a text with ${…} in quotes where it stands in { } or [ ]';
/** Aliases of aliases grow beyond all bounds. */
const MAX_ALIASES = 10_000;

/** A part of a document, as `visit` gives it with all that it stands in. */
type Part = Document | Node | Pair;

type Place = (offset: number) => { line: number; column: number };
type Tell = (offset: number, path: Path, message: string) => void;

/**
 * Reads a YAML text.
 * @param file its name, for messages
 * @param shortest what to write at least
 * @throws ConfigError when it is no YAML, or no mapping
 */
export function readYaml(text: string, file: string, env: NodeJS.ProcessEnv, shortest: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    merge: true,
  });
  const place: Place = (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const issues: ConfigIssue[] = [];
  const tell: Tell = (offset, path, message) => {
    issues.push({ file, ...place(offset), key: path.join('.'), message });
  };
  // Those after the first mostly come of it.
  const [error] = document.errors;
  if (error !== undefined) tell(error.pos[0], [], `this is no YAML: ${fixOf(error, text)}`);
  else if (!isMap(document.contents))
    tell(0, [], `${whatIs(document.contents)}; write at least\n${shortest}`);
  if (issues.length > 0) throw new ConfigError(issues);
  visit(document, { ...mistakes(document, place, tell), ...variables(text, env, tell) });
  const locate: Locate = (path, key) => place(offsetOf(document, path, key === true));
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }), locate, issues };
  } catch {
    tell(0, [], `there are more than ${MAX_ALIASES} aliases (*): write out what they refer to`);
    throw new ConfigError(issues);
  }
}

function fixOf({ code, message, pos: [at] }: YAMLParseError, text: string): string {
  if (text.startsWith('${', at - 1)) return VARIABLE_FIX;
  return withoutBlank(text.slice(at)).problem ?? FIXES[code] ?? `${message.replace(/\s+/g, ' ')}; ${FIX}`;
}

/** What stands in the place of a mapping. */
function whatIs(contents: unknown): string {
  if (contents === null || (isScalar(contents) && contents.value === null)) return 'nothing is configured';
  const form = isSeq(contents) ? 'this is a list' : 'this is a text';
  return `${form}, and a mapping is needed, with the keys inputs and outputs`;
}

/** Tells keys that stand twice, and aliases of nothing. */
function mistakes(document: Document, place: Place, tell: Tell): visitor {
  return {
    Pair(_, { key }, around) {
      const siblings = around.at(-1);
      if (!isMap(siblings) || !isScalar(key)) return;
      const first = siblings.items.find(
        (pair) => isScalar(pair.key) && String(pair.key.value) === String(key.value),
      )?.key;
      if (first === key) return;
      const { line } = place(startOf(first));
      const path = [...pathOf(around), String(key.value)];
      tell(startOf(key), path, `stands here again, and on line ${line} before: leave one of them out`);
    },
    Alias(_, node, around) {
      if (node.resolve(document) !== undefined) return;
      const message = `"*${node.source}" refers to an anchor, which is not there; put a text that begins with * in quotes`;
      tell(startOf(node), pathOf([...around, node]), message);
      return document.createNode(null);
    },
  };
}

/** Replaces variables in texts, and tells those that are not set, and texts that a comment has eaten. */
function variables(text: string, env: NodeJS.ProcessEnv, tell: Tell): visitor {
  return {
    Scalar(key, node, around) {
      if (key === 'key') return;
      const offset = startOf(node);
      const path = (): Path => pathOf([...around, node]);
      if (node.value === null && text[offset] === '#')
        tell(offset, path(), 'has no value: # begins a comment; put a text with # in quotes');
      if (typeof node.value !== 'string' || !node.value.includes('${')) return;
      const result = interpolate(node.value, env);
      if ('text' in result) {
        node.value = result.text;
        return;
      }
      const [wrong] = result.wrong;
      const missing = result.missing.map((name) => `\${${name}}`).join(', ');
      const message =
        wrong === undefined
          ? `${missing} is not set; set it, or write a default: \${NAME:default}`
          : `${wrong} names no variable; write \${NAME} or \${NAME:default}, and $\${ for the characters themselves`;
      tell(offset, path(), message);
    },
  };
}

/** Keys and indices from the top to the last of these parts, each of which stands in the one before. */
function pathOf(parts: readonly Part[]): Path {
  return parts.flatMap((part, i): PropertyKey[] => {
    if (isPair(part)) return [isScalar(part.key) ? String(part.key.value) : ''];
    const inner = parts[i + 1];
    return isSeq(part) && inner !== undefined ? [part.items.indexOf(inner)] : [];
  });
}

/** The pair of a key; also of one that has no blank behind its colon, and is taken for a longer one. */
function pairOf(parent: YAMLMap, key: PropertyKey | undefined): Pair | undefined {
  const named = (isIt: (text: string) => boolean): Pair | undefined =>
    parent.items.find((item) => isScalar(item.key) && isIt(String(item.key.value)));
  return named((text) => text === String(key)) ?? named((text) => withoutBlank(text).name === key);
}

function startOf(node: unknown): number {
  return (node as Node | undefined)?.range?.[0] ?? 0;
}

/** Offset in the text of a value, or of the nearest one above it that exists. */
function offsetOf(document: Document.Parsed, path: Path, key: boolean): number {
  for (let length = path.length; length >= 0; length--) {
    const parent = length === 0 ? undefined : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const pair = isMap(parent) ? pairOf(parent, last) : undefined;
    const wanted =
      pair !== undefined && (key || length < path.length)
        ? pair.key
        : document.getIn(path.slice(0, length), true);
    const range = (wanted as Node | undefined)?.range;
    if (range) return range[0];
  }
  return 0;
}
