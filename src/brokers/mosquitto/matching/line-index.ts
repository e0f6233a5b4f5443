import type { EventKind } from '../../../core/event.ts';
import type { LineReader, Rule } from '../line.ts';
import type { Format, Reading } from './format.ts';
import { readFormat } from './match.ts';
import { PrefixTree } from './prefix-tree.ts';
import { settle } from './settle.ts';

/** The rules and formats that begin with one prefix. */
interface Entry {
  readonly prefix: string;
  /** Those of the next shorter prefix. */
  shorter: Entry | undefined;
  readonly rules: Rule[];
  /** Formats by the last characters of their fixed end. */
  readonly byEnd: Map<string, Format[]>;
  /** Formats whose fixed end is too short for that. */
  readonly open: Format[];
  /** The kind that all of them have; undefined: they have several. */
  only: EventKind | undefined;
}

const END_LENGTH = 12;

/** Finds the rules and formats that can read a line, by its beginning and end. */
export class LineIndex {
  private readonly tree = new PrefixTree<Entry>();
  private readonly entries: Entry[] = [];
  private readonly firstWords = new Set<string>();

  constructor(rules: readonly Rule[], formats: readonly Format[]) {
    for (const rule of rules) this.entry(rule.prefix).rules.push(rule);
    for (const format of formats) this.add(format);
    for (const entry of this.entries) {
      if (entry.prefix !== '') entry.shorter = this.tree.find(entry.prefix, entry.prefix.length);
    }
  }

  /**
   * Reads a line.
   * @returns false when it is of no known format
   */
  read(text: string, line: LineReader): boolean {
    const deepest = this.tree.find(text);
    for (let entry = deepest; entry !== undefined; entry = entry.shorter) {
      const { rules } = entry;
      for (let i = 0; i < rules.length; i++) if (rules[i]?.read(text, line) === true) return true;
    }
    const readings: Reading[] = [];
    for (let entry = deepest; entry !== undefined; entry = entry.shorter) {
      // Formats that begin with a placeholder read anything: they read only what nothing else does.
      if (entry.prefix === '' && readings.length > 0) break;
      match(entry, text, readings);
    }
    if (readings.length > 0) {
      settle(readings, deepest?.only, line);
      return true;
    }
    return false;
  }

  /** The kind of a line whose end is missing; undefined: its beginning does not tell. */
  kindOf(text: string): EventKind | undefined {
    const deepest = this.tree.find(text);
    return deepest === undefined || deepest.prefix === '' ? undefined : deepest.only;
  }

  /** A text begins like a line of a known format. */
  readonly knows = (text: string): boolean => {
    const deepest = this.tree.find(text);
    return deepest !== undefined && deepest.prefix !== '';
  };

  /** An id begins like a line: with the first word of a known one, or with what may be a stamp. */
  readonly imitates = (id: string): boolean => {
    const end = id.indexOf(' ');
    return this.firstWords.has(end === -1 ? id : id.slice(0, end)) || /^\S*\d:/.test(id);
  };

  private add(format: Format): void {
    const entry = this.entry(format.literals[0] ?? '', format.kind);
    const end = format.literals.at(-1) ?? '';
    if (format.placeholders.length === 0 || end.length < END_LENGTH) {
      entry.open.push(format);
      return;
    }
    const key = end.slice(-END_LENGTH);
    entry.byEnd.set(key, [...(entry.byEnd.get(key) ?? []), format]);
  }

  private entry(prefix: string, kind?: EventKind): Entry {
    const entry = this.tree.at(prefix, () => {
      const made = { prefix, shorter: undefined, rules: [], byEnd: new Map(), open: [], only: kind };
      this.entries.push(made);
      return made;
    });
    if (entry.only?.code !== kind?.code) entry.only = undefined;
    const word = prefix.split(' ', 1)[0];
    if (word !== undefined && word !== '' && !prefix.startsWith('\t')) this.firstWords.add(word);
    return entry;
  }
}

function match(entry: Entry, text: string, into: Reading[]): void {
  const ending = entry.byEnd.size === 0 ? undefined : entry.byEnd.get(text.slice(-END_LENGTH));
  if (ending !== undefined) for (const format of ending) readFormat(format, text, into);
  for (const format of entry.open) readFormat(format, text, into);
}
