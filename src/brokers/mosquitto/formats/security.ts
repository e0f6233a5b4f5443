import { parseFormats } from '../matching/format.ts';

/** Password, ACL and PSK files; plugins. */
export const SECURITY_FORMATS = parseFormats(`
error 2.1.0- acl_file_error_unknown_option acl-file: Error: Unknown option '{text}'.
warning 1.5.1- acl_pattern_does_not_contain_or Warning: ACL pattern '{text}' does not contain '%c' or '%u'.
error 1.5- authentication_plugin_returned_initialising Error: Authentication plugin returned {number} when initialising.
warning 2.0.22- control_command_received_client_no_listener_per Warning: $CONTROL command received from client with no listener, when per_listener_settings is true.
notice 2.1.0- duplicate_user_password_file_ignoring Error: Duplicate user '{text}' in password file '{text}', ignoring.
error 1.5- empty_psk_identity Error: Empty psk for identity "{text}".
error 1.5- empty_topic_acl_file Error: Empty topic in acl_file "{text}".
notice 2.1.0- empty_username_password_file_ingoring Warning: Empty username in password file '{text}', ingoring.
error 1.5- error_opening_acl_file Error opening acl file "{text}".
error 1.5-2.0.22 error_opening_password_file Error opening password file "{text}".
error 1.5- error_opening_psk_file Error opening psk file "{text}".
info 1.6- extended_authentication_enabled  └── Extended authentication enabled.
info 1.6- extended_authentication_not_enabled  └── Extended authentication not enabled.
error 1.5-1.6.15 incorrect_auth_plugin_version_got_expected Error: Incorrect auth plugin version (got {number}, expected {number}).
error 1.6.9- invalid_acl_topic_acl_file Error: Invalid ACL topic "{text}" in acl_file "{text}".
error 2.0.0-2.0.22 invalid_hash_iterations_user_removing_entry Error: Invalid hash iterations for user {text}, removing entry.
error 1.5.6- invalid_line_acl_file Error: Invalid line in acl_file "{text}": {text}.
notice 1.5.6-2.0.22 invalid_line_password_file Warning: Invalid line in password file '{text}': {text}
notice 1.6.9- invalid_line_password_file_password_too_long Warning: Invalid line in password file '{text}', password too long.
notice 1.6.9- invalid_line_password_file_username_too_long Warning: Invalid line in password file '{text}', username too long.
notice 2.1.0- invalid_line_psk_file Warning: Invalid line in psk file '{text}': {text}
error 2.0.0-2.0.22 invalid_password_hash_type_user_removing_entry Error: Invalid password hash type for user {text}, removing entry.
error 1.5-1.5.5 invalid_password_hash_user Error: Invalid password hash for user {text}.
error 1.5.6-2.0.22 invalid_password_hash_user_removing_entry Error: Invalid password hash for user {text}, removing entry.
error 1.5- invalid_topic_access_type_acl_file Error: Invalid topic access type "{text}" in acl_file "{text}".
error 1.5- load_error Load error: {error}
info 1.6- loading_plugin Loading plugin: {text}
error 1.5- missing_mosquitto_auth_acl_check Error: Unable to load auth plugin function mosquitto_auth_acl_check().
error 1.5- missing_mosquitto_auth_plugin_cleanup Error: Unable to load auth plugin function mosquitto_auth_plugin_cleanup().
error 1.5- missing_mosquitto_auth_plugin_init Error: Unable to load auth plugin function mosquitto_auth_plugin_init().
error 1.5-1.6.15 missing_mosquitto_auth_plugin_version Error: Unable to load auth plugin function mosquitto_auth_plugin_version().
error 1.5- missing_mosquitto_auth_psk_key_get Error: Unable to load auth plugin function mosquitto_auth_psk_key_get().
error 1.5- missing_mosquitto_auth_security_cleanup Error: Unable to load auth plugin function mosquitto_auth_security_cleanup().
error 1.5- missing_mosquitto_auth_security_init Error: Unable to load auth plugin function mosquitto_auth_security_init().
error 1.5- missing_mosquitto_auth_unpwd_check Error: Unable to load auth plugin function mosquitto_auth_unpwd_check().
error 2.0.0-2.0.22 missing_mosquitto_plugin_cleanup Error: Unable to load plugin function mosquitto_plugin_cleanup().
error 2.0.0- missing_mosquitto_plugin_init Error: Unable to load plugin function mosquitto_plugin_init().
error 2.0.0- missing_mosquitto_plugin_version Error: Unable to load auth plugin function mosquitto_auth_plugin_version() or mosquitto_plugin_version().
error 1.5.6-2.0.22 missing_password_hash_user_removing_entry Error: Missing password hash for user {text}, removing entry.
error 1.5- missing_username_acl_file Error: Missing username in acl_file "{text}".
error 2.1.0- password_file_error_duplicate_user_password_file password-file: Error: Duplicate user '{text}' in password file '{text}'.
error 2.1.0- password_file_error_empty_username_password_file password-file: Error: Empty username in password file '{text}'.
error 2.1.0- password_file_error_invalid_line_password_file password-file: Error: Invalid line in password file '{text}': {text}
error 2.1.0- password_file_error_password_too_long password-file: Error: Invalid line in password file '{text}', password too long.
error 2.1.0- password_file_error_username_too_long password-file: Error: Invalid line in password file '{text}', username too long.
error 2.1.0- password_file_error_unable_decode_line_password_file password-file: Error: Unable to decode line in password file '{text}'.
error 2.1.0- password_file_error_unable_open_pwfile password-file: Error: Unable to open pwfile "{text}".
error 2.1.0- password_file_error_unknown_option password-file: Error: Unknown option '{text}'.
error 2.1.2- persistence_true_cannot_used_persistence_plugin Error: \`persistence true\` cannot be used with a persistence plugin.
warning 2.1.0- plugin_could_not_register_callback Plugin could not register callback '{text}'
error 1.6- plugin_has_missing_mosquitto_auth_continue_function Error: Plugin has missing mosquitto_auth_continue() function.
info 2.1.0- plugin_has_registered_receive_control_events_topic Plugin {text} has registered to receive 'control' events on topic {text}.
info 2.1.0- plugin_has_registered_receive_events Plugin has registered to receive '{text}' events.
info 2.1.0- plugin_has_registered_receive_events Plugin {text} has registered to receive '{text}' events.
info 2.1.0- plugin_loaded Plugin {text} loaded.
error 2.1.0- plugin_produced_error_reload Error: Plugin {text} produced error on reload: {error}
error 2.0.0- plugin_returned_initialising Error: Plugin returned {number} when initialising.
info 2.1.0- plugin_version_loaded Plugin {text} version {text} loaded.
error 1.5- psk_identity_contains_non_hexadecimal_characters Error: psk for identity "{text}" contains non-hexadecimal characters.
info 1.6- tls_psk_checking_enabled  ├── TLS-PSK checking enabled.
info 1.6- tls_psk_checking_not_enabled  ├── TLS-PSK checking not enabled.
notice 2.1.0- unable_decode_line_password_file Warning: Unable to decode line in password file '{text}'.
error 1.5-1.5.5 unable_decode_password_salt_user Error: Unable to decode password salt for user {text}.
error 1.5.6-2.0.22 unable_decode_password_salt_user_removing_entry Error: Unable to decode password salt for user {text}, removing entry.
error 1.5-1.5.5 unable_decode_password_user Error: Unable to decode password for user {text}.
error 1.5.6-2.0.22 unable_decode_password_user_removing_entry Error: Unable to decode password for user {text}, removing entry.
error 1.5-2.0.22 unable_load_auth_plugin Error: Unable to load auth plugin "{text}".
error 2.1.0- unable_load_plugin Error: Unable to load plugin "{text}".
error 1.5- unable_open_acl_file Error: Unable to open acl_file "{text}".
error 1.5- unable_open_pwfile Error: Unable to open pwfile "{text}".
error 2.0.0- unsupported_auth_plugin_version_got_expected Error: Unsupported auth plugin version (got {number}, expected {number}).
info 1.6- username_password_checking_enabled  ├── Username/password checking enabled.
info 1.6- username_password_checking_not_enabled  ├── Username/password checking not enabled.
`);
