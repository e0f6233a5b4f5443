import { safe } from '../core/text/safe.ts';

/*
 * What a terminal is shown. Texts of events come from whoever talks to the broker.
 */

/** From here on most characters take two columns. */
const FIRST_WIDE = 0x1100;
const ELLIPSIS = '…';

/** True when a stream shows colours and its reader wants them (https://no-color.org). */
export function useColour(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY === true && (process.env.NO_COLOR ?? '') === '';
}

/** The text, safe, cut to at most so many columns; what stands for one character is never cut. */
export function fit(text: string, columns: number): string {
  let out = '';
  let kept = '';
  let width = 0;
  // One character is one column at least: of a long text no more can be seen.
  for (const c of text.slice(0, columns + 1)) {
    const shown = safe(c);
    width += widthOf(shown);
    if (width > columns) return kept + ELLIPSIS;
    out += shown;
    if (width < columns) kept = out;
  }
  return out;
}

/** The text, safe, cut or filled up to so many columns. */
export function cell(text: string, columns: number): string {
  const fitted = fit(text, columns);
  return fitted + ' '.repeat(Math.max(0, columns - widthOf(fitted)));
}

/** Columns that a safe text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const c of text) width += columnsOf(c);
  return width;
}

function columnsOf(c: string): number {
  const code = c.codePointAt(0) ?? 0;
  // The general punctuation and box drawing that tables are made of is narrow.
  return code < FIRST_WIDE || (code >= 0x2000 && code < 0x2e80) ? 1 : 2;
}
