/** The number that follows a name somewhere behind `at`. */
export function numberAfter(text: string, name: string, at: number): number | undefined {
  const start = text.indexOf(name, at);
  if (start === -1) return undefined;
  const digits = /^\d{1,9}/.exec(text.slice(start + name.length, start + name.length + 9))?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * The text between two marks.
 * @returns `isDouble`: it is not quoted, and the second mark comes twice: a client wrote one of the two
 */
export function between(
  text: string,
  at: number,
  before: string,
  after: string,
): { text: string; end: number; isDouble: boolean } {
  const mark = text.indexOf(before, at);
  if (mark === -1) return { text: '', end: at, isDouble: false };
  const start = mark + before.length;
  const end = text.indexOf(after, start);
  if (end === -1) return { text: '', end: start, isDouble: true };
  return { text: text.slice(start, end), end, isDouble: text.includes(after, end + 1) };
}
