import { Mark } from '../../../../core/event.ts';
import type { Emitter } from '../../emitter.ts';
import type { Entry } from '../../entries/entry.ts';
import { binarySize } from '../../printed/binary.ts';
import { readTerm } from '../../printed/term.ts';
import { termEnd } from '../../printed/term-end.ts';
import { word } from '../../values/json.ts';
import { LOG } from '../kinds.ts';
import { requestedValues } from '../requested.ts';

/**
 * `PUBLISH to T: <<"payload">>`; emqttd writes who it is before it: `ID PUBLISH to `, from 2.0 on `ID/USER PUBLISH to `. In 0.6 the
 * topic is all that stands behind it.
 */
const PUBLICATION = /^(?:(?<who>[^\s[]{1,512}) )?PUBLISH to (?=(?<rest>.*))/s;
const PAYLOAD = ': <<';

/** The event of a trace's entry about a message; false: it is another. */
export function tracedPublication(text: string, entry: Entry, out: Emitter): boolean {
  const { who, rest = '' } = PUBLICATION.exec(text)?.groups ?? {};
  const end = rest.indexOf(PAYLOAD);
  // emqttd names no module.
  if (end === -1 || (who !== undefined && entry.tag !== undefined)) return false;
  const payload = rest.slice(end + PAYLOAD.length - 2).trimEnd();
  // A topic may hold what looks like the payload.
  const isDouble =
    isTwice(rest.slice(0, end)) || (payload.includes(PAYLOAD) && termEnd(payload, 0) !== payload.length);
  const { client, user, isUncertain } = publisherOf(who, entry);
  const marks = isDouble || isUncertain ? entry.marks | Mark.ambiguous : entry.marks;
  const size = isDouble ? undefined : binarySize(payload);
  const topic = out.topic(isDouble ? undefined : rest.slice(0, end));
  out.entry(LOG.published, { ...entry, marks }, [...topic, undefined, undefined, undefined, size], {
    client: entry.client ?? (isDouble ? undefined : client),
    user: isDouble ? undefined : user,
  });
  return true;
}

/** An id and a topic may both hold what stands between them. */
function isTwice(topic: string): boolean {
  return topic.includes(' PUBLISH to ');
}

/**
 * emqttd 0.6: `ID PUBLISH to T`, of what the broker itself publishes `event PUBLISH to T`; false: it is another, for instance of
 * Mosquitto, which writes no level.
 */
export function publishedBy(text: string, entry: Entry, out: Emitter): boolean {
  const { who, rest: topic = '' } = PUBLICATION.exec(text)?.groups ?? {};
  if (who === undefined || topic === '' || topic.includes(': ') || topic.includes('\n')) return false;
  if (entry.level === undefined || (entry.tag ?? entry.client ?? entry.peer.ip) !== undefined) return false;
  const isDouble = isTwice(topic);
  const client = who === 'event' || isDouble ? undefined : who;
  out.entry(
    LOG.published,
    isDouble ? { ...entry, marks: entry.marks | Mark.ambiguous } : entry,
    [...out.topic(isDouble ? undefined : topic)],
    { client },
  );
  return true;
}

interface Publisher {
  readonly client?: string | undefined;
  readonly user?: string | undefined;
  readonly isUncertain?: boolean;
}

/** Both an id and a user name may hold a slash, and only emqttd 2.x writes one between them. */
function publisherOf(who: string | undefined, { logger }: Entry): Publisher {
  const slash = who?.indexOf('/') ?? -1;
  if (who === undefined || slash === -1) return { client: who };
  const [client, user] = [who.slice(0, slash), who.slice(slash + 1)];
  const isOne = !user.includes('/');
  if (isOne && (logger !== undefined || user === 'undefined')) return { client, user: word(user) };
  return { client: logger === undefined ? who : undefined, isUncertain: true };
}

const SUBSCRIBE = 'SUBSCRIBE ';
const OPTIONS = ': Options: ';

/** The event of an entry of a 4.4 trace about a subscription, `ID SUBSCRIBE T: Options: #{qos => 1}`; false: it is another. */
export function tracedSubscription(text: string, entry: Entry, out: Emitter): boolean {
  const start = text.indexOf(SUBSCRIBE);
  const end = text.lastIndexOf(`${OPTIONS}#{`);
  if (start === -1 || end < start || !text.endsWith('}')) return false;
  // An id and a filter may hold what looks like the words between them.
  const isDouble = start !== text.lastIndexOf(SUBSCRIBE);
  const isRemoved = text.startsWith('UN', start - 2);
  const who = text.slice(0, isRemoved ? start - 2 : start).trimEnd();
  const filter = text.slice(start + SUBSCRIBE.length, end);
  out.entry(
    isRemoved ? LOG.unsubscriptionRequested : LOG.subscriptionRequested,
    isDouble ? { ...entry, marks: entry.marks | Mark.ambiguous } : entry,
    requestedValues(isDouble ? undefined : filter, readTerm(text.slice(end + OPTIONS.length))),
    { client: entry.client ?? (isDouble ? undefined : word(who)) },
  );
  return true;
}
