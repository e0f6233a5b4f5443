import { Mark } from '../../../core/event.ts';
import type { LineReader } from '../line.ts';
import { digits } from '../text/digits.ts';
import { GRANTED, groupOf, REMOVED } from './subscription-kinds.ts';

/** Lengths of the formats `%s %d %s` and `%s %s`. */
const GRANTED_LENGTH = 8;
const REMOVED_LENGTH = 5;

/** True while a line `ID QOS FILTER` or `ID FILTER` may follow. */
export function expectsGrant({ context }: Pick<LineReader, 'context'>): boolean {
  return (context.type === 'subscribe' || context.type === 'unsubscribe') && context.asked;
}

/**
 * Reads `ID QOS FILTER` and `ID FILTER` behind the request for the filter. These lines have hardly any fixed text: with a
 * well-chosen id they look like any other line. So they are tried before all rules, and believed if they say what the request
 * asked for.
 */
export function readGrant(text: string, line: LineReader): boolean {
  const { context } = line;
  if (context.type !== 'subscribe' && context.type !== 'unsubscribe') return false;
  const { filter, shown } = context;
  if (!context.asked || !text.startsWith(shown)) return false;
  const granted = context.type === 'subscribe';
  const cut = line.cutAt(granted ? GRANTED_LENGTH : REMOVED_LENGTH);
  // Where the request's line was cut, this one may tell the whole id.
  const client = context.client ?? clientOf(text, shown, filter, granted, cut);
  const at = client === undefined ? shown.length : client.length;
  const start = granted ? at + 3 : at + 1;
  const qos = granted && client !== undefined ? qosAt(text, at) : -1;
  const isSpaced = granted ? qos !== -1 : client !== undefined && text.charCodeAt(at) === 0x20;
  const isWhole =
    isSpaced && filter !== undefined && text.length === start + filter.length && text.endsWith(filter);
  if (!isWhole && !cut) return false;
  line.next = { ...context, filter: undefined, asked: false };
  if (granted) line.seesGrants = true;
  const told = isWhole || (isSpaced && filter?.startsWith(text.slice(start))) ? filter : undefined;
  const mark = isWhole ? Mark.none : Mark.truncated;
  if (granted) line.emit(GRANTED, [client, told, groupOf(told), qos === -1 ? undefined : qos], mark);
  else line.emit(REMOVED, [client, told, groupOf(told)], mark);
  return true;
}

/** The client id of a whole line, known by the filter at the line's end. */
function clientOf(
  text: string,
  shown: string,
  filter: string | undefined,
  granted: boolean,
  cut: boolean,
): string | undefined {
  if (cut || filter === undefined || !text.endsWith(` ${filter}`)) return undefined;
  const end = text.length - filter.length - (granted ? 3 : 1);
  return end < shown.length || (granted && qosAt(text, end) === -1) ? undefined : text.slice(0, end);
}

/** The QoS in ` QOS ` at a place of a text; -1: there is none. */
function qosAt(text: string, at: number): number {
  const qos = digits(text, at + 1, at + 2);
  return text.charCodeAt(at) === 0x20 && text.charCodeAt(at + 2) === 0x20 && qos <= 2 ? qos : -1;
}
