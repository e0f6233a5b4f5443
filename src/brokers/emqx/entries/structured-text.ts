import { Mark } from '../../../core/event.ts';
import { binaryText } from '../printed/binary.ts';
import type { Pair } from '../printed/keys.ts';
import { fieldsOf, type Split } from '../printed/pairs.ts';
import type { Payload } from '../printed/payload.ts';
import { binariesIn, payloadsIn } from '../secrets/payload-keys.ts';
import { withoutPlaces } from '../secrets/places.ts';
import { hideSecrets } from '../secrets/secrets.ts';
import { word } from '../values/json.ts';
import { parsePeer } from '../values/peer.ts';
import { type Entry, type Fields, loggerOf, namedClient, namedPeer } from './entry.ts';
import { isDoubtful, isForged, trusted } from './forged-pairs.ts';
import { hasPeer } from './prose-head.ts';
import type { Head, traceClient } from './text-head.ts';
import { packetOf, payloadOf } from './text-payloads.ts';

/** Reads an entry of `key: value` pairs, `msg` among them (5.x and 6.x). */
export function readStructured(
  text: string,
  start: number,
  { pairs, isUncertain, isForged: isDouble }: Split,
  head: Head,
  trace: ReturnType<typeof traceClient>,
  time: number,
  marks: number,
): Entry {
  // A head of 4.x behind a pair of 5.x: a client wrote one of the two.
  const isMixed = trace === undefined && hasPeer(text, start);
  const isFalse = isMixed || isDouble || isForged(text, pairs) || trace?.isDouble === true;
  const fields = isMixed ? {} : isFalse ? trusted(text, pairs) : fieldsOf(text, pairs);
  const payload = payloadOf(text, pairs);
  const packet = packetOf(text, pairs);
  const value = (key: string): string | undefined => word(fields[key]);
  const client =
    trace === undefined
      ? (printed(pairs, 'clientid', value('clientid')) ?? namedClient(fields, true))
      : isFalse
        ? undefined
        : trace.client;
  const peername = trace === undefined ? value('peername') : isFalse ? undefined : trace.peer;
  const user = printed(pairs, 'username', value('username'));
  const topic = value('topic');
  const isJoined = isDoubtful(client) || isDoubtful(user) || isDoubtful(topic);
  const isAmbiguous = isFalse || isUncertain || isJoined || packet?.packet.isAmbiguous === true;
  const hidden =
    payload === undefined ? (packet?.payloads ?? NOTHING) : [payload, ...(packet?.payloads ?? NOTHING)];
  const hasTerm = packet === undefined && pairs.some(({ key }) => key === 'packet');
  const plain = !isFalse && !hasTerm && isPlain(pairs, fields);
  // Prose of 4.x prints payloads as terms.
  const binaries = isMixed ? binariesIn(text.slice(start), start) : NOTHING;
  const others = plain ? NOTHING : [...payloadsIn(text, pairs), ...binaries];
  const shown = withoutPlaces(text, start, others.length === 0 ? hidden : [...hidden, ...others]);
  return {
    time,
    level: head.level,
    marks: marks | (isAmbiguous ? Mark.ambiguous : Mark.none),
    message: plain ? shown : hideSecrets(shown),
    name: value('msg'),
    text: '',
    tag: value('tag') ?? head.tag,
    logger: loggerOf(value('mfa')),
    client,
    user,
    topic,
    peer: peername === undefined ? namedPeer(fields) : parsePeer(peername),
    packet: isFalse ? undefined : packet?.packet,
    payloadSize: payload?.size,
    fields,
    isText: true,
  };
}

const NOTHING: readonly Payload[] = [];

/** Keys that the broker writes before the log call's own values, from 5.0.16 on. */
const HEAD: ReadonlySet<string> = new Set(['msg', 'mfa', 'line', 'peername', 'clientid', 'topic']);

/**
 * A client id or user name as it is. Among the log call's own values it is a printed term: user names up to 5.4 (5.3 and 5.4
 * look like 5.5, so only those behind another own value), and in early 5.0, whose keys come in alphabetical order, client ids
 * that the logging process does not belong to.
 */
function printed(pairs: readonly Pair[], key: string, value: string | undefined): string | undefined {
  if (value?.startsWith('<<"') !== true) return value;
  const at = pairs.findIndex((pair) => pair.key === key);
  const before = pairs[at - 1]?.key ?? '';
  const isInReport =
    pairs[0]?.key === 'msg'
      ? key === 'username' && (pairs[2]?.key === 'line' || !HEAD.has(before))
      : pairs.every((pair, i) => i === 0 || (pairs[i - 1]?.key ?? '') <= pair.key) &&
        pairs.some((pair) => pair.key === 'mfa') &&
        (key === 'username' || !pairs.some((pair) => pair.key === 'peername'));
  return isInReport ? word(binaryText(value)) : value;
}

/** Keys whose values hold no secrets: names, addresses and numbers. */
const PLAIN: ReadonlySet<string> = new Set([
  ...[
    'tag',
    'tns',
    'clientid',
    'msg',
    'mfa',
    'line',
    'peername',
    'username',
    'topic',
    'pid',
    'action',
    'source',
  ],
  ...['packet', 'packet_id', 'payload', 'payload_encode', 'size', 'type', 'bin', 'queue', 'reason'],
]);

/** The pairs hold nothing to hide but the payload and packet, as in most entries. */
function isPlain(pairs: readonly Pair[], { reason }: Fields): boolean {
  for (const { key } of pairs) if (!PLAIN.has(key)) return false;
  return typeof reason !== 'string' || (reason.length < 64 && !/["<]/.test(reason));
}
