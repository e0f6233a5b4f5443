import { type JsonObject, Mark } from '../../../core/event.ts';
import type { Pair } from '../printed/keys.ts';
import { fieldsOf, splitPairs } from '../printed/pairs.ts';
import { readTerm } from '../printed/term.ts';
import { LOG_PAYLOADS, withoutBinaries } from '../secrets/payload-keys.ts';
import { hideSecrets } from '../secrets/secrets.ts';
import { isObject, word } from '../values/json.ts';
import { NO_PEER } from '../values/peer.ts';
import { type Entry, levelOf, loggerOf } from './entry.ts';
import { isForged } from './forged-pairs.ts';
import { readJsonEntry } from './json-entry.ts';
import { isCrash, readProse } from './prose.ts';
import { readStructured } from './structured-text.ts';
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
  const unprinted = text.startsWith(FORMATTER, start) ? text.search(UNPRINTED) : -1;
  if (unprinted !== -1) return readText(text.slice(0, unprinted), at, time, marks);
  const end = foreignLines(text, start);
  const own = end === text.length ? text : text.slice(0, end);
  const trace = head.tag === undefined ? undefined : traceClient(own, start);
  const spaced = trace === undefined ? undefined : withSpaces(own, trace.end);
  if (spaced !== undefined) return readText(spaced, at, time, marks);
  const split = splitPairs(own, trace?.end ?? start);
  if (
    split !== undefined &&
    (split.pairs.some(({ key }) => NAMING.has(key)) || isNameless(own, start, split.pairs, marks))
  ) {
    const entry = readStructured(own, start, split, head, trace, time, marks);
    if (own === text) return entry;
    return { ...entry, message: entry.message + hideSecrets(withoutBinaries(text.slice(end))) };
  }
  const body = text.slice(start).trimEnd();
  const report = unprintedReport(body);
  const fields =
    split !== undefined && isFields(own, start, split.pairs) ? fieldsOf(text, split.pairs) : undefined;
  const entry = readProse(body, {
    time,
    level: head.level,
    marks,
    tag: head.tag,
    logger: split === undefined || isForged(text, split.pairs) ? undefined : loggerOf(word(fields?.mfa)),
    client: undefined,
    peer: NO_PEER,
    fields: fields ?? (head.pid === undefined ? {} : { pid: head.pid }),
    isText: true,
  });
  // Behind a head stand words, not pairs.
  if (fields !== undefined && (entry.client ?? entry.peer.ip ?? entry.packet) !== undefined)
    return { ...entry, fields: {}, logger: undefined };
  if (report === undefined) return entry;
  const named = readJsonEntry(report, time, marks);
  return { ...named, level: head.level, message: entry.message };
}

const UNPRINTED_REPORT = 'FORMATTER CRASH: {report,#{';

/** The fields of an entry that neither EMQX's formatter nor OTP's could print: `FORMATTER CRASH: {report,#{msg => "m"}}`. */
function unprintedReport(body: string): JsonObject | undefined {
  if (!body.startsWith(UNPRINTED_REPORT) || !body.endsWith('}}')) return undefined;
  const fields = readTerm(body.slice(UNPRINTED_REPORT.length - 2, -1));
  return isObject(fields) && typeof fields.msg === 'string' ? fields : undefined;
}

const DOT = 0x2e;
const FRACTION_AT = '2022-07-01T19:50:33'.length;
const PAYLOAD = ', payload: ';
const JOINED = /,(?=[a-z]\w{0,31}: )/g;

/** A trace of 5.0.0 to 5.0.3, which have stamps of whole seconds and no blank between pairs, as later versions write it. */
function withSpaces(text: string, from: number): string | undefined {
  if (text.charCodeAt(FRACTION_AT) === DOT) return undefined;
  const payload = text.indexOf(PAYLOAD, from);
  const end = payload === -1 ? text.length : payload;
  const pairs = text.slice(from, end);
  const spaced = pairs.replace(JOINED, ', ');
  return spaced === pairs ? undefined : text.slice(0, from) + spaced + text.slice(end);
}

/** What tells that a formatter has failed prints all of the entry that it was given, as a term. */
const FORMATTER = 'formatter_crashed: ';
const UNPRINTED = /(?:, |\n {4})log_event: /;

/** Keys of an entry of 5.x and 6.x. */
const NAMING: ReadonlySet<string> = new Set(['msg', 'input_bytes', 'input_packet']);
/** Keys that stand first in an entry. */
const FIRST: ReadonlySet<string> = new Set(['tag', 'tns', 'clientid', 'mfa', 'peername']);

/** An entry that its code has not named: `tag: MQTT, peername: 10.0.0.1:5, stacktrace: […]`, `type: a, payload: <<"x">>`. */
function isNameless(text: string, at: number, pairs: readonly Pair[], marks: number): boolean {
  const isWhole = (marks & Mark.truncated) === 0;
  const isKnown = FIRST.has(pairs[0]?.key ?? '') || pairs.some(({ key }) => LOG_PAYLOADS.has(key));
  return isWhole && pairs.length > 1 && isKnown && isFields(text, at, pairs);
}

/**
 * Where lines begin that are none of an entry whose pairs stand in one line: a client's line breaks have been replaced in it.
 * Where each pair has a line of its own, all others are indented.
 */
function foreignLines(text: string, at: number): number {
  const line = text.indexOf('\n', at);
  return line === -1 || text.includes('\n    ', line) ? text.length : line;
}

/** The same entry without payloads and secrets. */
export function originalText(text: string, at: number): string {
  const start = skipSpaces(text, headOf(text, at).at);
  return text.slice(0, start) + readText(text, at, 0, Mark.none).message;
}

/** Pairs without `msg`: `is_resumed: false, alpns: <<"mqtt">>`; a word before several is no key. */
function isFields(text: string, at: number, pairs: readonly Pair[]): boolean {
  const [first, ...others] = pairs;
  if (first !== undefined && others.length === 0 && /^\w+ /.test(text.slice(first.start, first.end)))
    return false;
  return pairs.every(({ key }) => /^[a-z][a-z0-9_]*$/.test(key)) && !isCrash(text.slice(at));
}
