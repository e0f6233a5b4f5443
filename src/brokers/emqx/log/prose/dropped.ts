import { Mark } from '../../../../core/event.ts';
import type { Emitter } from '../../emitter.ts';
import type { Entry } from '../../entries/entry.ts';
import { readTerm } from '../../printed/term.ts';
import { termEnd } from '../../printed/term-end.ts';
import { NO_REASON, wordReason } from '../../values/reason.ts';
import { LOG } from '../kinds.ts';
import { discarded } from '../packet-events.ts';

/**
 * `PUBLISH(…) is discarded due to the frame is too large.`: a packet to the client.
 * @returns false when it is another entry
 */
export function tooLarge(entry: Entry, out: Emitter): boolean {
  const { text, packet } = entry;
  if (packet === undefined && !/^[A-Z]{4,11}\(/.test(text)) return false;
  if (!/ is discarded due to the frame is too large[.!]$/.test(text.slice(-64))) return false;
  const reason = wordReason('packet_too_large');
  if (packet?.type === 'publish') discarded(entry, packet, reason, out);
  else out.entry(LOG.log, entry, [], { reason });
  return true;
}

/** What stands before the message, the reason, and where the message was dropped. */
const DROPS = [
  { words: 'mqueue is full', reason: 'queue_full', kind: LOG.deliveryDropped },
  { words: 'qos0', reason: 'qos0_msg', kind: LOG.deliveryDropped },
  // The rule engine of 3.x.
  { words: 'for no subscription', reason: 'no_subscribers', kind: LOG.publishDropped },
] as const;

/** The id is EMQX's own, of whatever bytes: the first mark behind it is the broker's. */
const MESSAGE = /^Id=(.{1,64}?), QoS=([0-2]), Topic=/s;
/** The characters of the 16 bytes of an id, as 3.x to 4.3 print it. */
const RAW_ID = /^[\0-\xff]{16}$/;

/** 32 digits, as in events; undefined: blanks have been put into the bytes of the id, or taken from them. */
function messageId(printed: string): string | undefined {
  if (/^\w{1,64}$/.test(printed) && printed.length !== 16) return printed;
  if (!RAW_ID.test(printed) || printed.includes(', ')) return undefined;
  return Buffer.from(printed, 'latin1').toString('hex').toUpperCase();
}

/** `Dropped msg due to mqueue is full: Message(Id=…, QoS=1, Topic=…, From=…, Flags=[retain], Headers=#{…})`. */
export function dropped(text: string, entry: Entry, out: Emitter): boolean {
  const open = text.indexOf(': Message(');
  if (open === -1) return droppedPacket(text, entry, out);
  const what = text.slice(0, open);
  const at = open + ': Message('.length;
  const message = MESSAGE.exec(text.slice(at, at + 96));
  const topicStart = at + (message?.[0].length ?? 0);
  const from = text.indexOf(', From=', topicStart);
  const isDouble = from !== -1 && text.includes(', From=', from + 1);
  const fromEnd = from === -1 || isDouble ? -1 : termEnd(text, from + 7);
  const publisher = fromEnd === -1 ? undefined : readTerm(text.slice(from + 7, fromEnd));
  const flags =
    fromEnd === -1 ? undefined : /^, Flags=\[([\w,]{0,40})\]/.exec(text.slice(fromEnd, fromEnd + 60))?.[1];
  const drop = DROPS.find(({ words }) => what.includes(words));
  out.entry(
    drop?.kind ?? LOG.deliveryDropped,
    isDouble ? { ...entry, marks: entry.marks | Mark.ambiguous } : entry,
    [
      ...out.topic(message === null || from === -1 || isDouble ? undefined : text.slice(topicStart, from)),
      message === null ? undefined : Number(message[2]),
      flags === undefined ? undefined : flags.split(',').includes('retain'),
      flags === undefined ? undefined : flags.split(',').includes('dup'),
      undefined,
      undefined,
      message?.[1] === undefined ? undefined : messageId(message[1]),
      typeof publisher === 'string' && publisher !== 'undefined' ? publisher : undefined,
    ],
    { reason: drop === undefined ? NO_REASON : wordReason(drop.reason) },
  );
  return true;
}

/** How an entry with the record of a dropped message begins, with the client's id if it has one. */
const RECORDS = [
  { words: /^Queue (.{1,1024}) drop message: \{mqtt_message,(?=<<")/s, reason: 'queue_full' },
  { words: /^Queue (.{1,1024}) drop qos0 message: \{mqtt_message,(?=<<")/s, reason: 'qos0_msg' },
  { words: /^Bridge Dropped Msg for \S{1,256} Down:\s\{mqtt_message,(?=<<")/, reason: 'nodedown' },
] as const;
const RECORD_REST = /^,([0-2]),(true|false),(true|false),(\d{1,5}|undefined),/;

/**
 * emqttd 0.6 prints the message that a full queue or a bridge has dropped:
 * `Queue ID drop message: {mqtt_message,<<"t">>,1,false,false,12,<<"payload">>}`.
 */
export function recordDropped(text: string, entry: Entry, out: Emitter): boolean {
  for (const { words, reason } of RECORDS) {
    const found = words.exec(text);
    if (found === null) continue;
    const start = found[0].length;
    const end = termEnd(text, start);
    const [, qos, retained, duplicate, id] =
      RECORD_REST.exec(text.slice(end, end + 128).replace(/\s+/g, '')) ?? [];
    if (end === -1 || qos === undefined) return false;
    const values = [
      ...out.topic(String(readTerm(text.slice(start, end)))),
      Number(qos),
      retained === 'true',
      duplicate === 'true',
      undefined,
      id === 'undefined' ? undefined : Number(id),
    ];
    out.entry(LOG.deliveryDropped, entry, values, {
      client: entry.client ?? found[1],
      reason: wordReason(reason),
    });
    return true;
  }
  return false;
}

/** `Dropped the qos2 packet 77 due to awaiting_rel is full.` */
function droppedPacket(text: string, entry: Entry, out: Emitter): boolean {
  const id = /^Dropped (?:the )?qos2 packet (\d{1,5})\b/.exec(text)?.[1];
  // emqttd: `Dropped Qos2 Message for too many awaiting_rel: {mqtt_message,…}`.
  if (id === undefined && !/^Dropped Qos2 message /i.test(text)) return false;
  const reason = text.includes('packet ID in use')
    ? 'packet_identifier_inuse'
    : text.includes('await_rel_timeout')
      ? 'await_rel_timeout'
      : 'receive_maximum_exceeded';
  const values = [...out.topic(undefined), 2, undefined, undefined, undefined, id && Number(id)];
  out.entry(LOG.publishDropped, entry, values, { reason: wordReason(reason) });
  return true;
}
