import { hasCode, reasonOf } from '../../../core/errors.ts';
import { connectionProblem } from '../../../net/problem.ts';

/** Return codes of CONNACK: MQTT 3.1.1 §3.2.2.3, MQTT 5 §3.2.2.2. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'it does not speak this protocol version; set "protocol" to the other one',
  2: 'it does not take this client id; set "client_id"',
  3: 'it is not available now',
  4: 'bad user name or password; check "user" and "password_file"',
  5: 'not authorized; check "user" and "password_file"',
  132: 'it does not speak this protocol version; set "protocol" to the other one',
  133: 'it does not take this client id; set "client_id"',
  134: 'bad user name or password; check "user" and "password_file"',
  135: 'not authorized; check "user" and "password_file"',
  136: 'it is not available now',
  137: 'it is busy',
  138: 'this client is banned',
  142: 'another client has taken over our client id; give each probe its own "client_id"',
  151: 'quota exceeded',
  159: 'too many connections in a short time',
};

const SHUTTING_DOWN = 139;
const SESSION_TAKEN_OVER = 142;

/** A connection that the broker had taken. */
interface Taken {
  /** What the broker knows us by. */
  readonly clientId: string;
  /** Connections in a row that it has taken and ended at once, this one included. */
  readonly endings: number;
}

/**
 * Why a connection failed or ended, for people.
 * @param taken absent: the broker had not taken it
 */
export function failureWords(error: unknown, taken?: Taken): string {
  if (error === undefined) return taken === undefined ? connectionProblem(undefined) : endingWords(taken);
  const code = codeOf(error);
  if (code === SHUTTING_DOWN)
    return `the broker has closed the connection: it is shutting down (code ${code})`;
  if (code !== undefined) return `the broker refuses us: ${REFUSALS[code] ?? reasonOf(error)} (code ${code})`;
  if (error instanceof Error && !hasCode(error, 'E_BLOCKED')) return connectionProblem(error);
  return reasonOf(error);
}

/** A takeover is an ending without a word with MQTT 3.1.1, and with 5 where the broker says nothing (Mosquitto up to 2.0.11). */
function endingWords({ clientId, endings }: Taken): string {
  return endings > 1
    ? `the broker answers, but closes one connection after the other, as it does when another client comes with our client id "${clientId}": give each probe its own "client_id"`
    : `the broker has closed the connection: it stopped, or another client came with our client id "${clientId}"`;
}

/** True when the broker ended the connection with no complaint about us, as when it stops. */
export function isEnding(error: unknown): boolean {
  return error === undefined || codeOf(error) === SHUTTING_DOWN || hasCode(error, 'ECONNRESET', 'EPIPE');
}

/** True when the broker has ended the connection because another client came with our client id. */
export function isTakeover(error: unknown): boolean {
  return codeOf(error) === SESSION_TAKEN_OVER;
}

/** True when an attempt to connect may have failed because the broker does not know the bridge bit. */
export function isBridgeRefusal(error: unknown): boolean {
  return error === undefined || codeOf(error) === 1 || hasCode(error, 'ECONNRESET', 'EPIPE');
}

/** The code of a CONNACK or DISCONNECT. */
function codeOf(error: unknown): number | undefined {
  const isCoded = typeof error === 'object' && error !== null && 'code' in error;
  return isCoded && typeof error.code === 'number' ? error.code : undefined;
}
