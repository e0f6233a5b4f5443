import { Mark, type Slot } from '../../../../core/event.ts';
import type { Emitter } from '../../emitter.ts';
import type { Entry } from '../../entries/entry.ts';
import { readTerm } from '../../printed/term.ts';
import { termEnd } from '../../printed/term-end.ts';
import { word } from '../../values/json.ts';
import { filterValues } from '../../values/mqtt.ts';
import { type Reason, readReason, wordReason } from '../../values/reason.ts';
import { LOG } from '../kinds.ts';
import { listedFilters, oneOf } from './subscriptions.ts';

/** What stands between a client and its user. */
const USER = " (Username: '";
/** What stands behind the user, and what it means. */
const LOGINS = [
  { mark: "') login failed for ", kind: LOG.authenticationFailed },
  { mark: "' login failed for ", kind: LOG.authenticationFailed },
  { mark: "' login failed - ", kind: LOG.authenticationFailed },
  { mark: "', login failed - ", kind: LOG.authenticationFailed },
  { mark: "') open session failed for ", kind: LOG.log },
  { mark: "') authorized successfully!", kind: LOG.authenticated },
] as const;

/**
 * `Client C (Username: 'U') login failed for R`, `Username 'U' login failed for R`, `username 'U' login failed - R`,
 * `Client C (Username: 'U') open session failed for R`, `Client C (Username: 'U') authorized successfully!`.
 */
export function login(text: string, entry: Entry, out: Emitter): boolean {
  const isNamed = text.startsWith('Client ');
  const open = isNamed ? text.indexOf(USER) : 0;
  // An id and a user name may hold what stands behind them: the last one is the broker's.
  const ends = LOGINS.map(({ mark }) => text.lastIndexOf(mark));
  const end = Math.max(...ends);
  const found = LOGINS[ends.indexOf(end)];
  if (found === undefined || end < open || open === -1) return false;
  const isDouble = isNamed && text.lastIndexOf(USER, end) !== open;
  const client = isNamed && !isDouble ? word(text.slice('Client '.length, open)) : undefined;
  out.entry(found.kind, isDouble ? { ...entry, marks: entry.marks | Mark.ambiguous } : entry, [], {
    client: entry.client ?? client,
    user: isDouble ? undefined : word(text.slice(text.indexOf("'", open) + 1, end)),
    reason: readReason(text.slice(end + found.mark.length)),
  });
  return true;
}

/**
 * `Cannot publish message to T due to Not authorized.`, `Cannot publish to T for ACL Deny`, 3.x:
 * `Cannot publish qos0 message to T for Not authorized`.
 */
export function publishDenied(text: string, entry: Entry, out: Emitter): boolean {
  const start = text.indexOf(' to ') + 4;
  const willEnd = text.startsWith('Cannot publish will message to ')
    ? / for acl (?:denied|checking failed)$/.exec(text)
    : null;
  if (willEnd !== null) {
    const topic = String(readTerm(text.slice(start, willEnd.index)));
    out.entry(LOG.publishDenied, entry, [...out.topic(topic)], { reason: wordReason('not_authorized') });
    return true;
  }
  if (text.endsWith(' for ACL Deny')) {
    const topic = text.slice(start, -' for ACL Deny'.length);
    out.entry(LOG.publishDenied, entry, [...out.topic(topic)], { reason: wordReason('not_authorized') });
    return true;
  }
  const qos = /^Cannot publish qos([0-2]) /.exec(text)?.[1];
  const mark = qos === undefined ? ' due to ' : ' for ';
  const due = text.lastIndexOf(mark);
  if (due < start) return false;
  const values: Slot[] = [...out.topic(text.slice(start, due)), qos === undefined ? undefined : Number(qos)];
  const reason = proseReason(text.slice(due + mark.length));
  const isDenied = reason.word === 'not_authorized';
  out.entry(isDenied ? LOG.publishDenied : LOG.publishDropped, entry, values, { reason });
  return true;
}

/** `Cannot subscribe T due to Not authorized.`, `Cannot subscribe T with options #{…} due to Not authorized.` */
export function subscribeDenied(text: string, entry: Entry, out: Emitter): boolean {
  const due = text.lastIndexOf(' due to ');
  if (due === -1) return false;
  const said = text.slice('Cannot subscribe '.length, due);
  const options = said.lastIndexOf(' with options #{');
  const filter = options === -1 ? said : said.slice(0, options);
  const qos = options === -1 ? undefined : /\bqos => ([0-2])\b/.exec(said.slice(options))?.[1];
  const values = qos === undefined ? [] : [Number(qos), Number(qos)];
  out.entry(LOG.subscribeDenied, entry, [...filterValues(filter), ...values], {
    reason: proseReason(text.slice(due + 8)),
  });
  return true;
}

/**
 * emqttd: `Cannot SUBSCRIBE [{<<"T">>,1}] for ACL Deny`, `Cannot subscribe: [{<<"T">>,1}]`, 0.6:
 * `SUBSCRIBE from 'ID' Denied: [{<<"T">>,1}]`; 3.x: `Cannot subscribe [{<<"T">>,#{qos => 1}}] for [<<"Not authorized">>]`,
 * `Cannot subscribe [<<"T">>] for […]`. Several filters are one event.
 */
const SUBSCRIBES =
  /^(?:Cannot (?:subscribe|SUBSCRIBE):? |SUBSCRIBE from '(?<id>.{0,1024}?)' Denied: )(?=\[[{<])/s;

export function subscribesDenied(text: string, entry: Entry, out: Emitter): boolean {
  const found = SUBSCRIBES.exec(text);
  if (found === null) return false;
  const { id } = found.groups ?? {};
  const start = found[0].length;
  // An id may hold what looks like the words behind it and a list.
  const isDouble = id !== undefined && termEnd(text, start) !== text.length;
  const filters = isDouble ? [] : listedFilters(text, start);
  if (filters.length === 0 && !isDouble) return false;
  const { one, more } = oneOf(filters);
  const about = isDouble ? { ...entry, marks: entry.marks | Mark.ambiguous } : entry;
  out.entry(LOG.subscribeDenied, about, [...filterValues(one?.filter), one?.qos, one?.qos], {
    client: entry.client ?? (isDouble ? undefined : word(id)),
    reason: wordReason('not_authorized'),
    more,
  });
  return true;
}

/** 3.x: `Will message (to T) validation failed, acl denied`. */
export function willDenied(text: string, entry: Entry, out: Emitter): boolean {
  const topic = /^Will message \(to (.*)\) validation failed, acl denied$/s.exec(text)?.[1];
  if (topic === undefined) return false;
  out.entry(LOG.publishDenied, entry, [...out.topic(topic)], { reason: wordReason('not_authorized') });
  return true;
}

/** emqttd 0.10: `ACL Deny: ID cannot publish to T`; an id and a topic may both hold what stands between them. */
export function publishRefused(text: string, entry: Entry, out: Emitter): boolean {
  const [head = '', topic, ...others] = text.split(' cannot publish to ');
  if (topic === undefined) return false;
  const isDouble = others.length > 0;
  const about = isDouble ? { ...entry, marks: entry.marks | Mark.ambiguous } : entry;
  out.entry(LOG.publishDenied, about, [...out.topic(isDouble ? undefined : topic)], {
    client: entry.client ?? (isDouble ? undefined : word(head.slice('ACL Deny: '.length))),
    reason: wordReason('not_authorized'),
  });
  return true;
}

/** `Not authorized.` → `not_authorized` */
function proseReason(text: string): Reason {
  return readReason(text.endsWith('.') ? text.slice(0, -1) : text);
}
