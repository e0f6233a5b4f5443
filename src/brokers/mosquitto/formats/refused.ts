import { type EmitReading, emitPlaceholders, type Format, parseFormats } from '../matching/format.ts';
import { PLACEHOLDERS } from '../matching/placeholders.ts';
import { parseAddress, parsePeer } from '../text/address.ts';

/** Keeps the address: a CONNACK that names it may follow. */
const naming: EmitReading = (reading, line, sure) => {
  const at = reading.format.placeholders.findIndex(
    (placeholder) => placeholder === PLACEHOLDERS.address || placeholder === PLACEHOLDERS.peer,
  );
  const text = reading.texts[at] ?? '';
  const { ip } = reading.format.placeholders[at] === PLACEHOLDERS.peer ? parsePeer(text) : parseAddress(text);
  if (sure && ip !== undefined) line.next = { type: 'address', ip };
  emitPlaceholders(reading, line, sure);
};

/** Connections that were refused, for other reasons than credentials. */
export const REFUSED_FORMATS: readonly Format[] = [
  ...parseFormats(
    `
notice 1.5- max_connections Client connection from {address} denied: max_connections exceeded.
`,
    { action: 'client-connection-rejected', reason: 'quota_exceeded' },
  ),
  ...parseFormats(
    `
notice 1.5- tcpd Client connection from {address} denied access by tcpd.
`,
    { action: 'client-connection-rejected', reason: 'not_allowed' },
  ),
  ...parseFormats(
    `
info 1.5-2.0.22 invalid_protocol Invalid protocol "{text}" in CONNECT from {address}.
info 1.5-2.0.22 invalid_protocol_version Invalid protocol version {number} in CONNECT from {address}.
info 2.1.0- connect_invalid_protocol Protocol error from {peer}: CONNECT with invalid protocol "{text}".
info 2.1.0- connect_invalid_protocol_version Protocol error from {peer}: CONNECT with invalid protocol version ({number}).
`,
    { action: 'client-connection-rejected', reason: 'unsupported_protocol_version', emit: naming },
  ),
  ...parseFormats(
    `
info 1.5- will_qos Invalid Will QoS in CONNECT from {address}.
info 2.1.0- connect_invalid_will_qos Protocol error from {peer}: CONNECT with invalid Will QoS ({number}).
notice 2.1.0- proxy_without_tls Connection from {peer} rejected, client did not connect using TLS.
notice 2.1.0- proxy_without_certificate Connection from {peer} rejected, client did not provide a certificate.
notice 2.1.0- proxy_header_corrupt_from Connection from {peer} rejected, corrupt PROXY header.
notice 2.1.0- proxy_header_corrupt Connection rejected, corrupt PROXY header.
`,
    { action: 'client-connection-rejected', reason: 'protocol_error', emit: naming },
  ),
  ...parseFormats(
    `
warning 1.5- sockets_exhausted Unable to accept new connection, system socket count has been exceeded. Try increasing "ulimit -n" or equivalent.
`,
    { action: 'client-connection-rejected', reason: 'quota_exceeded' },
  ),
  ...parseFormats(
    `
notice 1.5-2.0.22 tls_failed Client connection from {address} failed: {openssl}.
notice 2.1.0- tls_to_plain Client from {peer} appears to be using TLS to connect to a non-TLS listener.
`,
    { action: 'tls-handshake-failed', reason: 'tls_error' },
  ),
  ...parseFormats(
    `
notice 1.5-2.0.22 tls_failed Client connection from {address} failed: {error}.
`,
    { action: 'tls-handshake-failed', reason: 'tls_error', loose: true },
  ),
];
