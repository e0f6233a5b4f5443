import type { JsonValue } from '../../../core/event.ts';
import { binaryText, unescaped } from './binary.ts';
import { MAX_DEPTH, quotedEnd, termEnd } from './term-end.ts';

/**
 * Reads an Erlang term as EMQX's own JSON has it: maps and lists of pairs are objects, other lists arrays, binaries and atoms
 * text. Tuples, other terms, and text that is no whole term, stay the text that they are.
 */
export function readTerm(text: string): JsonValue {
  const value = readValue(text.trim(), 0);
  return value === undefined ? text : value;
}

/** What stands for a binary that is not told. */
const SIZE = /^\[(?:\d{1,10} bytes|payload)\]$/;

function readValue(text: string, depth: number): JsonValue | undefined {
  const first = text.charCodeAt(0);
  if (depth > MAX_DEPTH) return text;
  if (first === 0x23 && text.charCodeAt(1) === 0x7b) return mapOf(text, depth);
  if (first === 0x5b) return SIZE.test(text) ? text : listOf(text, depth);
  if (text.startsWith('<<')) return binaryText(text) ?? text;
  if (first === 0x22) return unquote(text, 0x22) ?? text;
  if (first === 0x27) return unquote(text, 0x27) ?? text;
  if (/^-?\d{1,15}(\.\d{1,17}(e[+-]?\d{1,3})?)?$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text;
}

/** `#{key => value,…}` */
function mapOf(text: string, depth: number): JsonValue | undefined {
  const entries: [string, JsonValue][] = [];
  const items = itemsOf(text, 2, 0x7d);
  if (items === undefined) return undefined;
  for (const item of items) {
    const keyEnd = termEnd(item, 0);
    const arrow = keyEnd === -1 ? -1 : item.indexOf('=>', keyEnd);
    if (arrow === -1) return undefined;
    const key = readValue(item.slice(0, keyEnd).trim(), depth + 1);
    const value = readValue(item.slice(arrow + 2).trim(), depth + 1);
    entries.push([typeof key === 'string' ? key : String(key), value ?? item.slice(arrow + 2)]);
  }
  return Object.fromEntries(entries);
}

/** `[{key,value},…]` and `[key: value,…]` are objects, any other list is an array. */
function listOf(text: string, depth: number): JsonValue | undefined {
  const items = itemsOf(text, 1, 0x5d);
  if (items === undefined) return undefined;
  const pairs: [string, string][] = [];
  for (const item of items) {
    const pair = pairOf(item);
    if (pair === undefined) break;
    pairs.push(pair);
  }
  if (items.length > 0 && pairs.length === items.length)
    return Object.fromEntries(pairs.map(([key, value]) => [key, readValue(value, depth + 1) ?? value]));
  const named = items.map((item) => NAMED.exec(item));
  if (items.length > 0 && named.every((found) => found !== null))
    return Object.fromEntries(named.map((found) => namedValue(found, depth)));
  return items.map((item) => readValue(item, depth + 1) ?? item);
}

/** Traces print a map as `[key: value,…]`. */
const NAMED = /^([A-Za-z][\w-]{0,63}): /;

function namedValue(found: RegExpExecArray, depth: number): [string, JsonValue] {
  const text = found.input.slice(found[0].length);
  return [found[1] ?? '', readValue(text, depth + 1) ?? text];
}

/** `{atom,value}` */
function pairOf(item: string): [string, string] | undefined {
  const key = /^\{([a-z]\w{0,63}|'[^'\\]{1,64}'|"[^"\\]{1,64}"),/.exec(item)?.[1];
  if (key === undefined || !item.endsWith('}')) return undefined;
  const at = key.length + 2;
  const end = termEnd(item, at + leading(item, at));
  if (end !== item.length - 1) return undefined;
  return [/^['"]/.test(key) ? key.slice(1, -1) : key, item.slice(at, -1).trim()];
}

function leading(text: string, at: number): number {
  let i = at;
  while (text.charCodeAt(i) === 0x20 || text.charCodeAt(i) === 0x0a) i++;
  return i - at;
}

/** The items between brackets, split at commas; undefined: the closing bracket is not the end of the text. */
function itemsOf(text: string, from: number, close: number): string[] | undefined {
  if (text.charCodeAt(text.length - 1) !== close) return undefined;
  const items: string[] = [];
  const last = text.length - 1;
  let start = from;
  for (let i = from; i < last; ) {
    const c = text.charCodeAt(i);
    if (c === 0x2c) {
      items.push(text.slice(start, i).trim());
      start = ++i;
    } else if (isOpening(c, text, i)) {
      i = termEnd(text, i);
      if (i === -1 || i > last) return undefined;
    } else {
      i++;
    }
  }
  const rest = text.slice(start, last).trim();
  if (rest !== '') items.push(rest);
  return items;
}

function isOpening(c: number, text: string, at: number): boolean {
  if (c === 0x3c) return true;
  if (c === 0x24) return false;
  return (
    c === 0x22 ||
    c === 0x27 ||
    c === 0x7b ||
    c === 0x5b ||
    c === 0x28 ||
    (c === 0x23 && text.charCodeAt(at + 1) === 0x7b)
  );
}

function unquote(text: string, quote: number): string | undefined {
  if (text.length < 2 || quotedEnd(text, 0, quote) !== text.length) return undefined;
  return unescaped(text.slice(1, -1));
}
