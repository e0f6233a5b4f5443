import type { LineReader } from '../line.ts';
import { digits } from '../text/digits.ts';

/** At most so many readings of one line are compared. */
const MAX_FLAGS = 32;

/** What one reading of a PUBLISH line takes for its flags. */
export interface Flags {
  /** Where they begin. */
  readonly at: number;
  /** Where the topic begins. */
  readonly topic: number;
  readonly dup: boolean | undefined;
  readonly qos: number;
  readonly retained: boolean;
  readonly id: number;
}

export type ReadFlags = (text: string, at: number) => Flags | undefined;

/** Reads `(d0, q1, r0, m17, '`. */
export function flagsAt(text: string, at: number): Flags | undefined {
  const i = at + 2;
  const dup = text.charCodeAt(i + 1) - 48;
  const qos = text.charCodeAt(i + 5) - 48;
  const retained = text.charCodeAt(i + 9) - 48;
  if (
    at === -1 ||
    text.charCodeAt(i) !== 0x64 ||
    !text.startsWith(', q', i + 2) ||
    !text.startsWith(', r', i + 6) ||
    !text.startsWith(', m', i + 10) ||
    !(dup === 0 || dup === 1) ||
    !(qos >= 0 && qos <= 2) ||
    !(retained === 0 || retained === 1)
  )
    return undefined;
  const end = text.indexOf(',', i + 13);
  const id = end === -1 ? -1 : digits(text, i + 13, end);
  if (id < 0 || id > 65_535 || !text.startsWith(", '", end)) return undefined;
  return { at, topic: end + 3, dup: dup === 1, qos, retained: retained === 1, id };
}

/** Reads `(q1, r0, '`, as a denied delivery has. */
export function readFlagsAt(text: string, at: number): Flags | undefined {
  const i = at + 2;
  const qos = text.charCodeAt(i + 1) - 48;
  const retained = text.charCodeAt(i + 5) - 48;
  if (at === -1 || text.charCodeAt(i) !== 0x71 || !text.startsWith(', r', i + 2)) return undefined;
  if (!(qos >= 0 && qos <= 2) || !(retained === 0 || retained === 1) || !text.startsWith(", '", i + 6))
    return undefined;
  return { at, topic: i + 9, dup: undefined, qos, retained: retained === 1, id: 0 };
}

/**
 * Client ids and topics may hold text that looks like flags: the reading whose client is connected wins.
 * @returns undefined: there are no flags
 */
export function choose(
  text: string,
  start: number,
  end: number,
  flags: ReadFlags,
  line: LineReader,
): Flags | 'several' | undefined {
  const found: Flags[] = [];
  for (let at = text.indexOf(' (', start + 1); at !== -1 && at < end; at = text.indexOf(' (', at + 1)) {
    const read = flags(text, at);
    if (read === undefined || read.topic > end) continue;
    found.push(read);
    if (found.length > MAX_FLAGS) return 'several';
  }
  if (found.length < 2) return found[0];
  const live = found.filter(({ at }) => line.live.has(text.substring(start, at)));
  return live.length === 1 ? live[0] : 'several';
}
