/** Reason codes of MQTT 5 (§2.4) and return codes of MQTT 3.1.1 (§3.2.2.3) by EMQX's names. */
const CODES: Readonly<Record<string, number>> = {
  success: 0,
  granted_qos1: 1,
  granted_qos2: 2,
  disconnect_with_will_message: 4,
  no_matching_subscribers: 16,
  no_subscription_existed: 17,
  continue_authentication: 24,
  re_authenticate: 25,
  unspecified_error: 128,
  malformed_packet: 129,
  protocol_error: 130,
  implementation_specific_error: 131,
  unsupported_protocol_version: 132,
  client_identifier_not_valid: 133,
  bad_username_or_password: 134,
  not_authorized: 135,
  server_unavailable: 136,
  server_busy: 137,
  banned: 138,
  server_shutting_down: 139,
  bad_authentication_method: 140,
  keepalive_timeout: 141,
  session_taken_over: 142,
  topic_filter_invalid: 143,
  topic_name_invalid: 144,
  packet_identifier_inuse: 145,
  packet_identifier_not_found: 146,
  receive_maximum_exceeded: 147,
  topic_alias_invalid: 148,
  packet_too_large: 149,
  message_rate_too_high: 150,
  quota_exceeded: 151,
  administrative_action: 152,
  payload_format_invalid: 153,
  retain_not_supported: 154,
  qos_not_supported: 155,
  use_another_server: 156,
  server_moved: 157,
  shared_subscriptions_not_supported: 158,
  connection_rate_exceeded: 159,
  maximum_connect_time: 160,
  subscription_identifiers_not_supported: 161,
  wildcard_subscriptions_not_supported: 162,
  connection_accepted: 0,
  unacceptable_protocol_version: 1,
  malformed_username_or_password: 4,
  unauthorized_client: 5,
};

export function reasonCode(name: string | undefined): number | undefined {
  return name !== undefined && Object.hasOwn(CODES, name) ? CODES[name] : undefined;
}

/** From 128 on a code means one reason (MQTT 5 §2.4). */
const FIRST_REASON = 128;
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(CODES)
    .filter(([, code]) => code >= FIRST_REASON)
    .map(([name, code]) => [code, name]),
);

/** EMQX's name of a reason code that tells a failure. */
export function reasonOfCode(code: number): string | undefined {
  return NAMES.get(code);
}

/** Codes of both versions about credentials and rights. */
const CREDENTIALS: ReadonlySet<number> = new Set([4, 5, 134, 135, 140]);

/** The code means a refused login; any other that is no success, a refused connection. */
export function isCredentials(code: number | undefined): boolean {
  return code !== undefined && CREDENTIALS.has(code);
}
