import type { EventKind, Slot } from '../../../core/event.ts';
import { type Emitter, filterValues } from '../emitter.ts';
import { binarySize, readTerm, termEnd } from '../printed/term.ts';
import type { Entry } from '../records/entry.ts';
import { isCrash } from '../records/prose-head.ts';
import { NO_REASON, type Reason, readReason, reasonWord } from '../values/reason.ts';
import { LOG } from './log-kinds.ts';
import { discarded, emitPacket } from './packet-events.ts';

/** Reads entries whose words begin like this; false: it is another one after all. */
interface Rule {
  readonly prefix: string;
  readonly read: (text: string, entry: Entry, out: Emitter) => boolean;
}

const word = (reason: string): Reason => ({ word: reason, text: undefined });

/** The prose of emqttd, EMQX 3.x and 4.x. */
const RULES: readonly Rule[] = [
  { prefix: 'RECV ', read: (_, entry, out) => packet(entry, 'received', out) },
  { prefix: 'SEND ', read: (_, entry, out) => packet(entry, 'sent', out) },
  { prefix: 'PUBLISH to ', read: published },
  { prefix: 'Client ', read: loginFailed },
  { prefix: "Username '", read: loginFailed },
  { prefix: 'Cannot publish ', read: publishDenied },
  { prefix: 'Cannot subscribe [{', read: subscribesDenied },
  { prefix: 'Cannot subscribe ', read: subscribeDenied },
  { prefix: 'Cannot SUBSCRIBE ', read: subscribesDenied },
  { prefix: 'Dropped ', read: dropped },
  { prefix: 'Alarm ', read: alarm },
  { prefix: 'New Alarm: ', read: newAlarm },
  { prefix: 'Clear Alarm: ', read: clearAlarm },
  { prefix: 'Parse failed for ', read: parseFailed },
  { prefix: 'Parser failed for ', read: parseFailed },
  { prefix: 'parse_failed ', read: parseFailed },
  ...['Frame error: ', 'Framing error - ', 'Protocol error: ', 'Protocol error - '].map((prefix) =>
    reasoned(prefix, LOG.protocolError),
  ),
  ...[
    ...['Shutdown for ', 'Terminated for ', 'Terminated due to ', 'Shutdown exceptionally due to '],
    ...[
      'socket_error: ',
      'Socket error: ',
      'Unexpected sock_closed: ',
      'Keepalive error: ',
      'Keepalive error - ',
      'stop due to ',
    ],
    ...['Force to close the socket due to ', 'Websocket closed due to '],
    ...['Failed to open session: ', 'Failed to open session due to '],
  ].map((prefix) => reasoned(prefix, LOG.log)),
];

/** What stands behind the prefix is why. */
function reasoned(prefix: string, kind: EventKind): Rule {
  return {
    prefix,
    read: (text, entry, out) => {
      out.entry(kind, entry, [], { reason: readReason(text.slice(prefix.length).trimEnd()) });
      return true;
    },
  };
}

/** emqttd traces: `ID PUBLISH to T: <<"payload">>`. */
const TRACED = /^([^\s[]{1,512}) (?=PUBLISH to )/;

/** The event of an entry in prose. */
export function emitProse(entry: Entry, out: Emitter): void {
  if (tooLarge(entry, out)) return;
  const traced = TRACED.exec(entry.text);
  if (traced !== null && published(entry.text.slice(traced[0].length), entry, out, traced[1])) return;
  for (const { prefix, read } of RULES)
    if (entry.text.startsWith(prefix) && read(entry.text, entry, out)) return;
  out.entry(LOG.log, entry, [], isCrash(entry.text) ? { reason: crashReason(entry.message) } : {});
}

const CRASH_REASON =
  /\b(?:[Rr]eason: +|exception (?:error|exit|throw): |error: |Reason for termination == ?(?:\n|, )\*\* )/;

/** Why a process has ended: `reason: {…}`, `Reason: {…}.`, `exception error: …`. */
function crashReason(message: string): Reason {
  const found = CRASH_REASON.exec(message);
  if (found === null) return NO_REASON;
  const start = found.index + found[0].length;
  const isTerm = /^[{[#<"']/.test(message.slice(start, start + 1));
  const end = isTerm ? termEnd(message, start) : -1;
  const line = /[^\n,.]{0,512}/.exec(message.slice(start, start + 512))?.[0] ?? '';
  const said = end === -1 ? line : message.slice(start, end);
  const reason = readReason(said.startsWith('#{') ? readTerm(said) : said);
  return reason.text === undefined ? reason : { word: reason.word, text: said };
}

function packet(entry: Entry, direction: 'received' | 'sent', out: Emitter): boolean {
  if (entry.packet === undefined) return false;
  emitPacket(entry, entry.packet, direction, out);
  return true;
}

/** 4.x traces: `PUBLISH to T: <<"payload">>`; a topic may hold what looks like that. */
function published(text: string, entry: Entry, out: Emitter, client?: string): boolean {
  const end = text.indexOf(': <<');
  if (end === -1) return false;
  const topic = text.slice('PUBLISH to '.length, end);
  const size = binarySize(text.slice(end + 2));
  out.entry(LOG.published, entry, [...out.topic(topic), undefined, undefined, undefined, size], {
    client: entry.client ?? client,
  });
  return true;
}

/** `Client C (Username: 'U') login failed for R`, `Username 'U' login failed for R`. */
function loginFailed(text: string, entry: Entry, out: Emitter): boolean {
  const isNamed = text.startsWith('Client ');
  const mark = isNamed ? "') login failed for " : "' login failed for ";
  const end = text.lastIndexOf(mark);
  const open = isNamed ? text.lastIndexOf(" (Username: '", end) : 0;
  if (end === -1 || open === -1) return false;
  const user = text.slice(text.indexOf("'", open) + 1, end);
  const client = open > 0 ? text.slice('Client '.length, open) : undefined;
  out.entry(LOG.authenticationFailed, entry, [], {
    client: entry.client ?? (client === 'undefined' ? undefined : client),
    user: user === '' || user === 'undefined' ? undefined : user,
    reason: readReason(text.slice(end + mark.length)),
  });
  return true;
}

/** `PUBLISH(…) is discarded due to the frame is too large.`: a packet for the client. */
function tooLarge(entry: Entry, out: Emitter): boolean {
  const { text, packet } = entry;
  if (!/ is discarded due to the frame is too large[.!]$/.test(text.slice(-64))) return false;
  const reason = word('packet_too_large');
  if (packet?.type === 'publish') discarded(entry, packet, reason, out);
  else out.entry(LOG.log, entry, [], { reason });
  return true;
}

/** `Cannot publish message to T due to Not authorized.`, `Cannot publish to T for ACL Deny`, 3.x: `Cannot publish qos0 message to T for Not authorized`. */
function publishDenied(text: string, entry: Entry, out: Emitter): boolean {
  const start = text.indexOf(' to ') + 4;
  if (text.startsWith('Cannot publish will message to ') && text.endsWith(' for acl denied')) {
    const topic = String(readTerm(text.slice(start, -' for acl denied'.length)));
    out.entry(LOG.publishDenied, entry, [...out.topic(topic)], { reason: word('not_authorized') });
    return true;
  }
  if (text.endsWith(' for ACL Deny')) {
    const topic = text.slice(start, -' for ACL Deny'.length);
    out.entry(LOG.publishDenied, entry, [...out.topic(topic)], { reason: word('not_authorized') });
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
function subscribeDenied(text: string, entry: Entry, out: Emitter): boolean {
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
 * emqttd: `Cannot SUBSCRIBE [{<<"T">>,1}] for ACL Deny`; 3.x: `Cannot subscribe [{<<"T">>,#{qos => 1}}] for [<<"Not authorized">>]`.
 * Several filters are one entry and one event.
 */
function subscribesDenied(text: string, entry: Entry, out: Emitter): boolean {
  const start = text.indexOf('[{');
  const end = start === -1 ? -1 : text.lastIndexOf('}]');
  if (end === -1) return false;
  const filters: { filter: string; qos: number | undefined }[] = [];
  for (let at = start + 1; at < end; at++) {
    const close = termEnd(text, at);
    if (close === -1) break;
    const comma = termEnd(text, at + 1);
    const options = text.slice(comma + 1, close - 1);
    const qos = Number(/\bqos => (\d)/.exec(options)?.[1] ?? options);
    const filter = String(readTerm(text.slice(at + 1, comma)));
    filters.push({ filter, qos: Number.isInteger(qos) ? qos : undefined });
    at = close;
    while (/\s/.test(text.charAt(at + 1))) at++;
  }
  const one = filters.length === 1 ? filters[0] : undefined;
  const more =
    filters.length > 1
      ? { filters: filters.map(({ filter, qos }) => ({ filter, qos: qos ?? null })) }
      : undefined;
  out.entry(LOG.subscribeDenied, entry, [...filterValues(one?.filter), one?.qos, one?.qos], {
    reason: word('not_authorized'),
    more,
  });
  return true;
}

/** `Dropped msg due to mqueue is full: Message(Id=…, QoS=1, Topic=…, From=…, Flags=[retain], Headers=#{…})`. */
function dropped(text: string, entry: Entry, out: Emitter): boolean {
  const open = text.indexOf(': Message(');
  if (open === -1) return droppedPacket(text, entry, out);
  const what = text.slice(0, open);
  const at = open + ': Message('.length;
  const message = /^Id=(\w{1,64}), QoS=(\d), Topic=/.exec(text.slice(at, at + 96));
  const topicStart = at + (message?.[0].length ?? 0);
  const from = text.indexOf(', From=', topicStart);
  const isDouble = from !== -1 && text.includes(', From=', from + 1);
  const fromEnd = from === -1 || isDouble ? -1 : termEnd(text, from + 7);
  const publisher = fromEnd === -1 ? undefined : readTerm(text.slice(from + 7, fromEnd));
  const flags =
    fromEnd === -1 ? undefined : /^, Flags=\[([\w,]{0,40})\]/.exec(text.slice(fromEnd, fromEnd + 60))?.[1];
  const reason = what.includes('mqueue is full')
    ? 'queue_full'
    : what.includes('qos0')
      ? 'qos0_msg'
      : undefined;
  out.entry(
    LOG.deliveryDropped,
    entry,
    [
      ...out.topic(message === null || from === -1 || isDouble ? undefined : text.slice(topicStart, from)),
      message === null ? undefined : Number(message[2]),
      flags === undefined ? undefined : flags.split(',').includes('retain'),
      flags === undefined ? undefined : flags.split(',').includes('dup'),
      undefined,
      undefined,
      message?.[1],
      typeof publisher === 'string' && publisher !== 'undefined' ? publisher : undefined,
    ],
    { reason: { word: reason, text: undefined } },
  );
  return true;
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
  out.entry(LOG.publishDropped, entry, values, { reason: word(reason) });
  return true;
}

/** `Alarm N is activated, text`, `Alarm N is deactivated`. */
function alarm(text: string, entry: Entry, out: Emitter): boolean {
  const found = /^Alarm (.{1,512}?) is (activated|deactivated)(?:, (.*))?$/s.exec(text);
  if (found === null) return false;
  const [, name, state, about] = found;
  const known = String(readTerm(name ?? ''));
  out.entry(state === 'activated' ? LOG.alarmRaised : LOG.alarmCleared, entry, [
    known,
    about === undefined ? undefined : { message: about },
  ]);
  return true;
}

/** 3.x: `New Alarm: N, Alarm Info: I`. */
function newAlarm(text: string, entry: Entry, out: Emitter): boolean {
  const start = 'New Alarm: '.length;
  const mark = text.lastIndexOf(', Alarm Info: ');
  if (mark < start) return false;
  const info = readTerm(text.slice(mark + ', Alarm Info: '.length));
  const details = Array.isArray(info) && info.length === 0 ? undefined : { info };
  out.entry(LOG.alarmRaised, entry, [String(readTerm(text.slice(start, mark))), details]);
  return true;
}

function clearAlarm(text: string, entry: Entry, out: Emitter): boolean {
  out.entry(LOG.alarmCleared, entry, [String(readTerm(text.slice('Clear Alarm: '.length))), undefined]);
  return true;
}

function parseFailed(text: string, entry: Entry, out: Emitter): boolean {
  const cause = /^Parser? failed for (\w{1,64})/.exec(text)?.[1];
  out.entry(LOG.protocolError, entry, [], {
    reason: cause === undefined ? word('malformed_packet') : word(reasonWord(cause)),
  });
  return true;
}

/** `Not authorized.` → `not_authorized` */
function proseReason(text: string): Reason {
  return readReason(text.endsWith('.') ? text.slice(0, -1) : text);
}
