/** From 2.0 on a line with its stamp has at most 999 bytes; nothing shows that it was cut. */
const MAX_LINE_BYTES = 999;
/** Up to 1.6 a message is at most so many bytes longer than its format. */
const MAX_BEYOND_FORMAT = 499;

/** The line, with its stamp, has the length at which versions from 2.0 on cut it. */
export function isFull(line: string): boolean {
  return line.length > MAX_LINE_BYTES / 3 && Buffer.byteLength(line) >= MAX_LINE_BYTES;
}

/** The message is as long as versions before 2.0 make one of a format of that length at most. */
export function isFullFor(formatLength: number, message: string): boolean {
  const limit = formatLength + MAX_BEYOND_FORMAT;
  if (message.length < limit / 3) return false;
  const bytes = Buffer.byteLength(message);
  // One to three bytes of a character that was cut have become one of three bytes.
  return bytes === limit || (bytes > limit && bytes <= limit + 2 && message.endsWith('\ufffd'));
}

/** Versions before 2.0 may have cut the message: it is that long, whatever its format. */
export function mayBeFull(message: string): boolean {
  return message.length > MAX_BEYOND_FORMAT / 3 && Buffer.byteLength(message) > MAX_BEYOND_FORMAT;
}

/** How many more bytes the message can have behind a line break. */
export function bytesBehind(message: string): number {
  return MAX_LINE_BYTES - Buffer.byteLength(message);
}

/** A cut text without the UTF-8 character within which it was cut. */
export function withoutCutCharacter(text: string): string {
  return text.replace(/\ufffd{1,3}$/, '');
}
