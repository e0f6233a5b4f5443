import { NO_REASON, type Reason } from '../../values/reason.ts';
import { reasonAt } from './said.ts';

/** What stands before a reason in the reports of OTP, lager and Ranch. */
const BEFORE = new RegExp(
  [
    String.raw`Reason for termination ==? ?(?:(?:\n|, )\*\* )?(?:(?:error|exit|throw):)?`,
    String.raw`\b(?:exited|exit|terminated) with reason:? +`,
    String.raw`\bwith exit value:,?\s+`,
    String.raw`^(?:\{"Kernel pid terminated",\w{1,64},"|Kernel pid terminated \(\w{1,64}\) \()`,
    String.raw`\bexception (?:error|exit|throw): `,
    // Not the class of an exception whose reason follows.
    String.raw`\b(?:error|exit|throw|[Rr]eason): +(?!(?:error|exit|throw)\n)`,
    String.raw`^(?:<[\d.]+> )?Process: [^]{0,300}?\bContext: +`,
  ].join('|'),
);

/** Why a process has ended: `reason: {…}`, `Reason: {…}.`, `exception error: …`, `exited with reason: … in m:f/1 line 9`. */
export function crashReason(message: string): Reason {
  const found = BEFORE.exec(message);
  if (found === null) return NO_REASON;
  return reasonAt(message, found.index + found[0].length);
}
