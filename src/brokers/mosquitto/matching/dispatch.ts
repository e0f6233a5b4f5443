import type { EventKind } from '../../../core/event.ts';
import { defineKind } from '../../../ecs/kind.ts';
import type { LineReader, Rule } from '../line.ts';
import type { Format, Reading } from './format.ts';
import { MAX_READINGS, readFormat } from './match.ts';
import { PrefixTree } from './prefix-tree.ts';

/** What begins with one prefix. */
interface Entry {
  readonly prefix: string;
  /** What begins with the next shorter prefix. */
  shorter: Entry | undefined;
  readonly rules: Rule[];
  /** By the last characters of their fixed end. */
  readonly byEnd: Map<string, Format[]>;
  /** Formats whose end is too short for that. */
  readonly open: Format[];
  /** The one kind of all that begins so; undefined: there are several. */
  only: EventKind | undefined;
}

const END_LENGTH = 12;
/** A line that is a line of several kinds, depending on where a client's text ends. */
const AMBIGUOUS = defineKind({ code: 'mosquitto.ambiguous', action: 'broker-log' });

/** Finds what a line is: its rule, or its formats. */
export class Dispatch {
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
      // Formats that begin with what they fill in read anything: only what nothing else reads.
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

  /** True when a text begins as a line of a known format does. */
  readonly knows = (text: string): boolean => {
    const deepest = this.tree.find(text);
    return deepest !== undefined && deepest.prefix !== '';
  };

  /** True when an id begins as lines do: with the first word of a known one, or with all of it. */
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

/**
 * Decides between the readings of a line and emits its event.
 * @param only the kind of all lines that begin so, if there is but one
 */
function settle(all: readonly Reading[], only: EventKind | undefined, line: LineReader): void {
  let readings = all;
  const firm = all.filter((reading) => !reading.format.loose);
  if (firm.length > 0) readings = firm;
  if (readings.length > 1)
    readings = narrow(readings, ({ format }) => line.versions.meets(format.since, format.until));
  const clients = new Set(readings.map(clientOf));
  if (clients.size > 1) {
    const live = readings.filter((reading) => isLive(reading, line));
    if (live.length > 0) readings = live;
  }
  const since = Math.min(...readings.map(({ format }) => format.since));
  const until = Math.max(...readings.map(({ format }) => format.until));
  if (agree(readings)) readings = [best(readings)];
  const [first] = readings;
  if (first === undefined) return;
  if (mayBeCut(first, line)) {
    line.emitUnsure(only ?? AMBIGUOUS);
    return;
  }
  if (all.length < MAX_READINGS && readings.length === 1) {
    line.versions.narrow(since, until);
    first.format.emit(first, line, true);
    return;
  }
  const { kind } = first.format;
  if (readings.every(({ format }) => format.kind.action === kind.action))
    first.format.emit(first, line, false);
  else line.emitUnsure(AMBIGUOUS);
}

/** The reading whose format has the most text of its own, of the newest version. */
function best(readings: readonly Reading[]): Reading {
  return readings.reduce((chosen, reading) => {
    const more = fixedLength(reading) - fixedLength(chosen);
    return more > 0 || (more === 0 && reading.format.since > chosen.format.since) ? reading : chosen;
  });
}

function fixedLength({ format }: Reading): number {
  return format.literals.reduce((sum, literal) => sum + literal.length, 0);
}

function narrow(readings: readonly Reading[], keep: (reading: Reading) => boolean): readonly Reading[] {
  const kept = readings.filter(keep);
  return kept.length === 0 ? readings : kept;
}

function clientOf({ format, texts }: Reading): string | undefined {
  return format.client === -1 ? undefined : texts[format.client];
}

function isLive(reading: Reading, line: LineReader): boolean {
  const client = clientOf(reading);
  return client !== undefined && line.live.has(client);
}

/** Readings that name the same client, or none: the broker's own text tells which it is. */
function agree(readings: readonly Reading[]): boolean {
  const [first, ...others] = readings;
  return others.every(
    (other) =>
      first !== undefined &&
      clientOf(other) === clientOf(first) &&
      (clientOf(first) === undefined || other.format.kind.action === first.format.kind.action),
  );
}

/** The end that shows may be a client's text, and the true one be cut off. */
function mayBeCut(reading: Reading, line: LineReader): boolean {
  const client = clientOf(reading);
  if (!line.cut || client === undefined) return false;
  return !line.live.has(client) || line.live.isCut(client, 0);
}
