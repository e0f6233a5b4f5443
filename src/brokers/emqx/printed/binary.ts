/** The text of `<<"…">>`; undefined for bytes (`<<255,254>>`) and for what the broker cut (`<<"…"...>>`). */
export function binaryText(term: string): string | undefined {
  if (term === '<<>>') return '';
  if (!term.startsWith('<<"')) return undefined;
  const tail = term.endsWith('"/utf8>>') ? 8 : term.endsWith('">>') ? 3 : 0;
  if (tail === 0) return undefined;
  return unescaped(term.slice(3, term.length - tail));
}

/** Size in bytes of a printed binary; undefined: the broker has cut it. */
export function binarySize(term: string): number | undefined {
  const text = binaryText(term);
  if (text !== undefined) return Buffer.byteLength(text);
  if (!/^<<\d/.test(term) || term.endsWith('...>>')) return undefined;
  let count = 1;
  for (let i = term.indexOf(','); i !== -1; i = term.indexOf(',', i + 1)) count++;
  return count;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\u001b',
  d: '\u007f',
  s: ' ',
  '0': '\0',
};

/** Escapes of Erlang strings (Erlang Reference Manual, §3.16). */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(x\{([0-9a-fA-F]{1,6})\}|[0-7]{1,3}|[\s\S])/g, (_, what: string, hex?: string) => {
    if (hex !== undefined) return codePoint(Number.parseInt(hex, 16));
    if (/^[0-7]{2,3}$/.test(what)) return codePoint(Number.parseInt(what, 8));
    return ESCAPES[what] ?? what;
  });
}

function codePoint(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
