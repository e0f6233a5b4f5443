import { readTerm } from '../printed/term.ts';
import { termEnd } from '../printed/term-end.ts';
import { NO_REASON, type Reason, readReason } from '../values/reason.ts';

const CRASH_REASON =
  /\b(?:[Rr]eason: +|exception (?:error|exit|throw): |error: |Reason for termination == ?(?:\n|, )\*\* )/;

/** Why a process has ended: `reason: {…}`, `Reason: {…}.`, `exception error: …`. */
export function crashReason(message: string): Reason {
  const found = CRASH_REASON.exec(message);
  if (found === null) return NO_REASON;
  const start = found.index + found[0].length;
  const isTerm = /^[{[#<"']/.test(message.slice(start, start + 1));
  const end = isTerm ? termEnd(message, start) : -1;
  const line = /[^\n,.]{0,512}/.exec(message.slice(start, start + 512))?.[0] ?? '';
  const said = end === -1 ? line : message.slice(start, end);
  const reason = readReason(said.startsWith('#{') ? readTerm(said) : said);
  return reason.text === undefined ? reason : { word: reason.word, text: said };
}
