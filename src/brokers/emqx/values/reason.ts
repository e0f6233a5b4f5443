import type { JsonValue } from '../../../core/event.ts';
import { isObject } from './json.ts';

/** EMQX's and emqttd's words where `event.reason` has another word for the same. */
const WORDS: Readonly<Record<string, string>> = {
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
  bad_username_or_password: 'bad_user_name_or_password',
  malformed_username_or_password: 'bad_user_name_or_password',
  bad_clientid_or_password: 'bad_user_name_or_password',
  password_error: 'bad_user_name_or_password',
  unauthorized_client: 'not_authorized',
  mqueue_full: 'queue_full',
};
const WORD = /^'?([A-Za-z][\w ]{0,63})'?$/;
const TUPLE = /^\{{1,8}([a-z]\w{0,63}),\s{0,8}(?:([a-z]\w{0,63}|'[A-Za-z][\w ]{0,63}')\})?/;
const WRAPPED =
  /^\{(?:shutdown|error),\s{0,8}(?:\{([a-z]\w{0,63}),|#\{(?:[^}]{0,256}[,\s])?(?:cause|shutdown_count) => ([a-z]\w{0,63}))/;

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
 * Reads a reason. Its word is: of a single word that word, of `{shutdown,Word}`, `{error,Word}`, `#{cause => Word}` and
 * `#{reason => Word}` that `Word`, also of a tuple or map within `{shutdown,…}` and `{error,…}`, and of any other tuple the first word. Free text has
 * none.
 */
export function readReason(value: JsonValue | undefined): Reason {
  if (typeof value === 'string') return reasonOfText(value);
  if (value === undefined || value === null) return NO_REASON;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const cause = isObject(value) ? (value.cause ?? value.reason) : undefined;
  return { word: typeof cause === 'string' ? reasonOfText(cause).word : undefined, text };
}

function reasonOfText(text: string): Reason {
  if (text === '' || text === 'undefined') return NO_REASON;
  const word = WORD.exec(text)?.[1];
  if (word !== undefined) return { word: reasonWord(word), text: undefined };
  const tuple = TUPLE.exec(text);
  if (tuple === null) return { word: undefined, text };
  const [, first = '', second] = tuple;
  if (second !== undefined && (first === 'shutdown' || first === 'error'))
    return { word: reasonWord(second.replaceAll("'", '')), text: undefined };
  const inner = WRAPPED.exec(text);
  const cause = inner?.[1] ?? inner?.[2];
  if (cause !== undefined) return { word: reasonWord(cause), text };
  return { word: first === 'error' ? undefined : reasonWord(first), text };
}

/** EMQX's word as `event.reason` has it. */
export function reasonWord(word: string): string {
  const snake = word.trim().toLowerCase().replaceAll(' ', '_');
  return Object.hasOwn(WORDS, snake) ? (WORDS[snake] ?? snake) : snake;
}
