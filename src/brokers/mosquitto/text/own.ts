/** A copy of a text: a piece of a chunk of the log would keep the whole chunk in memory. */
export function own(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
