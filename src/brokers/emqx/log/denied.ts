import type { Emitter } from '../emitter.ts';
import { type Entry, fieldOf } from '../entries/entry.ts';
import { isObject, word } from '../values/json.ts';
import { filterValues } from '../values/mqtt.ts';
import { wordReason } from '../values/reason.ts';
import { LOG } from './kinds.ts';

const ACL_FIELDS: ReadonlySet<string> = new Set(['action', 'source', 'authorize_type']);
const TOPIC_FIELDS: ReadonlySet<string> = new Set(['to_topic']);

/** A message that its client may not publish. */
export function publishDenied(entry: Entry, out: Emitter): void {
  const topic = entry.topic ?? word(fieldOf(entry, 'to_topic'));
  out.entry(LOG.publishDenied, entry, [...out.topic(topic)], { told: TOPIC_FIELDS });
}

/** A filter that its client may not subscribe to. */
export function subscribeDenied(entry: Entry, out: Emitter): void {
  out.entry(LOG.subscribeDenied, entry, [...filterValues(entry.topic)]);
}

/** `SUBSCRIBE(Q1)`, `PUBLISH(Q1,R0)`, in early 5.0 the word alone. */
const ACTION = /^(subscribe|publish)(?:\(Q(\d)(?:, ?R(\d))?)?/i;

/** What access control has said. */
export function access(entry: Entry, isAllowed: boolean, out: Emitter): void {
  const given = fieldOf(entry, 'action');
  // Early 5.1 prints a map: `#{action_type => publish,qos => 1,retain => false}`.
  const action = isObject(given)
    ? `${given.action_type}(Q${given.qos ?? 0},R${String(given.retain) === 'true' ? 1 : 0})`
    : word(given);
  const found = ACTION.exec(action ?? '');
  const source = word(fieldOf(entry, 'source')) ?? word(fieldOf(entry, 'authorize_type'));
  const qos = found?.[2] === undefined ? undefined : Number(found[2]);
  const said = { told: ACL_FIELDS };
  // Up to 5.4 the action is not named; nobody publishes to a filter.
  const isFilter = found === null && /[+#]/.test(entry.topic ?? '');
  if (found === null && !isFilter) {
    const kind = isAllowed ? LOG.allowed : LOG.denied;
    out.entry(kind, entry, [], isAllowed ? {} : { reason: wordReason('not_authorized') });
    return;
  }
  if (isFilter || found?.[1]?.toLowerCase() === 'subscribe') {
    const kind = isAllowed ? LOG.subscribeAuthorized : LOG.subscribeDenied;
    out.entry(kind, entry, [...filterValues(entry.topic), qos, qos, source], said);
    return;
  }
  const kind = isAllowed ? LOG.publishAuthorized : LOG.publishDenied;
  const retained = found?.[3] === undefined ? undefined : found[3] === '1';
  out.entry(kind, entry, [...out.topic(entry.topic), qos, retained, source], said);
}
