import { VERSION_1_6, VERSION_2_1 } from '../context/version-range.ts';
import { digits } from '../text/digits.ts';

/** What `p1` to `p5` say, and which versions write them. */
interface Level {
  readonly protocol: string | undefined;
  readonly since: number;
  readonly until: number;
}

const BEFORE_2_1 = { since: VERSION_1_6, until: VERSION_2_1 - 1 };
const SINCE_2_1 = { since: VERSION_2_1, until: Number.MAX_SAFE_INTEGER };

/** Up to 2.0 the broker counts protocols by itself, from 2.1 on it writes the protocol level of MQTT. */
const LEVELS: Readonly<Record<string, Level>> = {
  '1': { protocol: '3.1', ...BEFORE_2_1 },
  '2': { protocol: '3.1.1', ...BEFORE_2_1 },
  '3': { protocol: '3.1', ...SINCE_2_1 },
  '4': { protocol: '3.1.1', ...SINCE_2_1 },
  '5': { protocol: '5.0', since: VERSION_1_6, until: Number.MAX_SAFE_INTEGER },
};

/** 1.5 writes no protocol. */
const NO_LEVEL: Level = { protocol: undefined, since: 0, until: VERSION_1_6 - 1 };

/** At most so many readings of one line are compared. */
export const MAX_TAILS = 32;

/** Characters of the longest tail that ends before its user. */
export const PARTIAL_TAIL = 20;

/** What one reading of a connect line takes for the tail ` (p2, c1, k60, u'USER').`; up to 1.5 without `p`. */
export interface Tail extends Level {
  readonly at: number;
  readonly clean: boolean;
  readonly keepAlive: number;
  readonly user: string | undefined;
}

/** Every tail that a whole line can have, each of another reading. */
export function possibleTails(text: string, start: number): Tail[] {
  if (!text.endsWith(').')) return [];
  const found = tailsOf(text, start, tailAt);
  const last = found.at(-1);
  // Nothing can follow a tail without user: the last one is true, whatever the id holds.
  return last !== undefined && last.user === undefined ? [last] : found;
}

/** What `read` finds at each place of the text where a tail can begin. */
export function tailsOf<T>(
  text: string,
  start: number,
  read: (text: string, at: number) => T | undefined,
): T[] {
  const found: T[] = [];
  for (let at = text.indexOf(' (', start); at !== -1; at = text.indexOf(' (', at + 1)) {
    const tail = read(text, at);
    if (tail === undefined) continue;
    if (found.length === MAX_TAILS) found.pop();
    found.push(tail);
  }
  return found;
}

/**
 * Reads `(p2, c1, k60).` or `(p2, c1, k60, u'USER').` up to the end of the text; up to 1.5 without `p`, up to 1.3 without
 * quotes. Behind an opening quote the user may go on in the next line.
 */
function tailAt(text: string, at: number): Tail | undefined {
  const head = headAt(text, at);
  if (head === undefined) return undefined;
  const { end, ...facts } = head;
  if (end === text.length - 2) return { ...facts, user: undefined };
  if (!text.startsWith(', u', end)) return undefined;
  if (text[end + 3] !== "'")
    return facts.protocol === undefined ? { ...facts, user: text.slice(end + 3, -2) } : undefined;
  return text.endsWith("').") && end + 4 <= text.length - 3
    ? { ...facts, user: text.slice(end + 4, -3) }
    : undefined;
}

/** Reads a tail where the text ends within the user. */
export function openTailAt(text: string, at: number): Tail | undefined {
  const head = headAt(text, at);
  return head !== undefined && text.startsWith(", u'", head.end) ? { ...head, user: undefined } : undefined;
}

export function headAt(
  text: string,
  at: number,
): (Omit<Tail, 'user'> & { readonly end: number }) | undefined {
  let i = at + 2;
  let level: Level | undefined = NO_LEVEL;
  if (text.charCodeAt(i) === 0x70) {
    level = LEVELS[text[i + 1] ?? ''];
    if (level === undefined || !text.startsWith(', ', i + 2)) return undefined;
    i += 4;
  }
  const clean = text.charCodeAt(i + 1) - 48;
  if (text.charCodeAt(i) !== 0x63 || !(clean === 0 || clean === 1) || !text.startsWith(', k', i + 2)) {
    return undefined;
  }
  const start = i + 5;
  let end = start;
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  const keepAlive = digits(text, start, end);
  return keepAlive === -1 ? undefined : { at, ...level, clean: clean === 1, keepAlive, end };
}
