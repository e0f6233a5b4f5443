/*
 * Texts of events come from whoever talks to the broker.
 */

/** Control, format (direction of text, invisible), private and unassigned characters, and line separators. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The text with everything that a terminal could obey, or hide, written as `\u{…}`. */
export function safe(text: string): string {
  return text.replace(UNSAFE, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
}

/** JSON that a terminal may be shown, with the same meaning: what `safe` replaces is escaped. */
export function safeJson(json: string): string {
  return json.replace(UNSAFE, (c) => {
    if (c === '\n') return c;
    const units = Array.from({ length: c.length }, (_, i) => c.charCodeAt(i).toString(16).padStart(4, '0'));
    return units.map((unit) => `\\u${unit}`).join('');
  });
}
