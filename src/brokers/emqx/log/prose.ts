import type { EventKind } from '../../../core/event.ts';
import type { Emitter } from '../emitter.ts';
import { isTerminating, runningVersion } from '../entries/console.ts';
import type { Entry } from '../entries/entry.ts';
import { isCrash } from '../entries/prose.ts';
import { binarySize } from '../printed/binary.ts';
import { readReason, reasonWord, wordReason } from '../values/reason.ts';
import { alarm, clearAlarm, newAlarm } from './alarms.ts';
import { crashReason } from './crash-reason.ts';
import { loginFailed, publishDenied, subscribeDenied, subscribesDenied } from './denied.ts';
import { dropped, tooLarge } from './dropped.ts';
import { LOG } from './kinds.ts';
import { emitPacket } from './packet-events.ts';

/** Reads entries whose words begin with `prefix`. */
interface Rule {
  readonly prefix: string;
  /** @returns false when it is another entry after all */
  readonly read: (text: string, entry: Entry, out: Emitter) => boolean;
}

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

/** An entry with its reason behind the prefix. */
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
  if (entry.level === undefined && entry.isText) {
    const isStart = runningVersion(entry.text) !== undefined;
    if (isStart || isTerminating(entry.text)) {
      out.entry(isStart ? LOG.started : LOG.stopped, entry, []);
      return;
    }
  }
  const traced = TRACED.exec(entry.text);
  if (traced !== null && published(entry.text.slice(traced[0].length), entry, out, traced[1])) return;
  for (const { prefix, read } of RULES)
    if (entry.text.startsWith(prefix) && read(entry.text, entry, out)) return;
  out.entry(LOG.log, entry, [], isCrash(entry.text) ? { reason: crashReason(entry.message) } : {});
}

function packet(entry: Entry, direction: 'received' | 'sent', out: Emitter): boolean {
  if (entry.packet === undefined) return false;
  emitPacket(entry, entry.packet, direction, out);
  return true;
}

/** 4.x traces: `PUBLISH to T: <<"payload">>`. */
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

function parseFailed(text: string, entry: Entry, out: Emitter): boolean {
  const cause = /^Parser? failed for (\w{1,64})/.exec(text)?.[1];
  out.entry(LOG.protocolError, entry, [], {
    reason: cause === undefined ? wordReason('malformed_packet') : wordReason(reasonWord(cause)),
  });
  return true;
}
