const MAX_CHARS = 64;

/**
 * Writes a text that is ASCII and short, as most topics are: to call what Node has for it costs more than the writing.
 * @returns bytes written; -1: it is another text, for `Buffer.write`
 */
export function writeShort(text: string, bytes: Uint8Array, at: number): number {
  const { length } = text;
  if (length > MAX_CHARS) return -1;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return -1;
    bytes[at + i] = code;
  }
  return length;
}
