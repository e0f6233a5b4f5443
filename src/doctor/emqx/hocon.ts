/** A setting of a HOCON file. */
interface HoconValue {
  /** Without quotation marks; of a list its text. */
  readonly value: string;
  /** Counts from 1. */
  readonly line: number;
}

const BLANK = /\s/;
const KEY_END = /[\s=:{},#]/;

/**
 * Reads the settings of an `emqx.conf` (HOCON, and the plain `key = value` of 4.x) by their paths, joined by dots. The last one
 * of a name counts, as in EMQX. What is left open at the end is taken for closed.
 */
export function readHocon(text: string): Map<string, HoconValue> {
  return new HoconReader(text).read();
}

class HoconReader {
  private readonly text: string;
  private readonly values = new Map<string, HoconValue>();
  private at = 0;
  private line = 1;

  constructor(text: string) {
    this.text = text;
  }

  read(): Map<string, HoconValue> {
    while (this.at < this.text.length) {
      this.object('');
      // A bracket too many ends nothing.
      this.step();
    }
    return this.values;
  }

  /** Up to the bracket that closes it, or the end. */
  private object(prefix: string): void {
    for (;;) {
      this.blank(true);
      if (this.at >= this.text.length || this.text[this.at] === '}') return;
      const path = prefix + this.key();
      this.blank(false);
      if (this.text[this.at] === '+') this.step();
      if (this.text[this.at] === '=' || this.text[this.at] === ':') this.step();
      this.blank(false);
      if (this.text[this.at] === '{') {
        this.step();
        this.object(`${path}.`);
        this.step();
      } else {
        const { line } = this;
        this.values.set(path, { value: this.value(), line });
      }
    }
  }

  private key(): string {
    const from = this.at;
    let name = '';
    while (this.at < this.text.length && !KEY_END.test(this.text[this.at] ?? '')) {
      if (this.text[this.at] === '"') {
        name += this.quoted();
      } else {
        name += this.text[this.at];
        this.step();
      }
    }
    // Something that is no key is passed over.
    if (this.at === from) this.step();
    return name;
  }

  private value(): string {
    if (this.text.startsWith('"""', this.at)) return this.upTo('"""', 3);
    if (this.text[this.at] === '"') return this.quoted();
    if (this.text[this.at] === '[') return this.list();
    const from = this.at;
    for (let depth = 0; this.at < this.text.length; this.step()) {
      const c = this.text[this.at];
      if (c === '\n' || (depth === 0 && (c === ',' || c === '}' || c === '#'))) break;
      // `${EMQX_LOG_DIR}` is a value.
      if (c === '{') depth++;
      if (c === '}') depth--;
    }
    return this.text.slice(from, this.at).trim();
  }

  private quoted(): string {
    const from = this.at;
    this.step();
    while (this.at < this.text.length && this.text[this.at] !== '"') {
      if (this.text[this.at] === '\\') this.step();
      this.step();
    }
    this.step();
    const raw = this.text.slice(from, this.at);
    try {
      return String(JSON.parse(raw));
    } catch {
      return raw.slice(1, -1);
    }
  }

  private list(): string {
    const from = this.at;
    let depth = 0;
    do {
      const c = this.text[this.at];
      if (c === '"') {
        this.quoted();
        continue;
      }
      if (c === '[') depth++;
      if (c === ']') depth--;
      this.step();
    } while (depth > 0 && this.at < this.text.length);
    return this.text.slice(from, this.at);
  }

  private upTo(end: string, skip: number): string {
    const from = this.at + skip;
    const found = this.text.indexOf(end, from);
    const to = found === -1 ? this.text.length : found;
    while (this.at < to + (found === -1 ? 0 : end.length)) this.step();
    return this.text.slice(from, to);
  }

  /** Blanks and comments. @param lines line ends and commas too */
  private blank(lines: boolean): void {
    for (;;) {
      const c = this.text[this.at];
      if (c === undefined) return;
      if (c === '#' || this.text.startsWith('//', this.at)) {
        while (this.at < this.text.length && this.text[this.at] !== '\n') this.step();
      } else if (lines ? BLANK.test(c) || c === ',' : c === ' ' || c === '\t') {
        this.step();
      } else {
        return;
      }
    }
  }

  private step(): void {
    if (this.text[this.at] === '\n') this.line++;
    this.at++;
  }
}
