const ESCAPE = 0x1b;
const OPEN_BRACKET = 0x5b;
const ESC = String.fromCharCode(ESCAPE);
/** A colour of a console, `ESC[1;31m`. A copy may have lost the escape. */
const COLOUR = new RegExp(String.raw`${ESC}?\[\d{1,3}(?:;\d{1,3}){0,4}m`, 'y');
const LAST = new RegExp(String.raw`(?:${ESC}?\[0?m)\s*$`);

/** Where what stands behind colours at `at` begins. */
export function colourEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first !== ESCAPE && first !== OPEN_BRACKET) return at;
  const digit = text.charCodeAt(at + 1);
  if (first === OPEN_BRACKET && !(digit >= 48 && digit <= 57)) return at;
  let end = at;
  COLOUR.lastIndex = at;
  while (COLOUR.test(text)) end = COLOUR.lastIndex;
  return end;
}

/** The text without the colours at `at`, in which emqttd's console and those of others show an entry, and without their end. */
export function withoutColours(text: string, at: number): string {
  const end = colourEnd(text, at);
  return end === at ? text : text.slice(0, at) + text.slice(end).replace(LAST, '');
}
