import { readTerm } from '../printed/term.ts';
import { termEnd } from '../printed/term-end.ts';
import { NO_REASON, type Reason, readReason, wordReason } from '../values/reason.ts';

/** What stands before a reason in the reports of OTP, lager and Ranch. */
const BEFORE = new RegExp(
  [
    String.raw`Reason for termination ==? ?(?:(?:\n|, )\*\* )?(?:(?:error|exit|throw):)?`,
    String.raw`\b(?:exited|exit|terminated) with reason:? +`,
    String.raw`\bwith exit value:,?\s+`,
    String.raw`^(?:\{"Kernel pid terminated",\w{1,64},"|Kernel pid terminated \(\w{1,64}\) \()`,
    String.raw`\bexception (?:error|exit|throw): `,
    String.raw`\b(?:error|exit|throw|[Rr]eason): +`,
    String.raw`^(?:<[\d.]+> )?Process: [^]{0,300}?\bContext: +`,
  ].join('|'),
);
/** What stands behind a reason that is no term: another line, the next part of the report, or where it happened. */
const BEHIND =
  /\n|, (?=[A-Za-z][A-Za-z_ ]{1,24}: )|\. (?=[A-Z][a-z ]{2,20}: )|\.$| in context | in [\w']{1,64}:[\w'-]{1,64}\/\d{1,3} line \d| and stacktrace /;
const MAX_CHARS = 512;

/** Words of Erlang's for sentences of its own (`erl_eval`, `lib:format_exception`). */
const SENTENCES: readonly (readonly [string, string])[] = [
  ['no match of right hand side value', 'badmatch'],
  ['no case clause matching', 'case_clause'],
  ['no function clause matching', 'function_clause'],
  ['no try clause matching', 'try_clause'],
  ['call to undefined function', 'undef'],
  ['bad argument', 'badarg'],
];

/** Why a process has ended: `reason: {…}`, `Reason: {…}.`, `exception error: …`, `exited with reason: … in m:f/1 line 9`. */
export function crashReason(message: string): Reason {
  const found = BEFORE.exec(message);
  if (found === null) return NO_REASON;
  const start = found.index + found[0].length;
  const isTerm = /^[{[#<"']/.test(message.slice(start, start + 1));
  const end = isTerm ? termEnd(message, start) : -1;
  const said = end === -1 ? sentence(message.slice(start, start + MAX_CHARS)) : message.slice(start, end);
  const known = SENTENCES.find(([words]) => said.startsWith(words));
  if (known !== undefined) return said === known[0] ? wordReason(known[1]) : { word: known[1], text: said };
  const reason = readReason(said.startsWith('#{') ? readTerm(said) : said);
  return reason.text === undefined ? reason : { word: reason.word, text: said };
}

function sentence(text: string): string {
  const end = BEHIND.exec(text);
  return (end === null ? text : text.slice(0, end.index)).trimEnd();
}
