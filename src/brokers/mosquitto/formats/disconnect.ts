import type { Action } from '../../../core/event.ts';
import { END_SLOTS, ended, refused, takenOver } from '../lines/connection-end.ts';
import { type Format, type FormatOptions, parseFormats } from '../matching/format.ts';

/** Tables by `event.reason`. */
type Tables = Readonly<Record<string, string>>;

/** An established connection has ended. */
const end = (table: string, more: FormatOptions = {}): readonly Format[] =>
  parseFormats(table, {
    action: 'client-disconnected',
    outcome: more.reason === 'normal' ? 'success' : 'failure',
    slots: END_SLOTS,
    emit: ended,
    ...more,
  });
const ends = (tables: Tables): readonly Format[] =>
  Object.entries(tables).flatMap(([reason, table]) => end(table, { reason }));
/** A CONNECT was refused. */
const refusals = (action: Action, tables: Tables, emit = refused): readonly Format[] =>
  Object.entries(tables).flatMap(([reason, table]) =>
    parseFormats(table, { action, reason, slots: END_SLOTS, emit }),
  );

/** How connections end: 1.5 and 1.6 with few words, 2.0 with many, 2.1.1 and later with the peer behind the client id. */
export const DISCONNECT_FORMATS: readonly Format[] = [
  ...ends({
    normal: `
notice 1.5-2.1.0 client_disconnected_normally Client {client} disconnected.
notice 2.1.1- disconnect Client {client} [{peer}] disconnected.
`,
    connection_lost: `
notice 2.0.0-2.1.0 client_closed Client {client} closed its connection.
notice 2.1.1- disconnect_closed Client {client} [{peer}] disconnected: connection closed by client.
`,
    socket_error: `
notice 1.5-1.6.15 socket_error Socket error on client {client}, disconnecting.
notice 2.0.0-2.0.5 bad_socket Bad socket read/write on client {client}, disconnecting.
notice 2.0.6-2.1.0 bad_socket Bad socket read/write on client {client}: {strerror}
notice 2.1.1- disconnect_bad_socket Client {client} [{peer}] disconnected: bad socket read/write: {strerror}
`,
  }),
  ...end(
    `
notice 2.0.6-2.1.0 bad_socket Bad socket read/write on client {client}: {error}
notice 2.1.1- disconnect_bad_socket Client {client} [{peer}] disconnected: bad socket read/write: {error}
`,
    { reason: 'socket_error', loose: true },
  ),
  ...end(
    `
notice 2.0.6-2.1.0 client_disconnected Client {client} disconnected: {errno}.
notice 2.1.1- disconnect_error Client {client} [{peer}] disconnected: {errno}.
`,
  ),
  ...end(
    `
notice 2.0.6-2.1.0 client_disconnected Client {client} disconnected: {error}.
`,
    { loose: true },
  ),
  ...ends({
    keep_alive_timeout: `
notice 1.5-2.1.0 client_timeout Client {client} has exceeded timeout, disconnecting.
notice 2.1.1- disconnect_timeout Client {client} [{peer}] disconnected: exceeded timeout.
`,
    not_authorized: `
notice 1.6-1.6.15 no_longer_authorised Client {client} disconnected, no longer authorised.
`,
    session_taken_over: `
notice 2.1.0-2.1.0 taken_over Client {client} disconnected, session taken over.
notice 2.1.1- disconnect_taken_over Client {client} [{peer}] disconnected: session taken over.
`,
    malformed_packet: `
notice 2.0.0-2.1.0 malformed_packet Client {client} disconnected due to malformed packet.
notice 2.1.1- disconnect_malformed_packet Client {client} [{peer}] disconnected: malformed packet.
`,
    protocol_error: `
notice 1.6-2.1.0 protocol_error Client {client} disconnected due to protocol error.
notice 2.1.1- disconnect_protocol_error Client {client} [{peer}] disconnected: protocol error.
notice 2.1.0-2.1.0 topic_alias_invalid Client {client} disconnected, topic alias invalid.
notice 2.1.1- disconnect_topic_alias Client {client} [{peer}] disconnected: topic alias invalid.
`,
    packet_too_large: `
notice 2.0.0-2.1.0 packet_too_large Client {client} disconnected due to oversize packet.
notice 2.1.1- disconnect_packet_too_large Client {client} [{peer}] disconnected: oversize packet.
`,
    payload_too_large: `
notice 2.0.6-2.1.0 payload_too_large Client {client} disconnected due to oversize payload.
notice 2.1.1- disconnect_payload_too_large Client {client} [{peer}] disconnected: oversize payload.
`,
    out_of_memory: `
notice 2.0.0-2.1.0 out_of_memory Client {client} disconnected due to out of memory.
notice 2.1.1- disconnect_out_of_memory Client {client} [{peer}] disconnected: out of memory.
`,
    feature_not_allowed: `
notice 2.0.0-2.0.11 feature_not_supported Client {client} disconnected due to QoS too high or retain not supported.
notice 2.1.1- disconnect_feature_not_allowed Client {client} [{peer}] disconnected: used disallowed feature (QoS too high, retain not supported, or bad AUTH method).
`,
  }),
  // A refused CONNECT ends so too, and its id may be that of a connected client.
  ...end(
    `
notice 2.0.12-2.1.0 feature_not_allowed Client {client} disconnected due to using not allowed feature (QoS too high, retain not supported, or bad AUTH method).
`,
    { reason: 'feature_not_allowed', emit: refused },
  ),
  ...ends({
    administrative_action: `
notice 2.0.0-2.1.0 administrative_action Client {client} been disconnected by administrative action.
notice 2.1.1- disconnect_administrative_action Client {client} [{peer}] disconnected: administrative action.
`,
    receive_maximum_exceeded: `
notice 2.1.0-2.1.0 receive_maximum Client {client} disconnected due to exceeding the receive maximum.
notice 2.1.1- disconnect_receive_maximum Client {client} [{peer}] disconnected: receive maximum exceeded.
`,
    quota_exceeded: `
notice 2.1.0-2.1.0 quota_exceeded Client {client} disconnected, quota exceeded.
notice 2.1.1- disconnect_quota_exceeded Client {client} [{peer}] disconnected: quota exceeded.
`,
    connection_rate_exceeded: `
notice 2.1.0-2.1.0 connection_rate Client {client} disconnected, connection rate exceeded.
notice 2.1.1- disconnect_connection_rate Client {client} [{peer}] disconnected: connection rate exceeded.
`,
    other_error: `
notice 2.1.0-2.1.0 implementation_error Client {client} disconnected, implementation specific error.
notice 2.1.1- disconnect_implementation_error Client {client} [{peer}] disconnected: implementation specific error.
`,
  }),
  ...refusals('client-authentication-failed', {
    not_authorized: `
notice 2.0.0-2.1.0 not_authorised Client {client} disconnected, not authorised.
notice 2.1.1- disconnect_not_authorised Client {client} [{peer}] disconnected: not authorised.
`,
    bad_user_name_or_password: `
notice 2.1.0-2.1.0 bad_credentials Client {client} disconnected, bad username or password.
notice 2.1.1- disconnect_bad_credentials Client {client} [{peer}] disconnected: bad username or password.
`,
  }),
  ...refusals('client-connection-rejected', {
    client_identifier_not_valid: `
notice 2.1.0-2.1.0 client_id_rejected Client {client} disconnected, client identifier not valid.
notice 2.1.1- disconnect_client_id_rejected Client {client} [{peer}] disconnected: client identifier not valid.
`,
    server_unavailable: `
notice 2.1.0-2.1.0 server_unavailable Client {client} disconnected, server unavailable.
notice 2.1.1- disconnect_server_unavailable Client {client} [{peer}] disconnected: server unavailable.
`,
    server_busy: `
notice 2.1.0-2.1.0 server_busy Client {client} disconnected, server busy.
notice 2.1.1- disconnect_server_busy Client {client} [{peer}] disconnected: server busy.
`,
    banned: `
notice 2.1.0-2.1.0 client_banned Client {client} disconnected, client banned.
notice 2.1.1- disconnect_client_banned Client {client} [{peer}] disconnected: client banned.
`,
    bad_authentication_method: `
notice 2.1.0-2.1.0 bad_authentication_method Client {client} disconnected, bad authentication method.
notice 2.1.1- disconnect_bad_authentication_method Client {client} [{peer}] disconnected: bad authentication method.
`,
    http_origin_not_allowed: `
notice 2.1.0-2.1.0 http_origin Client {client} disconnected, non-matching http origin.
notice 2.1.1- disconnect_http_origin Client {client} [{peer}] disconnected: non-matching http origin.
`,
  }),
  ...refusals(
    'session-taken-over',
    {
      session_taken_over: `
error 1.5-2.0.22 session_taken_over Client {client} already connected, closing old connection.
`,
    },
    takenOver,
  ),
];
