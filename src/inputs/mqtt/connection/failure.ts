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

const SESSION_TAKEN_OVER = 142;

/**
 * Why a connection failed or ended, for people.
 * @param clientId what the broker knows us by, where it has taken us
 */
export function failureWords(error: unknown, clientId?: string): string {
  if (error === undefined && clientId !== undefined) {
    // A takeover looks like this with MQTT 3.1.1, and with 5 where the broker says nothing (Mosquitto up to 2.0.11).
    return `the broker has closed the connection; it does so when another client comes with our client id "${clientId}"`;
  }
  if (error === undefined) return connectionProblem(undefined);
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number') {
    const words = REFUSALS[error.code] ?? reasonOf(error);
    return `the broker refuses us: ${words} (code ${error.code})`;
  }
  if (error instanceof Error && !hasCode(error, 'E_BLOCKED')) return connectionProblem(error);
  return reasonOf(error);
}

/** True when the broker has ended the connection because another client came with our client id. */
export function isTakeover(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === SESSION_TAKEN_OVER;
}

/** True when an attempt to connect may have failed because the broker does not know the bridge bit. */
export function isBridgeRefusal(error: unknown): boolean {
  const isUnknownVersion = typeof error === 'object' && error !== null && 'code' in error && error.code === 1;
  return error === undefined || isUnknownVersion || hasCode(error, 'ECONNRESET', 'EPIPE');
}
