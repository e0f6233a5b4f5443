import type { Pair } from '../printed/pairs.ts';
import type { Fields } from './entry.ts';

const BEFORE_MSG: ReadonlySet<string> = new Set(['tag', 'tns', 'clientid']);

/**
 * What no EMQX writes was written by a client: a key that comes twice, and keys out of their order. 5.0: in the order of the
 * alphabet; 5.0.16 to 5.5: `msg` first; from 5.6 on `tag`, `clientid`, `msg`, `peername`, `username`, `topic`; with OTP 26
 * and later the rest in any order that a build keeps.
 */
export function isForged(pairs: readonly Pair[]): boolean {
  let isSorted = true;
  let isOutside = false;
  let msg = -1;
  let peer = -1;
  let named = -1;
  for (let i = 0; i < pairs.length; i++) {
    const key = pairs[i]?.key ?? '';
    for (let k = 0; k < i; k++) if (pairs[k]?.key === key) return true;
    if (i > 0 && (pairs[i - 1]?.key ?? '') > key) isSorted = false;
    if (key === 'msg') msg = i;
    else if (key === 'peername') peer = i;
    else if ((key === 'username' || key === 'topic') && named === -1) named = i;
    if (msg === -1 && !BEFORE_MSG.has(key)) isOutside = true;
  }
  if (isSorted || msg === -1) return false;
  if (peer === -1) return named !== -1 && named < msg;
  return msg < peer && (isOutside || (named !== -1 && named < peer));
}

/** Names of records by the tag that they always have: tells which of two `msg` the broker wrote. */
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
 * What a client cannot have forged in a line that holds keys twice: a tag or `msg` that stands first, and the one `msg` that
 * goes with that tag. Everything else is left out.
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

/** In one line the broker writes a line break of a client's text as `, `, and bytes that are no UTF-8 as a term. */
export function isDoubtful(text: string | undefined): boolean {
  return text !== undefined && (text.includes(', ') || text.startsWith('<<') || text.includes('\n'));
}
