import type { Emitter } from '../../emitter.ts';
import type { Entry } from '../../entries/entry.ts';
import { isCrash } from '../../entries/prose.ts';
import { readTerm } from '../../printed/term.ts';
import { parsePeer } from '../../values/peer.ts';
import { frameReason, reasonWord, wordReason } from '../../values/reason.ts';
import { LOG } from '../kinds.ts';
import { emitPacket } from '../packet-events.ts';
import { alarm, clearAlarm, handledAlarm, newAlarm, reportedAlarm } from './alarms.ts';
import { clusterRules } from './cluster.ts';
import { emitConsole } from './console.ts';
import { crashReason } from './crash-reason.ts';
import {
  login,
  publishDenied,
  publishRefused,
  subscribeDenied,
  subscribesDenied,
  willDenied,
} from './denied.ts';
import { dropped, recordDropped, tooLarge } from './dropped.ts';
import { pluginRules } from './plugins.ts';
import { otherReason, reasonOfWords, reasonRules } from './reasoned.ts';
import { type Rule, rules } from './rule.ts';
import { reasonAt } from './said.ts';
import { isFlapping, namedTerms, sessionRules } from './sessions.ts';
import { subscriptionRules } from './subscriptions.ts';
import { publishedBy, tracedPublication, tracedSubscription } from './traces.ts';

/** The prose of emqttd, EMQX 3.x and 4.x; the first rule that reads an entry tells its event. */
const RULES: readonly Rule[] = [
  { prefix: 'RECV ', read: (_, entry, out) => packet(entry, 'received', out) },
  { prefix: 'SEND ', read: (_, entry, out) => packet(entry, 'sent', out) },
  ...rules(['Client ', "Username '", "username '"], login),
  { prefix: 'Cannot publish ', read: publishDenied },
  ...rules(['Cannot subscribe [', 'Cannot subscribe: [', "SUBSCRIBE from '"], subscribesDenied),
  { prefix: 'Cannot subscribe ', read: subscribeDenied },
  { prefix: 'Cannot SUBSCRIBE ', read: subscribesDenied },
  { prefix: 'ACL Deny: ', read: publishRefused },
  { prefix: 'Connection rejected due to ', read: rejected },
  { prefix: 'Connect from ', read: connecting },
  ...rules(['Queue ', 'Bridge Dropped Msg for '], recordDropped),
  ...rules(['Dropped ', 'Message dropped ', 'dropped Qos2 message '], dropped),
  { prefix: 'Will message (to ', read: willDenied },
  { prefix: 'Malformed packet, ', read: malformed },
  { prefix: 'Alarm ', read: alarm },
  { prefix: 'New Alarm: ', read: newAlarm },
  { prefix: 'Clear Alarm: ', read: clearAlarm },
  { prefix: 'alarm_handler: ', read: reportedAlarm },
  ...rules(['Parse failed for ', 'Parser failed for ', 'parse_failed '], parseFailed),
  ...[
    ...[
      'Frame error:',
      'Framing error - ',
      'Parse frame error - ',
      'Parse frame error: ',
      'Unexpected frame error: ',
    ],
    ...['Protocol error: ', 'Protocol error - ', 'Process packet error - '],
  ].map(frameError),
  ...rules(
    ['MQTT detected framing error ', 'MQTT(WebSocket) detected framing error ', 'MQTT protocol error '],
    connectionError,
  ),
  { prefix: 'Unexpected incoming: ', read: unexpectedPacket },
  ...rules(['emqx shutdown for ', 'EMQ shutdown for ', 'emqttd shutdown for '], stopped),
  { prefix: 'Rule: ', read: ofRule },
  ...subscriptionRules,
  ...sessionRules,
  ...pluginRules,
  ...clusterRules,
  ...reasonRules,
];

/** The rules by the first character of their prefix. */
const BY_FIRST: ReadonlyMap<string, readonly Rule[]> = Map.groupBy(RULES, ({ prefix }) => prefix.charAt(0));

/** The event of an entry in prose. */
export function emitProse(entry: Entry, out: Emitter): void {
  const { text } = entry;
  if (tooLarge(entry, out)) return;
  if (entry.level === undefined && entry.isText && emitConsole(entry, out)) return;
  if (text.includes('PUBLISH to ') && tracedPublication(text, entry, out)) return;
  if (text.includes('SUBSCRIBE ') && tracedSubscription(text, entry, out)) return;
  if (entry.tag === 'Alarm Handler' && handledAlarm(text, entry, out)) return;
  for (const { prefix, read } of BY_FIRST.get(text.charAt(0)) ?? [])
    if (text.startsWith(prefix) && read(text, entry, out)) return;
  if (isFlapping(text, entry, out)) return;
  if (text.includes(' PUBLISH to ') && publishedBy(text, entry, out)) return;
  if (isCrash(text)) {
    out.entry(LOG.log, entry, [], { reason: crashReason(entry.message) });
    return;
  }
  const reason = otherReason(text);
  const terms = namedTerms(text);
  const named = (entry.client ?? terms.client) === terms.client ? terms : {};
  out.entry(LOG.log, entry, [], { ...(reason && { reason }), ...named });
}

function packet(entry: Entry, direction: 'received' | 'sent', out: Emitter): boolean {
  if (entry.packet === undefined) return false;
  emitPacket(entry, entry.packet, direction, out);
  return true;
}

function parseFailed(text: string, entry: Entry, out: Emitter): boolean {
  const cause = /^Parser? failed for (\w{1,64})/.exec(text)?.[1];
  out.entry(LOG.protocolError, entry, [], {
    reason: frameReason(wordReason(cause === undefined ? 'malformed_packet' : reasonWord(cause))),
  });
  return true;
}

/** 4.x, where a proxy may have sent its own bytes first: `Malformed packet, please check proxy_protocol config …`. */
function malformed(_: string, entry: Entry, out: Emitter): boolean {
  out.entry(LOG.protocolError, entry, [], { reason: wordReason('malformed_packet') });
  return true;
}

/** `Frame error: R`; 3.x: `Frame error:R⏎Frame data: <<…>>`. */
function frameError(prefix: string): Rule {
  return {
    prefix,
    read: (text, entry, out) => {
      const start = text.charCodeAt(prefix.length) === 0x20 ? prefix.length + 1 : prefix.length;
      out.entry(LOG.protocolError, entry, [], { reason: frameReason(reasonAt(text, start)) });
      return true;
    },
  };
}

/**
 * emqttd 0.x: `… error R for connection "PEER -> HOST"`; a version of it has the two the other way round. Of web sockets:
 * `… error R for connection PEER`, or no connection.
 */
const CONNECTION_ERROR =
  /^MQTT(?:\(WebSocket\))? (?:detected framing|protocol) error (?:"(?<first>\S{3,64}) -> \S{3,64}" for connection (?<last>.*)|(?<why>.*) for connection (?:"(?<peer>\S{3,64}) -> \S{3,64}"|(?<web>\S{3,64}))|(?<only>\w{1,64}))$/s;

function connectionError(text: string, entry: Entry, out: Emitter): boolean {
  const groups = CONNECTION_ERROR.exec(text)?.groups;
  if (groups === undefined) return false;
  const { first, peer = first, web = peer, last, why = last, only = why } = groups;
  const reason = frameReason(reasonAt(only ?? '', 0));
  out.entry(LOG.protocolError, { ...entry, peer: web === undefined ? entry.peer : parsePeer(web) }, [], {
    reason,
  });
  return true;
}

/** A client that may not connect. */
function rejected(text: string, entry: Entry, out: Emitter): boolean {
  out.entry(LOG.connectionRejected, entry, [], {
    reason: reasonAt(text, 'Connection rejected due to '.length),
  });
  return true;
}

/** emqttd 0.x: `Connect from PEER -> HOST`. */
function connecting(text: string, entry: Entry, out: Emitter): boolean {
  const peer = /^Connect from (\S{3,64}) -> \S{3,64}$/.exec(text)?.[1];
  if (peer === undefined) return false;
  out.entry(LOG.log, { ...entry, peer: parsePeer(peer) }, []);
  return true;
}

/** A packet that may not come at this time. */
function unexpectedPacket(_: string, entry: Entry, out: Emitter): boolean {
  out.entry(LOG.protocolError, entry, []);
  return true;
}

/** The broker's applications are stopped: the node leaves, or is about to join a cluster. */
function stopped(text: string, entry: Entry, out: Emitter): boolean {
  const reason = reasonAt(text, text.indexOf(' for ') + ' for '.length);
  out.entry(LOG.stopped, entry, [], { reason });
  return true;
}

/** `Rule: <<"rule:1">>; Action: a; Resource: <<"resource:2">>. Query failed reason: disconnected`. */
const OF_RULE = /^Rule: (\S{1,256}); Action: (\S{1,256}); Resource: (\S{1,256})\. /;

function ofRule(text: string, entry: Entry, out: Emitter): boolean {
  const found = OF_RULE.exec(text);
  if (found === null) return false;
  const [head, rule = '', action = '', resource = ''] = found;
  const names = Object.entries({ rule_id: rule, action_id: action, resource_id: resource });
  const more = Object.fromEntries(names.map(([name, term]) => [name, readTerm(term)]));
  const reason = reasonOfWords(text.slice(head.length));
  out.entry(LOG.log, entry, [], { more, ...(reason && { reason }) });
  return true;
}
