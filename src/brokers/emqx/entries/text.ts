import { Mark } from '../../../core/event.ts';
import { type Pair, splitPairs } from '../printed/pairs.ts';
import { NO_PEER } from '../values/peer.ts';
import { type Entry, levelOf } from './entry.ts';
import { isCrash, readProse } from './prose.ts';
import { fieldsOf, readStructured } from './structured-text.ts';
import { headOf, skipSpaces, traceClient } from './text-head.ts';

/** JSON of 5.0.4 to 5.2 behind a level: `warning: {"…"}`. From 5.1 on the JSON itself has neither level nor time. */
const PREFIXED = /([a-z]{4,9}): (?=\{")/y;

/** Level and start of the JSON object behind a stamp; undefined: there is none. */
export function prefixedJson(
  text: string,
  at: number,
): { readonly level: string; readonly at: number } | undefined {
  PREFIXED.lastIndex = at;
  const level = PREFIXED.exec(text)?.[1];
  return level === undefined || levelOf(level) === undefined ? undefined : { level, at: PREFIXED.lastIndex };
}

/**
 * Reads an entry of a text log or trace of any version.
 * @param at behind its stamp
 */
export function readText(text: string, at: number, time: number, marks: number): Entry {
  const head = headOf(text, at);
  const start = skipSpaces(text, head.at);
  const trace = head.tag === undefined ? undefined : traceClient(text, start);
  const split = splitPairs(text, trace?.end ?? start);
  if (
    split?.pairs.some(({ key }) => key === 'msg' || key === 'input_bytes' || key === 'input_packet') === true
  )
    return readStructured(text, start, split, head, trace, time, marks);
  const body = text.slice(start).trimEnd();
  const isNamed = split !== undefined && isFields(body, split.pairs);
  return readProse(body, {
    time,
    level: head.level,
    marks,
    tag: head.tag,
    logger: undefined,
    client: undefined,
    peer: NO_PEER,
    fields: isNamed ? fieldsOf(text, split.pairs) : head.pid === undefined ? {} : { pid: head.pid },
    isText: true,
  });
}

/** The same entry without payloads and secrets. */
export function originalText(text: string, at: number): string {
  const start = skipSpaces(text, headOf(text, at).at);
  return text.slice(0, start) + readText(text, at, 0, Mark.none).message;
}

/** Pairs without `msg`: `is_resumed: false, alpns: <<"mqtt">>`. */
function isFields(text: string, pairs: readonly Pair[]): boolean {
  return pairs.every(({ key }) => /^[a-z][a-z0-9_]*$/.test(key)) && !isCrash(text);
}
