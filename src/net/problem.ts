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
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', ...alert('HANDSHAKE_FAILURE')],
    'it wants a client certificate: set tls.cert and tls.key',
  ],
  [
    [
      'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
      ...alert('BAD_CERTIFICATE'),
      ...alert('CERTIFICATE_UNKNOWN'),
      ...alert('CERTIFICATE_EXPIRED'),
    ],
    'it does not accept our client certificate: see tls.cert, and the authorities that it trusts',
  ],
  [['ERR_OSSL_X509_KEY_VALUES_MISMATCH'], 'tls.cert and tls.key do not belong together: replace both'],
  [['ERR_OSSL_BAD_DECRYPT'], 'tls.key needs a passphrase: write it anew without one (openssl pkey)'],
  [
    ['ERR_OSSL_PEM_NO_START_LINE', 'ERR_OSSL_PEM_BAD_END_LINE', 'ERR_OSSL_PEM_BAD_BASE64_DECODE'],
    'a file of tls is not in PEM form (-----BEGIN …): ca, cert and key have to be',
  ],
];

const HANDSHAKE =
  'the other side ended the TLS handshake (it may not speak TLS there, or want a client certificate)';

/** The words for an error of a connection, for people. Undefined: the other side ended it. */
export function connectionProblem(error: Error | undefined): string {
  if (error === undefined) return 'the other side closed the connection';
  const help = toDo(error);
  if (help !== undefined) return help;
  if (hasCode(error, 'ECONNREFUSED')) return 'connection refused (nothing listens there)';
  if (hasCode(error, 'ENOTFOUND', 'EAI_AGAIN')) return 'the host name cannot be resolved';
  if (error.message.includes('before secure TLS connection')) return HANDSHAKE;
  if (hasCode(error, 'ECONNRESET', 'EPIPE')) return 'the other side reset the connection';
  return error.message;
}

/**
 * The error for a connection that was lost or never came about: a BlockedError when somebody has to act first. The next
 * attempt waits by itself (`retryAfterMs` 0).
 * @param place the host, for the message
 * @param handshake it happened before the TLS handshake was done
 */
export function connectionError(place: string, error: Error | undefined, handshake = false): RetryableError {
  if (error instanceof RetryableError) return error;
  const Kind = error !== undefined && toDo(error) !== undefined ? BlockedError : RetryableError;
  const words = handshake && hasCode(error, 'ECONNRESET', 'EPIPE') ? HANDSHAKE : connectionProblem(error);
  return new Kind(`${place}: ${words}`, { cause: error, retryAfterMs: 0 });
}

function toDo(error: Error): string | undefined {
  if (hasCode(error, 'ERR_TLS_CERT_ALTNAME_INVALID'))
    return `its certificate is for other names (${namesOf(error)}): connect by one of them, or set tls.server_name`;
  return TO_DO.find(([codes]) => hasCode(error, ...codes))?.[1];
}

/** The names in the certificate that an error of Node.js is about. */
function namesOf(error: Error): string {
  const { cert } = error as { cert?: { subjectaltname?: unknown } };
  return typeof cert?.subjectaltname === 'string' ? cert.subjectaltname : error.message;
}

/** OpenSSL has renamed its old alerts (3.5: `ssl/tls alert …`, before: `sslv3 alert …`). */
function alert(name: string): string[] {
  return [`ERR_SSL_SSLV3_ALERT_${name}`, `ERR_SSL_SSL/TLS_ALERT_${name}`];
}
