import { Mark } from '../../../../core/event.ts';
import { termEnd } from '../../printed/term-end.ts';
import { type Reason, reasonWord, wordReason } from '../../values/reason.ts';
import { LOG } from '../kinds.ts';
import { PHRASES, type Phrase, SHARED_PHRASES } from './phrases.ts';
import type { Rule } from './rule.ts';
import { reasonAt } from './said.ts';

/** Entries that tell why. */
export const reasonRules: readonly Rule[] = [
  ...PHRASES.map((phrase) => reasoned(phrase, false)),
  ...SHARED_PHRASES.map((phrase) => reasoned(phrase, true)),
];

function reasoned(phrase: Phrase, isShared: boolean): Rule {
  return {
    prefix: phrase[0],
    read: (text, entry, out) => {
      const known = isShared ? behindTerm(text, phrase) : -1;
      const at = known === -1 ? reasonStart(text, phrase) : known;
      if (at === -1) return false;
      if (isShared && known === -1 && reasonStart(text, phrase, at) !== -1)
        out.entry(LOG.log, { ...entry, marks: entry.marks | Mark.ambiguous }, []);
      else out.entry(LOG.log, entry, [], { reason: reasonAt(text, at) });
      return true;
    },
  };
}

/** How a printed term or a call begins. */
const TERM = /[{[<"'#]|[\w:]{1,128}\(/y;

/** The reason behind a printed term, in which no client can end what it has written; -1: there is no term. */
function behindTerm(text: string, [prefix, ...marks]: Phrase): number {
  TERM.lastIndex = prefix.length;
  const end = TERM.test(text) ? termEnd(text, prefix.length) : -1;
  const mark = marks.find((words) => end !== -1 && text.startsWith(words, end));
  return mark === undefined ? -1 : end + mark.length;
}

/** Where the reason of an entry that begins as the phrase does stands; -1: it has none. */
function reasonStart(text: string, [prefix, ...marks]: Phrase, from: number = prefix.length): number {
  if (marks.length === 0) return from;
  for (const mark of marks) {
    const at = text.indexOf(mark, from);
    if (at !== -1) return at + mark.length;
  }
  return -1;
}

/** Why, of words that begin as one of the phrases do; undefined: they do not say. */
export function phraseReason(text: string): Reason | undefined {
  const phrase = PHRASES.find(([prefix]) => text.startsWith(prefix));
  const at = phrase === undefined ? -1 : reasonStart(text, phrase);
  return at === -1 ? undefined : reasonAt(text, at);
}

/** Other forms in which an entry tells why; the reason stands behind them. */
const FORMS: readonly RegExp[] = [
  // A listener: `mqtt:tcp failed to listen on 1883 - eaddrinuse (address already in use)`.
  /^\S{1,64} failed to listen on .{1,128}? - (?:invalid option: )?/,
  /^Failed to (?:start|stop) (?:[\w:]{1,64} listener|mqtt listener [\w:]{1,64}) on \S{1,128}(?: -|:) /,
  // gen_rpc: `event=client_connection_received … reason="timeout"`.
  /^(?:event|message)=\w{1,64} .{0,1024}?\breason=(?=")/,
  /^\w{1,64} availability test error: /,
  /^(?:error|exit|throw) while rebooting: /,
  // The rule engine's API: `create_rule failed: …`.
  /^[a-z]\w{1,64} failed: /,
];
/** Sentences that are their own reason. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/^The license certificate is expired\b/, 'license_expired'],
  [/^Cannot retain message\(topic=.*\) for table is full!$/s, 'table_full'],
  [
    /^Cannot retain message\(topic=.*, payload_size=\d{1,12}\) for payload is too big!$/s,
    'payload_too_large',
  ],
];
/** `TLS server: In state hello at tls_record.erl:539 generated SERVER ALERT: Fatal - Unexpected Message`. */
const TLS_ALERT =
  /^TLS (?:server|client): In state [^\n]{1,160}? ALERT: (?:Fatal|Warning) - ([A-Z][\w ]{2,40})/;
/** `HTTP request failed with status code: 400`. */
const STATUS = /^(?:\[[\w ]{1,32}\] )?HTTP request failed with .{0,1024}status code: (\d{3})$/s;

/** Why, of an entry in prose that no rule has read; undefined: it does not say. */
export function otherReason(text: string): Reason | undefined {
  const alert = TLS_ALERT.exec(text)?.[1];
  if (alert !== undefined) return wordReason(reasonWord(alert));
  const status = STATUS.exec(text)?.[1];
  if (status !== undefined) return wordReason(`http_${status}`);
  const sentence = SENTENCES.find(([pattern]) => pattern.test(text))?.[1];
  if (sentence !== undefined) return wordReason(sentence);
  for (const form of FORMS) {
    const found = form.exec(text);
    if (found !== null) return reasonAt(text, found[0].length);
  }
  // A term without words.
  return /^\{{1,8}[a-z]\w{0,63},/.test(text) && termEnd(text, 0) === text.length
    ? reasonAt(text, 0)
    : undefined;
}
