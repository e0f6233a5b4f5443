import { BlockedError, hasCode, RetryableError } from '../core/errors.ts';

/** Codes of Node.js and OpenSSL for which somebody has to act, with what to do. */
const TO_DO: readonly (readonly [codes: readonly string[], words: string])[] = [
  [
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_SIGNATURE_FAILURE',
    ],
    "its certificate is signed by an authority that is not known here: set tls.ca to that authority's file",
  ],
  [['CERT_HAS_EXPIRED'], 'its certificate has expired: it needs a new one'],
  [['CERT_NOT_YET_VALID'], 'its certificate is not valid yet: compare the clocks'],
  [
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST'],
    'it does not speak TLS there: leave tls out, or use the port that does',
  ],
  [
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'],
    'it wants a client certificate: set tls.cert and tls.key',
  ],
  [
    [
      'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
      'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
      'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN',
      'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
    ],
    'it does not accept our client certificate: see tls.cert, and the authorities that it trusts',
  ],
  [['ERR_OSSL_X509_KEY_VALUES_MISMATCH'], 'tls.cert and tls.key do not belong together: replace both'],
  [
    ['ERR_OSSL_PEM_NO_START_LINE', 'ERR_OSSL_PEM_BAD_END_LINE', 'ERR_OSSL_PEM_BAD_BASE64_DECODE'],
    'a file of tls is not in PEM form (-----BEGIN …): ca, cert and key have to be',
  ],
];

/** The words for an error of a connection, for people. Undefined: the other side ended it. */
export function connectionProblem(error: Error | undefined): string {
  if (error === undefined) return 'the other side closed the connection';
  const help = toDo(error);
  if (help !== undefined) return help;
  if (hasCode(error, 'ECONNREFUSED')) return 'connection refused (nothing listens there)';
  if (hasCode(error, 'ENOTFOUND', 'EAI_AGAIN')) return 'the host name cannot be resolved';
  if (error.message.includes('before secure TLS connection'))
    return 'the other side ended the TLS handshake (it may not speak TLS there, or want a client certificate)';
  if (hasCode(error, 'ECONNRESET', 'EPIPE')) return 'the other side reset the connection';
  return error.message;
}

/**
 * The error for a connection that was lost or never came about: a BlockedError when somebody has to act first. The next
 * attempt waits by itself (`retryAfterMs` 0).
 * @param place the host, for the message
 */
export function connectionError(place: string, error: Error | undefined): RetryableError {
  if (error instanceof RetryableError) return error;
  const Kind = error !== undefined && toDo(error) !== undefined ? BlockedError : RetryableError;
  return new Kind(`${place}: ${connectionProblem(error)}`, { cause: error, retryAfterMs: 0 });
}

function toDo(error: Error): string | undefined {
  if (hasCode(error, 'ERR_TLS_CERT_ALTNAME_INVALID'))
    return `its certificate is for other names (${error.message}): connect by one of them, or set tls.server_name`;
  return TO_DO.find(([codes]) => hasCode(error, ...codes))?.[1];
}
