import type { Emitter, Said } from '../../emitter.ts';
import type { Entry } from '../../entries/entry.ts';
import { readTerm } from '../../printed/term.ts';
import { termEnd } from '../../printed/term-end.ts';
import { word } from '../../values/json.ts';
import { parsePeer } from '../../values/peer.ts';
import { wordReason } from '../../values/reason.ts';
import { LOG } from '../kinds.ts';
import { type Rule, rules } from './rule.ts';
import { reasonAt } from './said.ts';

const TAKEN_OVER = wordReason('session_taken_over');

/** Entries about sessions that are told by their form, from the first character to the last: a client id may hold anything. */
interface Form {
  readonly pattern: RegExp;
  readonly said: (groups: Readonly<Partial<Record<string, string>>>) => Said & {
    readonly peer?: string | undefined;
  };
}

const FORMS: readonly Form[] = [
  // emqttd, 3.x
  {
    pattern:
      /^(?:[Cc]lient[Ii]d|Session|lwm2m) '(?<id>.*)' (?:conflict with <[\d.]+>(?:, shutdown)?|will be kicked (?:off|out)|is duplicated:? {1,2}pid=<[\d.]+>, oldpid=<[\d.]+>)$/s,
    said: ({ id }) => ({ client: id, reason: TAKEN_OVER }),
  },
  {
    pattern:
      /^(?:[Cc]lient[Ii]d '(?<id>.*)' has been registered|[Cc]annot find clientId '(?<lost>.*)') with <[\d.]+>$/s,
    said: ({ id, lost }) => ({ client: id ?? lost }),
  },
  // emqttd 0.6 to 0.10
  {
    pattern: /^Session: client (?<id>.*)@<[\d.]+> exited, caused by (?<reason>[^@]*)$/s,
    said: ({ id, reason = '' }) => ({ client: id, reason: reasonAt(reason, 0) }),
  },
  {
    pattern: /^(?:Destroy|Resume) session (?<id>.*) on remote node \S{1,256} failed for (?<reason>\S.*)$/s,
    said: ({ id, reason = '' }) => ({ client: id, reason: reasonAt(reason, 0) }),
  },
  {
    pattern:
      /^Session (?<id>.*)(?:@<[\d.]+> died unexpectedly!| (?:died for node \S{1,256} down!|conflict with node \S{1,256}!))$/s,
    said: ({ id }) => ({ client: id }),
  },
  {
    pattern: /^Session (?<id>.*) (?:resumed by <[\d.]+>|destroyed|expired!)$/s,
    said: ({ id }) => ({ client: id }),
  },
  {
    pattern:
      /^(?:Invalid ClientId: (?<id>.*), ProtoVer: \d{1,3}, CleanSess: (?:true|false)|TODO: (?:un)?subscribed (?<subscriber>[^[]*), \[.*\])$/s,
    said: ({ id, subscriber }) => ({ client: id ?? subscriber }),
  },
  {
    pattern: /^Session (?<id>.*): PUB[A-Z]{3,4} PacketId '(?<packet>\d{1,5})' not (?:found!|exist)$/s,
    said: ({ id, packet }) => ({
      client: id,
      reason: wordReason('packet_identifier_not_found'),
      more: { packetId: Number(packet) },
    }),
  },
  {
    pattern:
      /^(?:Client (?<id>.*): publish qos[12] error - |Websocket client (?<web>.*) exit: reason=)(?<reason>\S+)$/s,
    said: ({ id, web, reason = '' }) => ({ client: id ?? web, reason: reasonAt(reason, 0) }),
  },
  {
    // Further on stands no such word again: a client would have written one of the two.
    pattern: /^ACL: nomatch (?:when|for) (?<id>\S+) (?:publish|subscribe) (?!.* (?:publish|subscribe) )/s,
    said: ({ id }) => ({ client: id }),
  },
  // 3.x
  {
    pattern: /^Failed to start session (?<id><<"(?:[^"\\]|\\.)*">>): (?<reason>.*)$/s,
    said: ({ id = '', reason = '' }) => ({ client: word(readTerm(id)), reason: reasonAt(reason, 0) }),
  },
  {
    pattern: /^[Dd]iscarded by (?<id>.*):<[\d.]+>$/s,
    said: ({ id }) => ({ client: id }),
  },
  // emqttd 0.x
  {
    pattern: /^(?:RECV from|SENT to) (?<peer>[\da-f.:]{3,45}:\d{1,5})(?:\(WebSocket\))?: /,
    said: ({ peer }) => ({ peer }),
  },
  // esockd
  {
    pattern:
      /^(?:(?:Failed to start|Error returned\.|Exception occurred when starting) udp channel(?::| for peer)|Dropped packet to:|Failed to start connection on) (?<peer>\S{3,64}?)(?:, reason|): (?<reason>.*)$/s,
    said: ({ peer, reason = '' }) => ({ peer, reason: reasonAt(reason, 0) }),
  },
  {
    pattern: /^Cannot create udp channel for peer (?<peer>\S{3,64}) due to throttling\.$/,
    said: ({ peer }) => ({ peer, reason: wordReason('throttling') }),
  },
  {
    pattern: /^Shutdown for duplicate clientid: (?<id>.*), conn:(?<peer>\S{3,64}) -> \S{3,64}$/s,
    said: ({ id, peer = '' }) => ({ client: id, peer, reason: TAKEN_OVER }),
  },
  // 4.x
  {
    pattern:
      /^(?:Flapping detected: )?(?<id>.*)\((?<peer>[\da-f.:]{2,45})\) disconnected (?<count>\d{1,9}) times in (?<ms>\d{1,12})ms$/s,
    said: ({ id, peer = '', count, ms }) => ({
      client: id,
      peer,
      more: { detect_cnt: Number(count), window_time_ms: Number(ms) },
    }),
  },
  {
    pattern: /^kicked_an_unknown_session (?<id>.*)$/s,
    said: ({ id }) => ({ client: id }),
  },
];

/** The event of an entry about a session; false: it is another. */
function told(text: string, entry: Entry, out: Emitter): boolean {
  for (const { pattern, said } of FORMS) {
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) continue;
    const { peer, ...rest } = said(groups);
    const at = peer === undefined || entry.peer.ip !== undefined ? entry.peer : parsePeer(peer);
    out.entry(LOG.log, { ...entry, peer: at }, [], rest);
    return true;
  }
  return false;
}

/** What gateways say before the client, printed as a term: `try to start adapter ClientId=<<"c">>`, `Client id=<<"c">> receives …`. */
const BEFORE_CLIENT =
  /^(?:try to start adapter |register (?:a predefined topic name, [a-z ,]{1,80}\. )?|TopicId is full! |wildcard topic can not be registered! )ClientId=(?=<<")|^Client id=(?=<<"(?:[^"\\]|\\.)*">> receives a publish )/;
const BEFORE_USER = ', Username=';

/** Client and user that stand as terms behind words of gateways'. */
export function namedTerms(text: string): Pick<Said, 'client' | 'user'> {
  const start = BEFORE_CLIENT.exec(text)?.[0].length;
  const end = start === undefined ? -1 : termEnd(text, start);
  if (end === -1) return {};
  const client = word(readTerm(text.slice(start, end)));
  if (!text.startsWith(BEFORE_USER, end)) return { client };
  const at = end + BEFORE_USER.length;
  const userEnd = termEnd(text, at);
  return { client, user: userEnd === -1 ? undefined : word(readTerm(text.slice(at, userEnd))) };
}

/** 4.x: `ID(10.0.0.1) disconnected 3 times in 100ms`. */
export function isFlapping(text: string, entry: Entry, out: Emitter): boolean {
  if (entry.client !== undefined || entry.peer.ip !== undefined || !text.endsWith('ms')) return false;
  return text.includes(') disconnected ') && told(text, entry, out);
}

/**
 * `The PUBREL PacketId 372 is not found.`, `Cannot find PUBREL: 7`, `PUBACK 7 missed inflight: []`: no client's words. A
 * `Duplicated PUBACK` is one that no message waits for; a `Duplicated PUBREC` comes while its PUBREL is under way.
 */
function packetId(text: string, entry: Entry, out: Emitter): boolean {
  const id = /\b\d{1,5}\b/.exec(text)?.[0];
  if (id === undefined) return false;
  const isInUse = text.includes(' is inuse') || text.startsWith('Duplicated PUBREC ');
  out.entry(LOG.log, entry, [], {
    reason: wordReason(isInUse ? 'packet_identifier_inuse' : 'packet_identifier_not_found'),
    more: { packetId: Number(id) },
  });
  return true;
}

/** emqttd: `AwaitingRel Timout: 7, Drop Message!`, 0.10: `AwaitingRel Timout!⏎Drop Message:{mqtt_message,…}` */
function awaitingTimeout(text: string, entry: Entry, out: Emitter): boolean {
  const found = /^AwaitingRel Timout(?:: (\d{1,5}), Drop Message!$|!\s{1,8}Drop Message:)/.exec(text);
  if (found === null) return false;
  const values = [...out.topic(undefined), 2, undefined, undefined, undefined, found[1] && Number(found[1])];
  out.entry(LOG.publishDropped, entry, values, { reason: wordReason('await_rel_timeout') });
  return true;
}

export const sessionRules: readonly Rule[] = [
  ...rules(['clientid ', 'Clientid ', 'clientId ', 'ClientId ', 'Shutdown for duplicate clientid: '], told),
  ...rules(
    ['Cannot find clientId ', 'cannot find clientId ', 'Session', 'Destroy session ', 'Resume session '],
    told,
  ),
  ...rules(
    [
      'Invalid ClientId: ',
      'TODO: ',
      'Client ',
      'Websocket client ',
      'ACL: nomatch ',
      'Failed to start session ',
    ],
    told,
  ),
  ...rules(
    ['Flapping detected: ', 'kicked_an_unknown_session ', 'lwm2m ', 'Discarded by ', 'discarded by '],
    told,
  ),
  ...rules(['RECV from ', 'SENT to ', 'Failed to start udp channel', 'Failed to start connection on '], told),
  ...rules(['Error returned. udp channel: ', 'Exception occurred when starting udp channel '], told),
  ...rules(['Dropped packet to: ', 'Cannot create udp channel for peer '], told),
  ...rules(['AwaitingRel Timout'], awaitingTimeout),
  ...rules(
    [
      ...['The PUB', 'Cannot find PUB', 'Cannot find Awaiting', 'Cannot find acked pktid: '],
      ...['cannot find PUB', 'cannot find Awaiting'],
      ...['Unexpected PUB', 'Duplicated PUB', 'PUBACK ', 'PUBREC ', 'Awaiting PUBCOMP Timout: '],
      ...['AwaitingAck timeout '],
    ],
    packetId,
  ),
];
