import { Mark } from '../../../../core/event.ts';
import { LISTENER_FAILED } from '../../entries/console.ts';
import { termEnd } from '../../printed/term-end.ts';
import { type Reason, reasonWord, wordReason } from '../../values/reason.ts';
import { LOG } from '../kinds.ts';
import { PHRASES, type Phrase, SHARED_PHRASES } from './phrases.ts';
import type { Rule } from './rule.ts';
import { reasonAt } from './said.ts';

/** Finds why in words that begin with `prefix`. */
interface Reading {
  readonly prefix: string;
  /** @returns undefined when they do not say */
  readonly reason: (text: string) => Reason | undefined;
}

const tlsAlert = (text: string): Reason | undefined => {
  const alert = /^[^\n]{1,200}? ALERT: (?:Fatal|Warning) - ([A-Z][\w ]{2,40})/.exec(text)?.[1];
  return alert === undefined ? undefined : wordReason(reasonWord(alert));
};
const oldTlsAlert = (text: string): Reason | undefined => {
  const alert = /^SSL: [\w ]{1,32}: \w{1,32}\.erl:\d{1,6}:(?:Fatal|Warning) error: ([a-z][\w ]{2,40})$/.exec(
    text,
  )?.[1];
  return alert === undefined ? undefined : wordReason(reasonWord(alert));
};
const acceptorError = (text: string): Reason | undefined => {
  const error = /^acceptor on \S{1,128} suspend \d{1,9}\(ms\) for \d{1,9} (\w{1,32}) errors!!!$/.exec(
    text,
  )?.[1];
  return error === undefined ? undefined : wordReason(reasonWord(error));
};
const httpStatus = (text: string): Reason | undefined => {
  const status = / status code: (\d{3})$/.exec(text.slice(-24))?.[1];
  return status === undefined ? undefined : wordReason(`http_${status}`);
};

const notRetained = (text: string): Reason | undefined => {
  if (text.endsWith(' for table is full!')) return wordReason('table_full');
  return text.endsWith(' for payload is too big!') ? wordReason('payload_too_large') : undefined;
};

const READINGS: readonly Reading[] = [
  ...PHRASES.map((phrase) => ({ prefix: phrase[0], reason: (text: string) => phraseReason(text, phrase) })),
  // `TLS server: In state hello at tls_record.erl:539 generated SERVER ALERT: Fatal - Unexpected Message`
  ...['TLS server: In state ', 'TLS client: In state '].map((prefix) => ({ prefix, reason: tlsAlert })),
  // OTP before 21: `SSL: certify: ssl_alert.erl:97:Fatal error: unknown ca`
  { prefix: 'SSL: ', reason: oldTlsAlert },
  // `acceptor on 0.0.0.0:1883 suspend 100(ms) for 2300 emfile errors!!!`
  { prefix: 'acceptor on ', reason: acceptorError },
  // `HTTP request failed with path: <<"/a">> status code: 400`
  { prefix: 'HTTP request failed with ', reason: httpStatus },
  { prefix: 'The license certificate is expired', reason: () => wordReason('license_expired') },
  { prefix: 'asleep timer timeout', reason: () => wordReason('asleep_timeout') },
  { prefix: 'Keepalive Timeout!', reason: () => wordReason('keep_alive_timeout') },
  // Of MQTT-SN: `Keepalive timeout in connected`.
  { prefix: 'Keepalive timeout in ', reason: () => wordReason('keep_alive_timeout') },
  ...['query_multi timeout', 'Mnesia wait_for_tables timeout'].map((prefix) => ({
    prefix,
    reason: () => wordReason('timeout'),
  })),
  ...['Cannot retain message(topic=', 'Dropped retained message(topic='].map((prefix) => ({
    prefix,
    reason: notRetained,
  })),
];

/** Entries that tell why. */
export const reasonRules: readonly Rule[] = [
  ...READINGS.map(ruleOf),
  ...SHARED_PHRASES.map((phrase) => ({ prefix: phrase[0], read: sharedReader(phrase) })),
];

function ruleOf({ prefix, reason }: Reading): Rule {
  return {
    prefix,
    read: (text, entry, out) => {
      const why = reason(text);
      if (why === undefined) return false;
      out.entry(LOG.log, entry, [], { reason: why });
      return true;
    },
  };
}

function sharedReader(phrase: Phrase): Rule['read'] {
  return (text, entry, out) => {
    const known = behindTerm(text, phrase);
    const at = known === -1 ? reasonStart(text, phrase) : known;
    if (at === -1) return false;
    if (known === -1 && reasonStart(text, phrase, at) !== -1)
      out.entry(LOG.log, { ...entry, marks: entry.marks | Mark.ambiguous }, []);
    else out.entry(LOG.log, entry, [], { reason: reasonAt(text, at) });
    return true;
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

function phraseReason(text: string, phrase: Phrase): Reason | undefined {
  const at = reasonStart(text, phrase);
  return at === -1 ? undefined : reasonAt(text, at);
}

/** Other forms in which an entry tells why; the reason stands behind them. */
const FORMS: readonly RegExp[] = [
  // A listener: `mqtt:tcp failed to listen on 1883 - eaddrinuse (address already in use)`.
  /^\S{1,64} failed to listen on .{1,128}? - (?:invalid option: )?/,
  LISTENER_FAILED,
  // gen_rpc: `event=client_connection_received … reason="timeout"`, 5.x `event=connect_to_remote_server, …, reason=nxdomain`.
  /^(?:event|message)=\w{1,64},? .{0,1024}?\breason=(?=["a-z{])/,
  // `mqtt_acl availability test error: R`, `…, error: R: [{m,f,…}]`
  /^\w{1,64} availability test error(?:, \w{1,8})?: /,
  // Of a topic in quotation marks: `Topic=<<"t">>, lua function on_message_acked() caught exception, …`.
  /^Topic=<<"(?:[^"\\]|\\.){0,65536}">>, lua function \w{1,64}\(\) caught exception, /s,
  // LwM2M of 3.x, where a channel is its address and port.
  /^\{\{[\d,]{7,64}\},\d{1,5}\}, (?:REGISTER Failed, error|received exit from: <[\d.]{5,32}>, reason): /,
  /^(?:error|exit|throw) while rebooting: /,
  // The REST API of 3.x and 4.x; a request's path has no blank: `GET /api/v4/clients/c1 error: badarg, stacktrace:⏎[…]`.
  /^(?:GET|POST|PUT|PATCH|DELETE) \/\S{0,2048} error: /,
  // etcd as a registry of nodes: `ekka_cluster_etcd get member_list failed by …`.
  /^\w{1,64} (?:get member_list|check \(.{1,256}?\) (?:leader|health)) failed by /,
  // The rule engine's API: `create_rule failed: …`; the dashboard of 6.x: `unexpected_mfa_pending_transaction_error: …`.
  /^[a-z]\w{1,64}(?:[ _]failed|_failure|_error): /,
  /^[\w ]{1,64} failed! error: /,
];

/** Ekka names its modules before their words: `Ekka(k8s): `. */
const EKKA = /^Ekka\([\w -]{1,32}\): (?!Ekka\()(?=(.*))/s;

/** What the Erlang machine prints before its logger runs: `{error_logger,{{2016,10,8},{15,53,24}},supervisor_report,[…,{reason,R}…]}`. */
const EARLY = /^\{error_logger,\{\{/;
const EARLY_REASON = '{reason,';

/** Why, of an entry in prose that no rule has read; undefined: it does not say. */
export function otherReason(text: string): Reason | undefined {
  for (const form of FORMS) {
    const found = form.exec(text);
    if (found !== null) return reasonAt(text, found[0].length);
  }
  const words = EKKA.exec(text)?.[1];
  if (words !== undefined) return reasonOfWords(words);
  if (EARLY.test(text)) {
    const at = text.indexOf(EARLY_REASON);
    return at === -1 ? undefined : reasonAt(text, at + EARLY_REASON.length);
  }
  // A term without words.
  return /^(?:\{{1,8}[a-z]\w{0,63},|#\{)/.test(text) && termEnd(text, 0) === text.length
    ? reasonAt(text, 0)
    : undefined;
}

/** Why, of words that stand behind a head of their own; undefined: they do not say. */
export function reasonOfWords(text: string): Reason | undefined {
  for (const { prefix, reason } of READINGS) {
    const why = text.startsWith(prefix) ? reason(text) : undefined;
    if (why !== undefined) return why;
  }
  return otherReason(text);
}
