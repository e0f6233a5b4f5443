import type { JsonObject, JsonValue } from '../../../core/event.ts';
import { binarySize } from '../printed/binary.ts';
import type { Pair } from '../printed/keys.ts';
import type { Payload } from '../printed/payload.ts';
import { isPrintedPacket } from '../printed/read-packet.ts';
import { termEnd } from '../printed/term-end.ts';
import { withoutPlaces } from './places.ts';

/** Keys of events whose values hold payloads. */
const OF_EVENTS = ['payload', 'bin', 'data', 'packet', 'will_msg', 'will_payload'] as const;
export const EVENT_PAYLOADS: ReadonlySet<string> = new Set(OF_EVENTS);

/** Keys of log entries whose values hold payloads: also raw frames, and what connectors and gateways send and receive. */
export const LOG_PAYLOADS: ReadonlySet<string> = new Set([
  ...OF_EVENTS,
  ...['input_bytes', 'input_packet', 'packets', 'parsed_packets', 'frame', 'frames', 'mqtt_msg', 'proto_msg'],
  ...['body', 'resp_body', 'msg_body', 'content', 'send_message', 'requests', 'points', 'commands', 'param'],
  // Gateways: what they send and could not decode; `farme` is how one of them spells it.
  ...['iodata', 'farme', 'acc', 'rest', 'original_bytes', 'original_string'],
  ...['batch', 'batch_data', 'batch_data_list', 'batch_or_query', 'query_or_batch', 'query', 'querys', 'sql'],
  ...['record', 'records', 'rows', 'messages', 'msgs', 'discarded_data', 'coap_request'],
  // Entries that could not be printed.
  ...['log_event', 'fmt_raw_input', 'fmt_reason', 'fmt_stacktrace'],
]);

/** Keys of what processes and functions are given and answer: nothing shows which of its binaries are a client's. */
const SENT: ReadonlySet<string> = new Set([
  ...['call', 'cast', 'info', 'req', 'request', 'msg_req', 'call_req', 'cast_req', 'info_req', 'call_msg'],
  ...['cast_msg', 'info_msg', 'timeout_msg', 'unexpected_msg', 'unexpected_info', 'unexpected_cast'],
  ...['unexpected_call', 'got', 'args', 'callback_args', 'result', 'params'],
  ...['case_msg', 'event_data', 'reply'],
  // The arguments of a function that has failed.
  ...['stacktrace', 'stack_trace', 'stack', 'stk', 'st'],
]);

/** Erlang records of messages, packets and requests. */
const RECORDS = [
  ...['message', 'mqtt_message', 'mqtt_msg', 'mqtt_packet', 'deliver', 'dispatch', 'request', 'send_message'],
  ...['coap_content', 'coap_message', 'mqtt_sn_message', 'stomp_frame'],
];
/** Errors that carry a value, which may be a packet or a payload; that of an action of a rule has what it was to send. */
const ERRORS = ['badmatch', 'case_clause', 'try_clause', 'badmap', 'nocatch', 'take_action_failed'];
/** What a process or node was asked that did not answer: `{gen_statem,call,[<0.9.1>,…]}`. */
const CALL = String.raw`\{(?:gen_\w{2,10}|e?rpc),\s{0,256}\w{1,32},\s{0,256}\[`;
const tuplesOf = (names: readonly string[]): string => `\\{(?:${names.join('|')}),`;
const RECORD = new RegExp(tuplesOf(RECORDS));
const CARRIER = new RegExp(`${tuplesOf([...RECORDS, ...ERRORS])}|${CALL}`, 'g');
/** `Encoded(text)=` is how 6.x prints what is sent to other systems. */
const MESSAGE = new RegExp(`${CARRIER.source}|^Encoded\\(`);

/** The answer of a function; payloads in it have keys of their own. */
const ANSWER = /^Encoded\(text\)=\{(?:ok|error),/;

/** A printed value may hold a message, a packet, or an error that carries one. */
function mayHoldMessages(text: string): boolean {
  return text.includes('{') ? MESSAGE.test(text) : text.startsWith('Encoded(');
}

/** A value of a log entry may hold any payload. */
export function mayHoldPayloads(text: string): boolean {
  return mayHoldMessages(text) || (isTermAt(text, 0) && text.search(NESTED) !== -1);
}

const MAX_DEPTH = 50;

/** A copy without the values of `keys`, and without the binaries of messages that are printed as terms. */
export function withoutPayloads(
  value: JsonValue,
  keys: ReadonlySet<string> = EVENT_PAYLOADS,
  depth = 0,
): JsonValue {
  if (typeof value === 'string') {
    const shown = mayHoldMessages(value) ? withoutMessages(value) : value;
    return keys === LOG_PAYLOADS && isTermAt(shown, 0) ? withoutPlaces(shown, 0, nestedIn(shown, 0)) : shown;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.map((item) => withoutPayloads(item, keys, depth + 1));
  return Object.fromEntries(
    Object.entries(value as JsonObject)
      .filter(([key]) => !keys.has(key))
      .map(([key, item]) => [key, withoutPayloads(sent(key, item, keys), keys, depth + 1)]),
  );
}

/** A value; of what a process was given, without its binaries. */
function sent(key: string, value: JsonValue, keys: ReadonlySet<string>): JsonValue {
  return keys === LOG_PAYLOADS && isSent(key) ? withoutSent(value, 0) : value;
}

/** Keys of requests and rules whose values are words of EMQX's. */
const OWN: ReadonlySet<string> = new Set(['method', 'scheme', 'payload_encode', 'func', 'type']);
/** Keys of where something is sent. */
const PLACES: ReadonlySet<string> = new Set(['url', 'base_url', 'uri', 'host', 'node']);
/** A word alone is an atom. Other texts may be binaries, which JSON does not tell from atoms. */
const ATOM = /^(?:[a-z]\w{0,40}|)$/;
/** A term that has no form in JSON: `{shutdown,closed}`, `#Ref<…>`, `[{m,f,[],[]}]`; not a payload in JSON. */
const TERM = /^(?:\[?(?:\{[a-z'#<\d]|<<)|#[A-Z{]|<\d)/;

function withoutSent(value: JsonValue, depth: number, isAtom = depth === 0): JsonValue {
  if (typeof value === 'string') {
    if (TERM.test(value)) return withoutBinaries(value);
    return isAtom && ATOM.test(value) ? value : `[${Buffer.byteLength(value)} bytes]`;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.map((item) => withoutSent(item, depth + 1));
  const entries = Object.entries(value as JsonObject);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, PLACES.has(key) ? item : withoutSent(item, depth + 1, OWN.has(key))]),
  );
}

export function isSent(key: string): boolean {
  return SENT.has(key);
}

function withoutMessages(text: string): string {
  if (ANSWER.test(text)) return withoutBinaries(text);
  return text.startsWith('Encoded(') ? '[payload]' : withoutPlaces(text, 0, messagesIn(text));
}

/** A printed text with the sizes of its binaries in their place. */
export function withoutBinaries(text: string): string {
  return text.includes('<<') ? withoutPlaces(text, 0, binariesIn(text)) : text;
}

/**
 * Every `<<…>>` of a text.
 * @param base what is added to the places
 */
export function binariesIn(text: string, base = 0): Payload[] {
  const places: Payload[] = [];
  for (let at = text.indexOf('<<'); at !== -1; at = text.indexOf('<<', at)) {
    const found = termEnd(text, at);
    const end = found === -1 ? text.length : found;
    places.push({ start: base + at, end: base + end, size: binarySize(text.slice(at, end)) });
    at = end;
  }
  return places;
}

/** A text holds a record of a message, a packet or a request. */
export function holdsRecord(text: string): boolean {
  return RECORD.test(text);
}

/** Binaries of the messages, packets and values of errors that are printed as terms. */
export function messagesIn(text: string, base = 0): Payload[] {
  const places: Payload[][] = [];
  CARRIER.lastIndex = 0;
  for (let found = CARRIER.exec(text); found !== null; found = CARRIER.exec(text)) {
    const end = termEnd(text, found.index);
    const stop = end === -1 ? text.length : end;
    places.push(binariesIn(text.slice(found.index, stop), base + found.index));
    CARRIER.lastIndex = stop;
  }
  return places.flat();
}

/** A packet that is a term or a word which tells where its payloads are, unlike those of gateways. */
const KNOWN_PACKET = /^(?:\{(?:mqtt_packet|frame_error),|\w{1,32}$)/;

const NAMES = [...LOG_PAYLOADS].join('|');
/** `body => `, `<<"body">> => `, `{body,`, `[body: ` within a value. */
const NESTED = new RegExp(
  String.raw`(?<=[\s,{[(])(?:<<"|")?(?:${NAMES})(?:">>|")?(?:\s{0,4}=>\s{0,8}|,\s{0,8}(?=[<"[{#])|: )`,
  'g',
);

/** Where payloads stand in the values of an entry's pairs, apart from printed packets. */
export function payloadsIn(text: string, pairs: readonly Pair[]): Payload[] {
  return pairs.flatMap(({ key, start, end }) => {
    const whole = [{ start, end, size: undefined }];
    const isTerm = isTermAt(text, start);
    // A printed packet has its payloads found by `printed/`, if it is the only one.
    const isPacket = key === 'packet' && pairs.find((pair) => pair.key === key)?.start === start;
    if (isPacket && isPrintedPacket(text, start)) return [];
    if (LOG_PAYLOADS.has(key) && !(isPacket && KNOWN_PACKET.test(text.slice(start, end)))) return whole;
    const isEncoded = text.startsWith('Encoded(', start);
    if (!isTerm && !isEncoded) return [];
    const value = text.slice(start, end);
    if (isEncoded) return ANSWER.test(value) ? binariesIn(value, start) : whole;
    const places = isSent(key) ? binariesIn(value, start) : messagesIn(value, start);
    return [...places, ...nestedIn(value, start)];
  });
}

function nestedIn(text: string, base: number): Payload[] {
  const places: Payload[] = [];
  NESTED.lastIndex = 0;
  for (let found = NESTED.exec(text); found !== null; found = NESTED.exec(text)) {
    const start = NESTED.lastIndex;
    // A text that is not quoted may hold anything.
    const isQuoted = !found[0].endsWith(': ') && isTermAt(text, start);
    const end = isQuoted ? termEnd(text, start) : -1;
    const stop = end === -1 ? text.length : end;
    places.push({ start: base + start, end: base + stop, size: undefined });
    NESTED.lastIndex = stop;
  }
  return places;
}

function isTermAt(text: string, at: number): boolean {
  return /["'#[{<]/.test(text.charAt(at));
}
