const MAX_CHARS = 64;

/** `event.code` of a name of EMQX's: `emqx.<name>` in the characters that codes have. */
export function eventCode(name: string, nameless: string): string {
  const plain = name
    .slice(0, 256)
    .toLowerCase()
    .replace(/[^a-z0-9_.]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return `emqx.${plain === '' ? nameless : plain}`.slice(0, MAX_CHARS);
}
