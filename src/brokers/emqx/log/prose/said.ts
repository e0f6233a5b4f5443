import { skipSpaces } from '../../entries/text-head.ts';
import { readTerm } from '../../printed/term.ts';
import { termEnd } from '../../printed/term-end.ts';
import { withoutBinaries } from '../../secrets/payload-keys.ts';
import { type Reason, readReason, wordReason } from '../../values/reason.ts';

/** What stands behind a reason that is no term: another line, the next part of the report, or where it happened. */
const BEHIND =
  /\n|(?<=^[a-z]\w{1,48})(?:[,.] |,(?=Fix ))|, (?=headers |stacktrace:|[A-Za-z][A-Za-z_ ]{1,24}: )|\. (?=[A-Z][a-z ]{2,20}: )|\.$| in context | at state | in [\w']{1,64}:[\w'-]{1,64}\/\d{1,3} line \d| and stacktrace | (?=mfa: )|(?<=^\w{1,32}) \(/;
const MAX_CHARS = 512;

/** Words of Erlang's for sentences of its own (`erl_eval`, `lib:format_exception`). */
const SENTENCES: readonly (readonly [string, string])[] = [
  ['no match of right hand side value', 'badmatch'],
  ['no match of right hand value', 'badmatch'],
  ['no case clause matching', 'case_clause'],
  ['no function clause matching', 'function_clause'],
  ['no try clause matching', 'try_clause'],
  ['call to undefined function', 'undef'],
  ['bad argument', 'badarg'],
  ['no such process or port in call to', 'noproc'],
  ['maximum number of file descriptors exhausted', 'emfile'],
  ['no true branch found', 'if_clause'],
  ['bad arithmetic expression', 'badarith'],
  ['bad record', 'badrecord'],
  ['bad function', 'badfun'],
  ['fun called with wrong arity', 'badarity'],
  ['bad return value', 'bad_return_value'],
  ['system limit', 'system_limit'],
];

/** The reason that prose has at `from`: a printed term, or words up to the next part of the text. Any binary may be a payload. */
export function reasonAt(text: string, from: number): Reason {
  const at = skipSpaces(text, from);
  const isTerm = /^[{[#<"']/.test(text.slice(at, at + 1));
  const end = isTerm ? termEnd(text, at) : -1;
  const said = end === -1 ? sentence(text.slice(at, at + MAX_CHARS)) : text.slice(at, end);
  const known = SENTENCES.find(([words]) => said.startsWith(words));
  if (known !== undefined)
    return said === known[0] ? wordReason(known[1]) : { word: known[1], text: withoutBinaries(said) };
  const reason = readReason(/^[#"<]/.test(said) ? readTerm(said) : said);
  return reason.text === undefined ? reason : { word: reason.word, text: withoutBinaries(said) };
}

function sentence(text: string): string {
  const end = BEHIND.exec(text);
  return (end === null ? text : text.slice(0, end.index)).trimEnd();
}
