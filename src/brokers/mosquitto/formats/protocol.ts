import { type Format, parseFormats } from '../matching/format.ts';

/** Clients that break the protocol. */
export const PROTOCOL_FORMATS: readonly Format[] = [
  ...parseFormats(
    `
notice 1.6-2.0.22 second_connect Bad client {client} sending multiple CONNECT messages.
notice 2.1.0- second_connect_from Bad client {peer} sending multiple CONNECT messages.
debug 2.0.6- will_too_large Client {client} connected with too large Will payload
info 1.6-1.6.15 packet_too_large_sent Client {client} sent too large packet {number}, disconnecting.
info 1.5.6-1.6.15 topic_not_utf8 Client {client} sent topic with invalid UTF-8, disconnecting.
warning 2.1.1- receive_maximum_ignored Client {client} has exceeded its receive-maximum quota. This behaviour must be fixed on the client.
info 1.5- empty_subscription Empty subscription string from {address}, disconnecting.
info 1.5- invalid_subscription Invalid subscription string from {address}, disconnecting.
info 1.5- invalid_subscription_qos Invalid QoS in subscription command from {address}, disconnecting.
info 1.5- empty_unsubscription Empty unsubscription string from {client}, disconnecting.
info 1.5- invalid_unsubscription Invalid unsubscription string from {client}, disconnecting.
info 1.5-1.5.11 subscription_not_utf8 Malformed UTF-8 in subscription string from {client}, disconnecting.
info 1.5-1.5.11 unsubscription_not_utf8 Malformed UTF-8 in unsubscription string from {client}, disconnecting.
info 1.5-1.5.11 will_topic_not_utf8 Malformed UTF-8 in will topic string from {client}, disconnecting.
info 2.0.12- invalid_publish Invalid PUBLISH (QoS=0 and DUP=1) from {client}, disconnecting.
info 1.5- invalid_publish_qos Invalid QoS in PUBLISH from {client}, disconnecting.
warning 2.0.9- message_id_reused Reused message ID {id} from {client} detected. Clearing from storage.
warning 1.5- unknown_packet_identifier Warning: Received {packet} from {client} for an unknown packet identifier {id}.
debug 1.6- unsupported_property Unsupported property type: {number}
info 2.1.0- keep_alive_missing {client} sent CONNECT with missing keepalive.
info 2.1.0- protocol_error_share_subscription_no_local_set Protocol error from {client}: $share subscription with no-local set.
info 2.1.0- protocol_error_auth_packet_session_not_mqtt_v5_0 Protocol error from {client}: AUTH packet when session not MQTT v5.0.
info 2.1.0- protocol_error_auth_packet_non_matching_auth_method Protocol error from {client}: AUTH packet with non-matching auth-method property ({text}).
info 2.1.0- protocol_error_auth_packet_reason_code Protocol error from {client}: AUTH packet with reason-code = {code}.
info 2.1.0- protocol_error_auth_packet_without_auth_method Protocol error from {client}: AUTH packet without auth-method property.
info 2.1.0- protocol_error_auth_packet_without_existing_auth Protocol error from {client}: AUTH packet without existing auth-method.
info 2.1.0- protocol_error_auth_reauthentication_packet_before Protocol error from {client}: AUTH reauthentication packet before session is active,
info 2.1.0- protocol_error_connack_not_bridge Protocol error from {client}: CONNACK when not a bridge.
info 2.1.0- protocol_error_connect_packet_invalid_property Protocol error from {client}: CONNECT packet invalid property ({number}).
info 2.1.0- protocol_error_connect_packet_maximum_packet_size_0 Protocol error from {client}: CONNECT packet with maximum-packet-size = 0.
info 2.1.0- protocol_error_connect_packet_overlong_remaining Protocol error from {client}: CONNECT packet with overlong remaining length ({number}:{number}).
info 2.1.0- protocol_error_connect_packet_receive_maximum_0 Protocol error from {client}: CONNECT packet with receive-maximum = 0.
info 2.1.0- protocol_error_connect_password_flag_but_no_password Protocol error from {client}: CONNECT with password flag but no password.
info 2.1.0- protocol_error_connect_username_flag_but_no_username Protocol error from {client}: CONNECT with username flag but no username.
info 2.1.0- protocol_error_connect_without_will_non_zero_qos_or Protocol error from {client}: CONNECT without Will with non-zero QoS ({number}) or retain ({number}).
info 2.1.0- protocol_error_disconnect_packet_incorrect_flags Protocol error from {client}: DISCONNECT packet with incorrect flags {hex}.
info 2.1.0- protocol_error_disconnect_packet_mismatched_session Protocol error from {client}: DISCONNECT packet with mismatched session-expiry-interval ({number}:{number}).
info 2.1.0- protocol_error_disconnect_packet_overlong_remaining Protocol error from {client}: DISCONNECT packet with overlong remaining length ({number}:{number}).
info 2.1.0- protocol_error_incorrect_qos_deleting_incoming Protocol error from {client}: Incorrect QoS ({number}) when deleting incoming message.
info 2.1.0- protocol_error_incorrect_qos_releasing_incoming Protocol error from {client}: Incorrect QoS ({number}) when releasing incoming message.
info 2.1.0- protocol_error_mismatched_qos_deleting_outgoing Protocol error from {client}: Mismatched QoS ({number}:{number}) when deleting outgoing message.
info 2.1.0- protocol_error_mismatched_qos_updating_outgoing Protocol error from {client}: Mismatched QoS ({number}:{number}) when updating outgoing message.
info 2.1.0- protocol_error_mismatched_state_deleting_outgoing Protocol error from {client}: Mismatched state ({number}:{number}) when deleting outgoing message.
info 2.1.0- protocol_error_pingreq_before_session_active Protocol error from {client}: PINGREQ before session is active.
info 2.1.0- protocol_error_pingresp_before_session_active Protocol error from {client}: PINGRESP before session is active.
info 2.1.0- protocol_error_pingresp_not_bridge Protocol error from {client}: PINGRESP when not a bridge.
info 2.1.0- protocol_error_publish_before_session_active Protocol error from {client}: PUBLISH before session is active.
info 2.1.0- protocol_error_publish_invalid_topic_alias Protocol error from {client}: PUBLISH invalid topic alias ({number}).
info 2.1.0- protocol_error_publish_packet_mid_0 Protocol error from {client}: PUBLISH packet with mid = 0.
info 2.1.0- protocol_error_publish_dup Protocol error from {client}: PUBLISH with dup = {number}.
info 2.1.0- protocol_error_pubrec_before_session_active Protocol error from {client}: PUBREC before session is active.
info 2.1.0- protocol_error_pubrec_invalid_properties Protocol error from {client}: PUBREC with invalid properties.
info 2.1.0- protocol_error_pubrec_mid_0 Protocol error from {client}: PUBREC with mid = 0.
info 2.1.0- protocol_error_pubrec_reason_code Protocol error from {client}: PUBREC with reason code = {code}.
info 2.1.0- protocol_error_pubrel_before_session_active Protocol error from {client}: PUBREL before session is active.
info 2.1.0- protocol_error_pubrel_invalid_properties Protocol error from {client}: PUBREL with invalid properties.
info 2.1.0- protocol_error_pubrel_mid_0 Protocol error from {client}: PUBREL with mid = 0.
info 2.1.0- protocol_error_pubrel_non_zero_reserved_flags Protocol error from {client}: PUBREL with non-zero reserved flags ({hex}).
info 2.1.0- protocol_error_pubrel_reason_code Protocol error from {client}: PUBREL with reason code = {code}.
info 2.1.0- protocol_error_suback_before_session_active Protocol error from {client}: SUBACK before session is active.
info 2.1.0- protocol_error_suback_not_bridge Protocol error from {client}: SUBACK when not a bridge.
info 2.1.0- protocol_error_subscribe_before_session_active Protocol error from {client}: SUBSCRIBE before session is active.
info 2.1.0- protocol_error_subscribe_packet_invalid_properties Protocol error from {client}: SUBSCRIBE packet with invalid properties.
info 2.1.0- protocol_error_sending_auth_packet_session_not_mqtt Protocol error from {client}: Sending AUTH packet when session not MQTT v5.0.
info 2.1.0- protocol_error_unsuback_before_session_active Protocol error from {client}: UNSUBACK before session is active.
info 2.1.0- protocol_error_unsuback_not_bridge Protocol error from {client}: UNSUBACK when not a bridge.
info 2.1.0- protocol_error_unsubscribe_before_session_active Protocol error from {client}: UNSUBSCRIBE before session is active.
info 2.1.0- protocol_error_unsubscribe_packet_invalid_properties Protocol error from {client}: UNSUBSCRIBE packet with invalid properties.
info 2.1.0- protocol_error_will_empty_topic Protocol error from {client}: Will with empty topic.
error 1.5.4- protocol_error_password_without_username Protocol error from {client}: password without username, closing connection.
info 2.1.0- protocol_error_ack_before_session_active Protocol error from {client}: {packet} before session is active.
info 2.1.0- protocol_error_ack_mid_0 Protocol error from {client}: {packet} with mid = 0.
info 2.1.0- protocol_error_ack_reason_code Protocol error from {client}: {packet} with reason code = {code}.
info 2.1.0- protocol_error_connect_missing_clientid_string Protocol error from {peer} CONNECT with missing clientid string.
info 2.1.0- protocol_error_connect_incorrect_protocol_string Protocol error from {peer}: CONNECT with incorrect protocol string length ({number}).
info 2.1.0- protocol_error_connect_missing_connect_flags Protocol error from {peer}: CONNECT with missing connect flags.
info 2.1.0- protocol_error_connect_missing_protocol_string_length Protocol error from {peer}: CONNECT with missing protocol string length.
info 2.1.0- protocol_error_connect_missing_protocol_string Protocol error from {peer}: CONNECT with missing protocol string.
info 2.1.0- protocol_error_connect_missing_protocol_version Protocol error from {peer}: CONNECT with missing protocol version.
info 2.1.0- protocol_error_connect_non_zero_connect_reserved Protocol error from {peer}: CONNECT with non-zero connect reserved flag ({hex}).
info 2.1.0- protocol_error_connect_non_zero_reserved_flags Protocol error from {peer}: CONNECT with non-zero reserved flags ({hex}).
info 2.1.0- protocol_error_connect_zero_length_clientid Protocol error from {peer}: CONNECT with zero length clientid when forbidden.
info 2.1.0- protocol_error_first_packet_not_connect Protocol error from {peer}: First packet not CONNECT ({hex}).
info 2.1.0- protocol_error_reserved_packet Protocol error from {peer}: RESERVED packet.
info 2.1.0- protocol_error_v3_1_connect_zero_length_clientid Protocol error from {peer}: v3.1 CONNECT with zero length clientid.
`,
    { action: 'protocol-error', reason: 'protocol_error' },
  ),
  ...parseFormats(
    `
info 1.6- publish_qos_too_high Too high QoS in PUBLISH from {client}, disconnecting.
`,
    { action: 'protocol-error', reason: 'feature_not_allowed' },
  ),
  ...parseFormats(
    `
notice 1.5- dangerous_username ACL denying access to client with dangerous username "{user}"
notice 1.5- dangerous_client_id ACL denying access to client with dangerous client id "{client}"
`,
    { action: 'protocol-error', reason: 'dangerous_name' },
  ),
];
