import type { JsonObject, JsonValue } from '../../../core/event.ts';
import { readTerm } from '../printed/term.ts';
import { termEnd } from '../printed/term-end.ts';
import { isObject, number } from './json.ts';
import { reasonOfCode } from './reason-code.ts';

/** EMQX's and emqttd's words where `event.reason` has another word for the same. */
const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    keepalive_timeout: 'keep_alive_timeout',
    takenover: 'session_taken_over',
    takeovered: 'session_taken_over',
    tcp_closed: 'connection_lost',
    ssl_closed: 'connection_lost',
    sock_closed: 'connection_lost',
    sock_error: 'socket_error',
    closed: 'connection_lost',
    econnreset: 'socket_error',
    etimedout: 'socket_error',
    einval: 'socket_error',
    epipe: 'socket_error',
    frame_error: 'malformed_packet',
    frame_too_large: 'packet_too_large',
    mqtt_frame_too_large: 'packet_too_large',
    invalid_mqtt_frame_len: 'packet_too_large',
    bad_username_or_password: 'bad_user_name_or_password',
    malformed_username_or_password: 'bad_user_name_or_password',
    bad_clientid_or_password: 'bad_user_name_or_password',
    password_error: 'bad_user_name_or_password',
    unauthorized_client: 'not_authorized',
    mqueue_full: 'queue_full',
    failed_to_consume_from_limiter: 'quota_exceeded',
  }),
);
const WORD = /^'?([A-Za-z][\w ]{0,63})'?$/;
const CODE = /^\d{3}$/;
const HASH = 0x23;
/** The next word of a tuple: `{{shutdown,`, `'EXIT',`, `{error:`; before it may stand where it was found, `{19,`. */
const NEXT =
  /\{{0,8}(\d{1,9},\s{0,4}(?=[a-z]))?([a-z]\w{0,63}|'[A-Za-z][\w ]{0,63}')\s{0,4}([,:]|\}|$)\s{0,256}/y;
/** The function before the reason for which it has failed: `{{emqx_web_hook_actions,on_resource_create},{error,…}}`. */
const FAILED = /^\{\{emqx_\w{1,64},\w{1,64}\},\s{0,256}(?=\{)/;
/** Words of tuples around a reason. */
const AROUND: ReadonlySet<string> = new Set([
  ...['shutdown', 'error', 'exit', 'throw', 'crash', 'EXIT', 'recoverable_error', 'unrecoverable_error'],
]);
/** `{shutdown,{gen_server,call,[…]}}`: what was called has ended so. `{unrecoverable_error,{request,…}}`: the request has. */
const WHOLE =
  /(?<=\{\s{0,4}(?:un)?recoverable_error,\s{0,256})\{|\{gen_(?:server2?|statem|fsm|event),\s{0,256}(?:sync_)?call,/y;
/** `{ssl_error,{tls_alert,{unknown_ca,"TLS server: …"}}}`; before OTP 22 `{tls_alert,"unknown ca"}`: the alert's own name. */
const ALERT =
  /^(?:\{[a-z]\w{0,31},\s{0,256}){0,4}\{tls_alert,\s{0,256}(?:\{([a-z]\w{0,63}),|"([a-z][a-z ]{1,63})")/;
/** What a service has answered over HTTP: `{404,"…"}`. */
const ANSWER = /\{{1,8}([3-5]\d\d),\s{0,256}["<[{]/y;
/** Tuples around tuples; a deeper reason is told by its first word. */
const MAX_AROUND = 8;

export interface Reason {
  /** `event.reason`: one word. */
  readonly word: string | undefined;
  /** `error.message`: the whole reason, if it is more than the word. */
  readonly text: string | undefined;
}

export const NO_REASON: Reason = { word: undefined, text: undefined };

/** A reason that is one word. */
export function wordReason(word: string): Reason {
  return { word, text: undefined };
}

/**
 * Reads a reason. Its word is: of a single word that word, of the number of an MQTT reason code that reason, of a map its
 * `cause`, `reason` or `hint`, of a tuple its first word, but of `{shutdown,…}`, `{error,…}` and the like the word of what they
 * hold, of an HTTP answer its status. Free text has none.
 */
export function readReason(value: JsonValue | undefined): Reason {
  if (typeof value === 'string') return reasonOfText(value);
  if (value === undefined || value === null) return NO_REASON;
  if (typeof value === 'number') return { word: reasonOfCode(value), text: String(value) };
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return { word: isObject(value) ? causeOf(value) : undefined, text };
}

/** Keys of a map that tell why, the most telling first. */
const CAUSES = ['cause', 'reason', 'shutdown_count', 'hint', 'error'] as const;

function causeOf(map: JsonObject): string | undefined {
  const cause = CAUSES.map((name) => map[name]).find((value) => typeof value === 'string');
  return typeof cause === 'string' ? reasonOfText(cause).word : statusWord(map.status_code);
}

/** `http_403` of the status of an answer that refuses; undefined: it does not. */
export function statusWord(status: JsonValue | undefined): string | undefined {
  const code = number(status, 599);
  return code !== undefined && code >= 400 ? `http_${code}` : undefined;
}

/** The map that is printed at `at`. */
function mapAt(text: string, at: number): JsonObject {
  const end = termEnd(text, at);
  const map = readTerm(text.slice(at, end === -1 ? undefined : end));
  return isObject(map) ? map : {};
}

function reasonOfText(text: string): Reason {
  if (text === '' || text === 'undefined') return NO_REASON;
  const word = WORD.exec(text)?.[1];
  if (word !== undefined) return { word: reasonWord(word), text: undefined };
  if (CODE.test(text)) return { word: reasonOfCode(Number(text)), text };
  if (text.startsWith('#{')) return { word: causeOf(mapAt(text, 0)), text };
  return text.startsWith('{') ? reasonOfTuple(text) : { word: undefined, text };
}

function reasonOfTuple(text: string): Reason {
  const [, alert, words] = (text.includes('{tls_alert,') ? ALERT.exec(text) : null) ?? [];
  if (alert !== undefined || words !== undefined) return { word: reasonWord(alert ?? words ?? ''), text };
  let known: string | undefined;
  let at = FAILED.exec(text)?.[0].length ?? 0;
  for (let depth = 0; depth < MAX_AROUND; depth++) {
    NEXT.lastIndex = at;
    const next = NEXT.exec(text);
    if (next === null) {
      ANSWER.lastIndex = at;
      const status = ANSWER.exec(text)?.[1];
      if (status === undefined) break;
      return { word: `http_${status}`, text };
    }
    const [, place, name = '', behind] = next;
    const word = name.replaceAll("'", '');
    const isLast = behind !== ',' && behind !== ':';
    // `{shutdown,Word}` and `{error,Word}` say no more than the word.
    const isOnly = isLast && place === undefined && depth === 1;
    const isPlain = isOnly && (known === 'shutdown' || known === 'error');
    if (isPlain) return { word: reasonWord(word), text: undefined };
    if (word === 'http_code') return { word: httpWord(text.slice(NEXT.lastIndex)), text };
    if (!AROUND.has(word)) return { word: reasonWord(word), text };
    known = word;
    at = NEXT.lastIndex;
    WHOLE.lastIndex = at;
    if (isLast || WHOLE.test(text)) break;
    const cause = text.charCodeAt(at) === HASH ? causeOf(mapAt(text, at)) : undefined;
    if (cause !== undefined) return { word: cause, text };
  }
  return { word: known === undefined || known === 'error' ? undefined : reasonWord(known), text };
}

/** The answer of a service for authentication, `401}` of `{http_code,401}`: `http_401`. */
function httpWord(rest: string): string {
  const status = /^(\d{3})\}/.exec(rest)?.[1];
  return status === undefined ? 'http_code' : `http_${status}`;
}

/** What a parser of frames meets where the bytes are no packet; Erlang's errors: they fit none of its clauses. */
const MALFORMED = /^(?:(?:function|case|if)_clause|badmatch|badarg)$/;

/** Why bytes could not be read as a packet. */
export function frameReason(reason: Reason): Reason {
  const { word, text } = reason;
  if (word === undefined || word === 'malformed_packet' || !MALFORMED.test(word)) return reason;
  return { word: 'malformed_packet', text: text ?? word };
}

/** EMQX's word as `event.reason` has it. */
export function reasonWord(word: string): string {
  const snake = word.trim().toLowerCase().replaceAll(' ', '_');
  return WORDS.get(snake) ?? snake;
}
