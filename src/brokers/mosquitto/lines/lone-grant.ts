import { Mark } from '../../../core/event.ts';
import { defineKind } from '../../../ecs/kind.ts';
import type { LineReader } from '../line.ts';
import { digits } from '../text/digits.ts';
import { GRANTED, groupOf, REMOVED } from './subscription-kinds.ts';

/** A line about a subscription of which not even the kind is certain: added or removed. */
const UNCLEAR = defineKind({ code: 'mosquitto.subscription_unclear', action: 'broker-log', level: 'notice' });

/** No broker writes longer lines about subscriptions. */
const MAX_LINE = 4096;

/** Last level of the log topic: there the kind of the line is certain. */
export type GrantType = 'subscribe' | 'unsubscribe';

/**
 * Reads `ID QOS FILTER` and `ID FILTER` in a log without debug lines, where no request precedes them: only if no rule has
 * read the line, and only where a reading names a connected client. A filter that begins with a digit and a blank is not
 * looked for.
 * @param type given: the line is certainly of this type, and its client need not be connected
 */
export function readGrantAlone(text: string, line: LineReader, type?: GrantType): boolean {
  if (text.length > MAX_LINE || line.cut) return false;
  const found: { at: number; qos: number; isLive: boolean }[] = [];
  let isUnsure = false;
  for (let at = text.indexOf(' '); at !== -1; at = text.indexOf(' ', at + 1)) {
    const id = text.substring(0, at);
    const isLive = line.live.has(id) || line.ownClients.has(id);
    if (!isLive && line.live.mayBe(id)) isUnsure = true;
    if (type === undefined && !isLive) continue;
    const digit = text.charCodeAt(at + 2) === 0x20 ? digits(text, at + 1, at + 2) : -1;
    const qos = type !== 'unsubscribe' && digit <= 2 ? digit : -1;
    if (type !== 'subscribe' || qos !== -1) found.push({ at, qos, isLive });
  }
  const live = found.filter((reading) => reading.isLive);
  const [first, second] = live.length > 0 ? live : found;
  if (first === undefined) return false;
  const { at, qos } = first;
  const kind = qos === -1 ? REMOVED : GRANTED;
  if (isUnsure && first.isLive) {
    line.emit(UNCLEAR, [], Mark.ambiguous);
  } else if (second === undefined) {
    const filter = text.substring(qos === -1 ? at + 1 : at + 3);
    line.emit(kind, [text.substring(0, at), filter, groupOf(filter), qos === -1 ? undefined : qos]);
  } else {
    const isOneKind = found.every((reading) => (reading.qos === -1) === (qos === -1));
    line.emit(isOneKind ? kind : UNCLEAR, [], Mark.ambiguous);
  }
  return true;
}

/** The line is of this type, but where the client id begins is not known. */
export function emitUnreadGrant(type: GrantType, line: LineReader): void {
  line.emit(type === 'subscribe' ? GRANTED : REMOVED, [], Mark.ambiguous);
}
