import type { Action } from '../../../core/event.ts';
import { END_SLOTS, ended, refused, takenOver } from '../lines/connection-end.ts';
import { type EmitReading, type Format, type FormatOptions, parseFormats } from '../matching/format.ts';

const left = (
  reason: string | undefined,
  table: string,
  more: Pick<FormatOptions, 'loose' | 'emit'> = {},
): readonly Format[] =>
  parseFormats(table, {
    action: 'client-disconnected',
    outcome: reason === 'normal' ? 'success' : 'failure',
    ...(reason !== undefined && { reason }),
    slots: END_SLOTS,
    emit: ended,
    ...more,
  });
const denied = (
  action: Action,
  reason: string,
  table: string,
  emit: EmitReading = refused,
): readonly Format[] => parseFormats(table, { action, reason, slots: END_SLOTS, emit });
const rejected = 'client-connection-rejected';

/** How connections end: 1.5 and 1.6 with few words, 2.0 with many, 2.1.1 and later with the peer behind the client id. */
export const DISCONNECT_FORMATS: readonly Format[] = [
  ...left(
    'normal',
    `
notice 1.5-2.1.0 client_disconnected_normally Client {client} disconnected.
notice 2.1.1- disconnect Client {client} [{peer}] disconnected.
`,
  ),
  ...left(
    'connection_lost',
    `
notice 2.0.0-2.1.0 client_closed Client {client} closed its connection.
notice 2.1.1- disconnect_closed Client {client} [{peer}] disconnected: connection closed by client.
`,
  ),
  ...left(
    'socket_error',
    `
notice 1.5-1.6.15 socket_error Socket error on client {client}, disconnecting.
notice 2.0.0-2.0.5 bad_socket Bad socket read/write on client {client}, disconnecting.
`,
  ),
  ...left(
    'socket_error',
    `
notice 2.0.6-2.1.0 bad_socket Bad socket read/write on client {client}: {strerror}
notice 2.1.1- disconnect_bad_socket Client {client} [{peer}] disconnected: bad socket read/write: {strerror}
`,
  ),
  ...left(
    'socket_error',
    `
notice 2.0.6-2.1.0 bad_socket Bad socket read/write on client {client}: {error}
notice 2.1.1- disconnect_bad_socket Client {client} [{peer}] disconnected: bad socket read/write: {error}
`,
    { loose: true },
  ),
  ...left(
    undefined,
    `
notice 2.0.6-2.1.0 client_disconnected Client {client} disconnected: {errno}.
notice 2.1.1- disconnect_error Client {client} [{peer}] disconnected: {errno}.
`,
  ),
  ...left(
    undefined,
    `
notice 2.0.6-2.1.0 client_disconnected Client {client} disconnected: {error}.
`,
    { loose: true },
  ),
  ...left(
    'keep_alive_timeout',
    `
notice 1.5-2.1.0 client_timeout Client {client} has exceeded timeout, disconnecting.
notice 2.1.1- disconnect_timeout Client {client} [{peer}] disconnected: exceeded timeout.
`,
  ),
  ...left(
    'not_authorized',
    `
notice 1.6-1.6.15 no_longer_authorised Client {client} disconnected, no longer authorised.
`,
  ),
  ...left(
    'session_taken_over',
    `
notice 2.1.0-2.1.0 taken_over Client {client} disconnected, session taken over.
notice 2.1.1- disconnect_taken_over Client {client} [{peer}] disconnected: session taken over.
`,
  ),
  ...left(
    'malformed_packet',
    `
notice 2.0.0-2.1.0 malformed_packet Client {client} disconnected due to malformed packet.
notice 2.1.1- disconnect_malformed_packet Client {client} [{peer}] disconnected: malformed packet.
`,
  ),
  ...left(
    'protocol_error',
    `
notice 1.6-2.1.0 protocol_error Client {client} disconnected due to protocol error.
notice 2.1.1- disconnect_protocol_error Client {client} [{peer}] disconnected: protocol error.
notice 2.1.0-2.1.0 topic_alias_invalid Client {client} disconnected, topic alias invalid.
notice 2.1.1- disconnect_topic_alias Client {client} [{peer}] disconnected: topic alias invalid.
`,
  ),
  ...left(
    'packet_too_large',
    `
notice 2.0.0-2.1.0 packet_too_large Client {client} disconnected due to oversize packet.
notice 2.1.1- disconnect_packet_too_large Client {client} [{peer}] disconnected: oversize packet.
`,
  ),
  ...left(
    'payload_too_large',
    `
notice 2.0.6-2.1.0 payload_too_large Client {client} disconnected due to oversize payload.
notice 2.1.1- disconnect_payload_too_large Client {client} [{peer}] disconnected: oversize payload.
`,
  ),
  ...left(
    'out_of_memory',
    `
notice 2.0.0-2.1.0 out_of_memory Client {client} disconnected due to out of memory.
notice 2.1.1- disconnect_out_of_memory Client {client} [{peer}] disconnected: out of memory.
`,
  ),
  ...left(
    'feature_not_allowed',
    `
notice 2.0.0-2.0.11 feature_not_supported Client {client} disconnected due to QoS too high or retain not supported.
notice 2.1.1- disconnect_feature_not_allowed Client {client} [{peer}] disconnected: used disallowed feature (QoS too high, retain not supported, or bad AUTH method).
`,
  ),
  // A refused CONNECT ends so too, and its id may be that of a connected client.
  ...left(
    'feature_not_allowed',
    `
notice 2.0.12-2.1.0 feature_not_allowed Client {client} disconnected due to using not allowed feature (QoS too high, retain not supported, or bad AUTH method).
`,
    { emit: refused },
  ),
  ...left(
    'administrative_action',
    `
notice 2.0.0-2.1.0 administrative_action Client {client} been disconnected by administrative action.
notice 2.1.1- disconnect_administrative_action Client {client} [{peer}] disconnected: administrative action.
`,
  ),
  ...left(
    'receive_maximum_exceeded',
    `
notice 2.1.0-2.1.0 receive_maximum Client {client} disconnected due to exceeding the receive maximum.
notice 2.1.1- disconnect_receive_maximum Client {client} [{peer}] disconnected: receive maximum exceeded.
`,
  ),
  ...left(
    'quota_exceeded',
    `
notice 2.1.0-2.1.0 quota_exceeded Client {client} disconnected, quota exceeded.
notice 2.1.1- disconnect_quota_exceeded Client {client} [{peer}] disconnected: quota exceeded.
`,
  ),
  ...left(
    'connection_rate_exceeded',
    `
notice 2.1.0-2.1.0 connection_rate Client {client} disconnected, connection rate exceeded.
notice 2.1.1- disconnect_connection_rate Client {client} [{peer}] disconnected: connection rate exceeded.
`,
  ),
  ...left(
    'other_error',
    `
notice 2.1.0-2.1.0 implementation_error Client {client} disconnected, implementation specific error.
notice 2.1.1- disconnect_implementation_error Client {client} [{peer}] disconnected: implementation specific error.
`,
  ),
  ...denied(
    'client-authentication-failed',
    'not_authorized',
    `
notice 2.0.0-2.1.0 not_authorised Client {client} disconnected, not authorised.
notice 2.1.1- disconnect_not_authorised Client {client} [{peer}] disconnected: not authorised.
`,
  ),
  ...denied(
    'client-authentication-failed',
    'bad_user_name_or_password',
    `
notice 2.1.0-2.1.0 bad_credentials Client {client} disconnected, bad username or password.
notice 2.1.1- disconnect_bad_credentials Client {client} [{peer}] disconnected: bad username or password.
`,
  ),
  ...denied(
    rejected,
    'client_identifier_not_valid',
    `
notice 2.1.0-2.1.0 client_id_rejected Client {client} disconnected, client identifier not valid.
notice 2.1.1- disconnect_client_id_rejected Client {client} [{peer}] disconnected: client identifier not valid.
`,
  ),
  ...denied(
    rejected,
    'server_unavailable',
    `
notice 2.1.0-2.1.0 server_unavailable Client {client} disconnected, server unavailable.
notice 2.1.1- disconnect_server_unavailable Client {client} [{peer}] disconnected: server unavailable.
`,
  ),
  ...denied(
    rejected,
    'server_busy',
    `
notice 2.1.0-2.1.0 server_busy Client {client} disconnected, server busy.
notice 2.1.1- disconnect_server_busy Client {client} [{peer}] disconnected: server busy.
`,
  ),
  ...denied(
    rejected,
    'banned',
    `
notice 2.1.0-2.1.0 client_banned Client {client} disconnected, client banned.
notice 2.1.1- disconnect_client_banned Client {client} [{peer}] disconnected: client banned.
`,
  ),
  ...denied(
    rejected,
    'bad_authentication_method',
    `
notice 2.1.0-2.1.0 bad_authentication_method Client {client} disconnected, bad authentication method.
notice 2.1.1- disconnect_bad_authentication_method Client {client} [{peer}] disconnected: bad authentication method.
`,
  ),
  ...denied(
    rejected,
    'http_origin_not_allowed',
    `
notice 2.1.0-2.1.0 http_origin Client {client} disconnected, non-matching http origin.
notice 2.1.1- disconnect_http_origin Client {client} [{peer}] disconnected: non-matching http origin.
`,
  ),
  ...denied(
    'session-taken-over',
    'session_taken_over',
    `
error 1.5-2.0.22 session_taken_over Client {client} already connected, closing old connection.
`,
    takenOver,
  ),
];
