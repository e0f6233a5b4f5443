/** From 2.0 on a line with its stamp has at most 999 bytes; the broker cuts it without a word. */
const MAX_LINE_BYTES = 999;
/** Up to 1.6 a message has at most so many bytes more than its format. */
const MAX_BEYOND_FORMAT = 499;

/** The line, with its stamp, has the length at which versions from 2.0 on cut it. */
export function isFull(line: string): boolean {
  return line.length > MAX_LINE_BYTES / 3 && Buffer.byteLength(line) >= MAX_LINE_BYTES;
}

/** The message has the length at which versions before 2.0 cut one of a format of that length. */
export function isFullFor(formatLength: number, message: string): boolean {
  const limit = formatLength + MAX_BEYOND_FORMAT;
  return message.length >= limit / 3 && Buffer.byteLength(message) === limit;
}

/** Versions before 2.0 may have cut the message, if its format is short enough. */
export function mayBeFull(message: string): boolean {
  return message.length > MAX_BEYOND_FORMAT / 3 && Buffer.byteLength(message) > MAX_BEYOND_FORMAT;
}

/** So many more bytes the message can have behind a line break. */
export function bytesBehind(message: string): number {
  return MAX_LINE_BYTES - Buffer.byteLength(message);
}
