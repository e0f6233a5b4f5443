import type { Pair } from '../printed/keys.ts';
import type { Fields } from './entry.ts';

/** Keys that may stand before `msg`. */
const BEFORE_MSG: ReadonlySet<string> = new Set(['tag', 'tns', 'clientid']);

const QUOTE = 0x27;
/** What stands between a quotation mark and the value: `'$kind': `. */
const KIND_CHARS = "': ".length;
/** No entry has as many pairs. */
const MAX_PAIRS = 1000;

/**
 * A client wrote some of the pairs: a key comes twice, or the keys are in an order in which no EMQX writes them. Early 5.0
 * writes them in alphabetical order, 5.0.16 to 5.5 `msg` first, 5.6 and later `tag`, `clientid`, `msg`, `peername`,
 * `username`, `topic`; the others, with OTP 26 and later, in any order. Where `msg` stands first, `peername` stands
 * before `clientid`; where it does not, no user name stands behind a topic, but as a value of the log call's own: a term.
 */
export function isForged(text: string, pairs: readonly Pair[]): boolean {
  if (pairs.length > MAX_PAIRS) return true;
  let isSorted = true;
  let isOutside = false;
  let msg = -1;
  let peer = -1;
  let named = -1;
  let client = -1;
  let hasTopic = false;
  for (let i = 0; i < pairs.length; i++) {
    const key = pairs[i]?.key ?? '';
    for (let k = 0; k < i; k++) if (pairs[k]?.key === key) return true;
    if (i > 0 && (pairs[i - 1]?.key ?? '') > key) isSorted = false;
    const start = pairs[i]?.start ?? 0;
    if (key === 'topic') hasTopic = msg > 0 && msg < peer;
    else if (key === 'username' && hasTopic && !isTerm(text, start)) return true;
    if (key === 'clientid') client = i;
    if (key === 'msg') msg = i;
    else if (key === 'peername') peer = i;
    else if ((key === 'username' || key === 'topic') && named === -1) named = i;
    if (msg === -1 && (!BEFORE_MSG.has(key) || (key === 'tag' && client !== -1))) isOutside = true;
  }
  if (isSorted || msg === -1) return false;
  if (peer === -1) return named !== -1 && named < msg;
  const isKind = text.charCodeAt((pairs[msg]?.start ?? 0) - KIND_CHARS) === QUOTE;
  if (!isKind && msg < client && client < peer) return true;
  return msg < peer && (isOutside || (named !== -1 && named < peer));
}

/** A binary, or the atom of what is not known. */
function isTerm(text: string, at: number): boolean {
  return text.startsWith('<<', at) || text.startsWith('undefined', at);
}

/** The tag that entries of a `msg` always have: it tells which of two `msg` the broker wrote. */
const TAG_OF: Readonly<Record<string, string>> = {
  authentication_failure: 'AUTHN',
  authorization_permission_denied: 'AUTHZ',
  authorization_permission_allowed: 'AUTHZ',
  cannot_publish_to_topic_due_to_not_authorized: 'AUTHZ',
  cannot_publish_to_topic_due_to_quota_exceeded: 'QUOTA',
  mqtt_packet_received: 'MQTT',
  mqtt_packet_sent: 'MQTT',
};

/**
 * What no client can have written in a line with forged pairs: a tag or `msg` that stands first, and the only `msg` that goes
 * with that tag. Everything else is left out.
 */
export function trusted(text: string, pairs: readonly Pair[]): Fields {
  const [first] = pairs;
  const value = ({ start, end }: Pair): string => text.slice(start, end);
  if (first === undefined) return {};
  if (first.key === 'msg') return { msg: value(first) };
  const names = pairs.filter(({ key }) => key === 'msg').map(value);
  if (first.key !== 'tag') return names.length === 1 ? { msg: names[0] ?? '' } : {};
  const tag = value(first);
  const fitting = names.filter((name) => TAG_OF[name] === tag);
  const [name] = names.length === 1 ? names : fitting;
  return names.length === 1 || fitting.length === 1 ? { tag, msg: name ?? '' } : { tag };
}

/**
 * The value may differ from the client's text: on one line EMQX writes line breaks as `, `, and bytes that are no UTF-8 as
 * a term.
 */
export function isDoubtful(text: string | undefined): boolean {
  return text !== undefined && (text.includes(', ') || text.startsWith('<<') || text.includes('\n'));
}
