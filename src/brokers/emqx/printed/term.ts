import type { JsonValue } from '../../../core/event.ts';

/** Deeper terms stay text. */
const MAX_DEPTH = 32;

/**
 * Where the Erlang term that begins at `at` ends: brackets, binaries, strings and quoted atoms are balanced. Linear.
 * @returns -1 when it does not end, or is nested too deeply
 */
export function termEnd(text: string, at: number): number {
  const open: number[] = [];
  for (let i = at; i < text.length; ) {
    const c = text.charCodeAt(i);
    switch (c) {
      case 0x22:
      case 0x27:
        i = quotedEnd(text, i, c);
        if (i === -1) return -1;
        break;
      case 0x3c:
        if (text.charCodeAt(i + 1) === 0x3c) {
          open.push(0x3e);
          i += 2;
        } else {
          // A pid: `<0.9.0>`.
          const end = text.indexOf('>', i);
          if (end === -1) return -1;
          i = end + 1;
        }
        break;
      case 0x7b:
      case 0x5b:
      case 0x28:
        open.push(c === 0x28 ? 0x29 : c + 2);
        i++;
        break;
      case 0x7d:
      case 0x5d:
      case 0x29:
        if (open.length === 0) return i;
        if (open.pop() !== c) return -1;
        i++;
        break;
      case 0x3e:
        if (open.at(-1) === 0x3e && text.charCodeAt(i + 1) === 0x3e) {
          open.pop();
          i += 2;
        } else {
          // The arrow of a map.
          i++;
          continue;
        }
        break;
      case 0x24:
        // `$c` is a character; `#Ref<…>` and `'$name'` hold none here.
        i += 2;
        continue;
      default:
        if (open.length === 0 && (c === 0x2c || c === 0x20)) return i;
        i++;
        continue;
    }
    if (open.length > MAX_DEPTH) return -1;
    if (open.length === 0) return i;
  }
  return open.length === 0 ? text.length : -1;
}

/** Behind the closing quotation mark; -1: there is none. */
function quotedEnd(text: string, at: number, quote: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === quote) return i + 1;
    if (c === 0x5c) i++;
  }
  return -1;
}

/**
 * An Erlang term as the broker's JSON form has it: maps and lists of pairs are objects, lists arrays, binaries and atoms
 * text, tuples and what else there is their own text. Text that is no whole term is that text.
 */
export function readTerm(text: string): JsonValue {
  const value = readValue(text.trim(), 0);
  return value === undefined ? text : value;
}

function readValue(text: string, depth: number): JsonValue | undefined {
  const first = text.charCodeAt(0);
  if (depth > MAX_DEPTH) return text;
  if (first === 0x23 && text.charCodeAt(1) === 0x7b) return mapOf(text, depth);
  if (first === 0x5b) return listOf(text, depth);
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

/** The text of `<<"…">>`; undefined for bytes (`<<255,254>>`) and for what the broker cut (`<<"…"...>>`). */
export function binaryText(term: string): string | undefined {
  if (term === '<<>>') return '';
  if (!term.startsWith('<<"')) return undefined;
  const tail = term.endsWith('"/utf8>>') ? 8 : term.endsWith('">>') ? 3 : 0;
  if (tail === 0) return undefined;
  return unescaped(term.slice(3, term.length - tail));
}

/** Bytes of a binary as the broker prints it; undefined: it was cut. */
export function binarySize(term: string): number | undefined {
  const text = binaryText(term);
  if (text !== undefined) return Buffer.byteLength(text);
  if (!/^<<\d/.test(term) || term.endsWith('...>>')) return undefined;
  let count = 1;
  for (let i = term.indexOf(','); i !== -1; i = term.indexOf(',', i + 1)) count++;
  return count;
}

function unquote(text: string, quote: number): string | undefined {
  if (text.length < 2 || quotedEnd(text, 0, quote) !== text.length) return undefined;
  return unescaped(text.slice(1, -1));
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\u001b',
  d: '\u007f',
  s: ' ',
  '0': '\0',
};

/** Escapes of Erlang strings (Erlang Reference Manual, §3.16). */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(x\{([0-9a-fA-F]{1,6})\}|[0-7]{1,3}|[\s\S])/g, (_, what: string, hex?: string) => {
    if (hex !== undefined) return codePoint(Number.parseInt(hex, 16));
    if (/^[0-7]{2,3}$/.test(what)) return codePoint(Number.parseInt(what, 8));
    return ESCAPES[what] ?? what;
  });
}

function codePoint(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
