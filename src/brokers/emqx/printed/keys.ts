/** A key of a line, and where its value stands. */
export interface Pair {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

const MAX_KEY_CHARS = 64;
const QUOTE = 0x27;
/** A key that is printed in quotation marks: `'$span': `. */
const QUOTED_KEY = /'(\$?[A-Za-z][\w-]{0,62})'(?=: )/y;
/** Trace points of EMQX's code (snabbkaffe) name an entry so, others by `msg`. */
const KIND = '$kind';

/** A printed term begins here. */
export function isTerm(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === 0x22 || c === 0x27 || c === 0x23 || c === 0x5b || c === 0x7b || c === 0x3c;
}

/** The line ends here, or another key follows. */
export function isBorder(text: string, at: number, separator: string): boolean {
  if (at === text.length) return true;
  return text.startsWith(separator, at) && keyEnd(text, at + separator.length) !== -1;
}

/** Where the colon of the key at `at` stands; -1: there is no word with `: ` behind it. */
export function keyEnd(text: string, at: number): number {
  if (text.charCodeAt(at) === QUOTE) {
    QUOTED_KEY.lastIndex = at;
    return QUOTED_KEY.test(text) ? QUOTED_KEY.lastIndex : -1;
  }
  for (let i = at; i <= at + MAX_KEY_CHARS; i++) {
    const c = text.charCodeAt(i);
    const isLetter = (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
    if (isLetter || (i > at && (c === 95 || (c >= 48 && c <= 57)))) continue;
    return i > at && c === 0x3a && text.charCodeAt(i + 1) === 0x20 ? i : -1;
  }
  return -1;
}

/** Keys that most records have, by length and first letter. */
const KNOWN: string[][] = Array.from({ length: (MAX_KEY_CHARS + 1) * 128 }, () => []);
for (const key of [
  ...['msg', 'mfa', 'line', 'peername', 'clientid', 'username', 'topic', 'tag', 'tns', 'pid', 'reason'],
  ...['packet', 'packet_id', 'payload', 'payload_encode', 'action', 'source', 'queue', 'size', 'type'],
])
  KNOWN[placeOf(key, 0, key.length)]?.push(key);

function placeOf(text: string, at: number, end: number): number {
  return (end - at) * 128 + text.charCodeAt(at);
}

/** A key, for known keys always the same string: comparing and looking it up is then much faster. */
export function keyAt(text: string, at: number, end: number): string {
  if (text.charCodeAt(at) === QUOTE) {
    const name = text.slice(at + 1, end - 1);
    return name === KIND ? 'msg' : name;
  }
  for (const key of KNOWN[placeOf(text, at, end)] ?? []) if (text.startsWith(key, at)) return key;
  return text.slice(at, end);
}

/** The next separator with a key behind it, or the end. */
export function rawEnd(text: string, from: number, separator: string): number {
  for (let at = text.indexOf(separator, from); at !== -1; at = text.indexOf(separator, at + 1)) {
    if (keyEnd(text, at + separator.length) !== -1) return at;
  }
  return text.length;
}
