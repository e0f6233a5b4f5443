import type { Format, Reading } from './format.ts';

/** At most so many readings of one line are compared: no honest text has more. */
export const MAX_READINGS = 32;

/**
 * Finds every way to read a text as a format. Fixed text and placeholders of a known shape are matched from both ends; what
 * remains between two free placeholders may be split wherever the fixed text between them occurs.
 * @param text begins with the format's first literal
 * @param into gets the readings added, at most `MAX_READINGS` in all
 */
export function readFormat(format: Format, text: string, into: Reading[]): void {
  const { literals, placeholders } = format;
  let last = placeholders.length - 1;
  let from = literals[0]?.length ?? 0;
  const tail = literals[last + 1] ?? '';
  let to = text.length - tail.length;
  if (last === -1) {
    if (text.length === from) into.push({ format, texts: [] });
    return;
  }
  if (to < from || !text.endsWith(tail)) return;
  const texts: string[] = new Array(placeholders.length).fill('');
  let first = 0;
  for (; last > first && placeholders[last]?.free === false; last--) {
    const literal = literals[last] ?? '';
    const at = text.lastIndexOf(literal, to - literal.length);
    if (at < from) return;
    texts[last] = text.slice(at + literal.length, to);
    if (!placeholders[last]?.accepts(texts[last] ?? '')) return;
    to = at;
  }
  for (; first < last && placeholders[first]?.free === false; first++) {
    const literal = literals[first + 1] ?? '';
    const at = text.indexOf(literal, from);
    if (at === -1 || at + literal.length > to) return;
    texts[first] = text.slice(from, at);
    if (!placeholders[first]?.accepts(texts[first] ?? '')) return;
    from = at + literal.length;
  }
  if (first === last) {
    texts[first] = text.slice(from, to);
    if (placeholders[first]?.accepts(texts[first] ?? '')) into.push({ format, texts });
    return;
  }
  if (first === last - 1 && format.client !== -1) splits(format, text, first, from, to, texts, into);
  else walk(format, text, first, last, from, to, texts, into);
}

/** Every split between two free placeholders of which one names a client. */
function splits(
  format: Format,
  text: string,
  first: number,
  from: number,
  to: number,
  texts: readonly string[],
  into: Reading[],
): void {
  const literal = format.literals[first + 1] ?? '';
  for (let at = text.indexOf(literal, from); at !== -1; at = text.indexOf(literal, at + 1)) {
    if (at + literal.length > to || into.length >= MAX_READINGS) return;
    const left = text.slice(from, at);
    const right = text.slice(at + literal.length, to);
    if (!format.placeholders[first]?.accepts(left) || !format.placeholders[first + 1]?.accepts(right))
      continue;
    into.push({ format, texts: texts.with(first, left).with(first + 1, right) });
  }
}

/** Free placeholders that no client fills in: each ends where the fixed text behind it first occurs. */
function walk(
  format: Format,
  text: string,
  first: number,
  last: number,
  from: number,
  to: number,
  texts: string[],
  into: Reading[],
): void {
  let start = from;
  for (let i = first; i < last; i++) {
    const literal = format.literals[i + 1] ?? '';
    const at = text.indexOf(literal, start);
    if (at === -1 || at + literal.length > to) return;
    texts[i] = text.slice(start, at);
    if (!format.placeholders[i]?.accepts(texts[i] ?? '')) return;
    start = at + literal.length;
  }
  texts[last] = text.slice(start, to);
  if (format.placeholders[last]?.accepts(texts[last] ?? '')) into.push({ format, texts });
}
