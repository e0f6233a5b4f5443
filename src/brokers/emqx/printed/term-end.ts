/** A deeper term is left as text. */
export const MAX_DEPTH = 32;

/**
 * Where the Erlang term that begins at `at` ends: brackets, binaries, strings and quoted atoms are balanced. Linear.
 * @returns -1 when it does not end, or is nested too deeply
 */
export function termEnd(text: string, at: number): number {
  const open: number[] = [];
  for (let i = at; i < text.length; ) {
    const c = text.charCodeAt(i);
    switch (c) {
      case 0x22:
      case 0x27:
        i = quotedEnd(text, i, c);
        if (i === -1) return -1;
        break;
      case 0x3c:
        if (text.charCodeAt(i + 1) === 0x3c) {
          open.push(0x3e);
          i += 2;
        } else {
          // A pid: `<0.9.0>`.
          const end = text.indexOf('>', i);
          if (end === -1) return -1;
          i = end + 1;
        }
        break;
      case 0x7b:
      case 0x5b:
      case 0x28:
        open.push(c === 0x28 ? 0x29 : c + 2);
        i++;
        break;
      case 0x7d:
      case 0x5d:
      case 0x29:
        if (open.length === 0) return i;
        if (open.pop() !== c) return -1;
        i++;
        break;
      case 0x3e:
        if (open.at(-1) === 0x3e && text.charCodeAt(i + 1) === 0x3e) {
          open.pop();
          i += 2;
        } else {
          // The arrow of a map.
          i++;
          continue;
        }
        break;
      case 0x24:
        // `$c` is a character; `#Ref<…>` and `'$name'` hold none here.
        i += 2;
        continue;
      default:
        if (open.length === 0 && (c === 0x2c || c === 0x20)) return i;
        i++;
        continue;
    }
    if (open.length > MAX_DEPTH) return -1;
    if (open.length === 0) return i;
  }
  return open.length === 0 ? text.length : -1;
}

/** Behind the closing quotation mark; -1: there is none. */
export function quotedEnd(text: string, at: number, quote: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === quote) return i + 1;
    if (c === 0x5c) i++;
  }
  return -1;
}
