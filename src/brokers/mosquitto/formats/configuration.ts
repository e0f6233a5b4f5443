import { parseFormats } from '../matching/format.ts';

/** Command line and configuration file: nothing of it is written by clients. */
export const CONFIGURATION_FORMATS = parseFormats(`
notice 2.0.0-2.0.22 allow_duplicate_messages_now_deprecated_will_removed The 'allow_duplicate_messages' option is now deprecated and will be removed in a future version. The behaviour will default to true.
error 1.5-2.0.22 auth_opt_exists_config_file_without_auth_plugin Error: An auth_opt_ option exists in the config file without an auth_plugin.
error 2.1.0- auth_plugin_deny_special_chars_exists_config_file Error: An auth_plugin_deny_special_chars option exists in the config file without a plugin.
error 1.5-2.0.22 auth_plugin_deny_special_chars_exists_config_file Error: An auth_plugin_deny_special_chars option exists in the config file without an auth_plugin.
error 2.1.0- auto_id_prefix_length_must_50 Error: auto_id_prefix length must be <= 50.
error 1.6- backoff_cap_lower_than_base_restart_timeout Error: backoff cap is lower than the base in restart_timeout.
error 2.1.0- backoff_cap_too_high_using_7200_seconds Error: backoff cap too high, using 7200 seconds.
info 2.1.0- best_practice_define_listener_first It is best practice to define a 'listener' first. Using the '{text}' option without a listener will be disabled in the future.
notice 2.0.0-2.0.22 bind_address_now_deprecated_will_removed_future The 'bind_address' option is now deprecated and will be removed in a future version. The behaviour will default to true.
error 1.6- bind_interface_specified_but_socket_not_available Error: bind_interface specified but socket option not available.
error 2.0.21- both_certfile_keyfile_must_provided_enable_tls Error: Both certfile and keyfile must be provided to enable a TLS listener.
error 2.1.0- both_certificate_and_identity_in_bridge Error: '{text}': Cannot use both certificate and identity encryption in a single bridge.
error 1.5-2.0.22 both_certificate_and_identity_in_bridge Error: Cannot use both certificate and identity encryption in a single bridge.
error 2.1.0- both_certificate_and_psk_in_bridge Error: '{text}': Cannot use both certificate and psk encryption in a single bridge.
error 1.5-2.0.22 both_certificate_and_psk_in_bridge Error: Cannot use both certificate and psk encryption in a single bridge.
error 1.5- both_certificate_and_psk_in_listener Error: Cannot use both certificate and psk encryption in a single listener.
error 2.0.0- bridge_keepalive_too_high Error: Bridge keepalive value too high.
error 1.5- bridge_local_clientid_not_unique Error: Bridge local_clientid '{text}' is not unique. Try changing or setting the local_clientid value for one of the bridges.
error 2.1.0- bridge_max_topic_alias_must_0_65535 Error: bridge_max_topic_alias must be > 0 and <= 65535.
warning 1.5- bridge_option_not_supported Warning: Bridge support not available.
warning 1.5- bridge_or_tls_option_not_supported Warning: Bridge and/or TLS support not available.
warning 1.5- bridge_or_tls_psk_option_not_supported Warning: Bridge and/or TLS-PSK support not available.
error 2.1.0- bridge_receive_maximum_must_greater_than_0 Error: bridge_receive_maximum must be greater than 0.
error 2.1.0- bridge_receive_maximum_must_lower_than Error: bridge_receive_maximum must be lower than {number}.
error 2.1.0- bridge_session_expiry_interval_must_lower_than Error: bridge_session_expiry_interval must be lower than {number}.
error 2.1.0- bridge_session_expiry_interval_must_not_negative Error: bridge_session_expiry_interval must not be negative.
warning 2.1.0- bridge_tcp_user_timeout_option_not_supported Warning: Bridge TCP user timeout support not available.
warning 2.1.0- bridge_using_insecure_mode Warning: Bridge '{bridge}' using insecure mode.
warning 1.5-2.0.22 bridge_using_insecure_mode Warning: Bridge {bridge} using insecure mode.
error 1.5- c_argument_given_but_no_config_file_specified Error: -c argument given, but no config file specified.
error 2.0.21- cafile_specified_without_certfile_keyfile Error: cafile specified without certfile and keyfile.
error 1.5- cannot_log_stdout_stderr_running_windows_service Error: Cannot log to stdout/stderr when running as a Windows service.
error 2.0.21- capath_specified_without_certfile_keyfile Error: capath specified without certfile and keyfile.
error 2.1.0- certfile_keyfile_cannot_used_enable_proxy_protocol_2 Error: certfile and keyfile cannot be used with \`enable_proxy_protocol 2\`.
warning 2.0.0- ciphers_tls1_3_option_not_supported Warning: ciphers_tls1.3 support not available.
notice 2.0.0-2.0.22 clientid_prefixes_now_deprecated_will_removed_future The 'clientid_prefixes' option is now deprecated and will be removed in a future version.
error 2.1.0- config_file_directory Error: Config file '{text}' is a directory.
error 2.0.0-2.0.22 config_file_directory Error: Config file {text} is a directory.
warning 2.1.0- control_option_not_supported Warning: $CONTROL support not available (enable_control_api).
info 2.1.0- creating_default_listener_due Creating default listener due to '{text}' option.
warning 1.5- default_listener_port_specified_multiple_times Warning: Default listener port specified multiple times. Only the latest will be used.
warning 2.1.0- dhparamfile_no_longer_required Warning: dhparamfile is no longer required.
error 1.5-2.0.22 duplicate_bridge_name Error: Duplicate bridge name "{bridge}".
error 2.1.0- duplicate_bridge_name Error: Duplicate bridge name '{bridge}'.
error 1.5- duplicate_log_dest_file Error: Duplicate "log_dest file" value.
error 2.1.0- duplicate_plugin_name Error: Duplicate plugin name '{text}'.
error 1.5-1.5.5 duplicate_username_bridge Error: Duplicate username value in bridge configuration.
error 2.1.0- duplicate_value Error: Duplicate '{text}' value in configuration.
error 1.5-2.0.22 duplicate_value Error: Duplicate {text} value in configuration.
error 1.5- empty_address Error: Empty address value in configuration.
error 1.5-2.0.22 empty_bridge_protocol_version Error: Empty bridge_protocol_version value in configuration.
error 1.5-2.0.22 empty_connection Error: Empty connection value in configuration.
error 1.5-2.0.22 empty_include_dir Error: Empty include_dir value in configuration.
error 1.5-2.0.22 empty_listener Error: Empty listener value in configuration.
error 1.5-2.0.22 empty_log_dest Error: Empty log_dest value in configuration.
error 1.5- empty_log_dest_file Error: Empty "log_dest file" value in configuration.
error 1.5-2.0.22 empty_log_type Error: Empty log_type value in configuration.
error 1.5-2.0.22 empty_max_connections Error: Empty max_connections value in configuration.
error 1.5-1.6.15 empty_max_inflight_bytes Error: Empty max_inflight_bytes value in configuration.
error 1.5-1.5.11 empty_max_inflight_messages Error: Empty max_inflight_messages value in configuration.
error 1.5-1.6.15 empty_max_queued_bytes Error: Empty max_queued_bytes value in configuration.
error 1.5-1.6.15 empty_max_queued_messages Error: Empty max_queued_messages value in configuration.
error 1.6-2.0.22 empty_max_topic_alias Error: Empty max_topic_alias value in configuration.
error 1.5-2.0.22 empty_persistent_client_expiration Error: Empty persistent_client_expiration value in configuration.
error 2.1.0- empty_plugin_opt_config Error: Empty 'plugin_opt_' config option.
error 1.5-2.0.22 empty_protocol Error: Empty protocol value in configuration.
error 1.6-2.0.22 empty_restart_timeout Error: Empty restart_timeout value in configuration.
error 1.5.5-2.0.22 empty_socket_domain Error: Empty socket_domain value in configuration.
error 1.5-2.0.22 empty_start_type Error: Empty start_type value in configuration.
error 1.5-2.0.22 empty_topic Error: Empty topic value in configuration.
error 1.5-1.5.5 empty_username Error: Empty username value in configuration.
error 2.1.0- empty_value Error: Empty '{text}' value in configuration.
error 1.5-2.0.22 empty_value Error: Empty {text} value in configuration.
error 2.1.0- enable_proxy_protocol_must_1_or_2 Error: enable_proxy_protocol must be 1 or 2.
error 2.1.0- error_found_at Error found at '{text}:{number}'.
error 1.5- error_found_at Error found at {text}:{number}.
error 1.5- error_resolving {text}: Error resolving {text}.
error 1.5- error_resolving {text}: Error resolving {text}: {text}.
error 2.1.0- http_api_support_not_available Error: HTTP API support not available.
warning 2.1.0- http_dir_option_not_supported Warning: http_dir support not available.
notice 1.5- idle_timeout_interval_too_low_using_1_second idle_timeout interval too low, using 1 second.
error 2.1.0- include_dir_only_valid_main_file Error: The include_dir option is only valid in the main configuration file.
error 1.5-2.0.22 invalid_auth_opt_config Error: Invalid auth_opt_ config option.
error 1.5-2.0.22 invalid_bridge Error: Invalid bridge configuration
error 1.5-2.0.22 invalid_bridge Error: Invalid bridge configuration.
error 2.1.0- invalid_bridge_address_only_allowed_once Error: Invalid bridge configuration, 'address' only allowed once.
error 2.0.0- invalid_bridge_bridge_name_not_defined Error: Invalid bridge configuration: bridge name not defined.
error 1.5-1.5.7 invalid_bridge_missing_bridge_identity Error: Invalid bridge configuration: missing bridge_identity.
error 1.5.8- invalid_bridge_missing_bridge_identity Error: Invalid bridge configuration: missing bridge_identity.
error 1.5-1.5.7 invalid_bridge_missing_bridge_psk Error: Invalid bridge configuration: missing bridge_psk.
error 1.5.8- invalid_bridge_missing_bridge_psk Error: Invalid bridge configuration: missing bridge_psk.
error 2.0.0- invalid_bridge_no_remote_addresses_defined Error: Invalid bridge configuration: no remote addresses defined.
error 2.0.0- invalid_bridge_no_topics_defined Error: Invalid bridge configuration: no topics defined.
error 2.1.0- invalid_bridge_port Error: Invalid bridge port value ({number}).
error 2.1.0- invalid_bridge_protocol_version Error: Invalid 'bridge_protocol_version' value ({text}).
error 1.5-2.0.22 invalid_bridge_protocol_version Error: Invalid bridge_protocol_version value ({text}).
error 1.5- invalid_bridge_qos_level Error: Invalid bridge QoS level '{text}'.
error 2.1.0- invalid_bridge_reload_type Error: Invalid 'bridge_reload_type' value in configuration ({text}).
error 1.5- invalid_bridge_remapping Error: Invalid bridge remapping.
error 1.5- invalid_bridge_topic_direction Error: Invalid bridge topic direction '{text}'.
error 1.5- invalid_bridge_topic_local_prefix Error: Invalid bridge topic local prefix '{text}'.
error 1.6.10-1.6.10 invalid_bridge_topic_local_prefix_pattern Error: Invalid bridge topic local prefix and pattern combination '{text}'.
error 1.6.11- invalid_bridge_topic_prefix_pattern_combination Error: Invalid bridge topic {text} prefix and pattern combination '{text}'.
error 1.5- invalid_bridge_topic_remote_prefix Error: Invalid bridge topic remote prefix '{text}'.
error 1.6.10-1.6.10 invalid_bridge_topic_remote_prefix_pattern Error: Invalid bridge topic remote prefix and pattern combination '{text}'.
error 2.1.0- invalid_log_dest Error: Invalid 'log_dest' value ({text}).
error 1.5-2.0.22 invalid_log_dest Error: Invalid log_dest value ({text}).
error 2.1.0- invalid_log_facility Error: Invalid 'log_facility' value ({number}).
error 1.5-2.0.22 invalid_log_facility Error: Invalid log_facility value ({number}).
error 2.1.0- invalid_log_type Error: Invalid 'log_type' value ({text}).
error 1.5-2.0.22 invalid_log_type Error: Invalid log_type value ({text}).
error 2.1.0- invalid_max_keepalive Error: Invalid 'max_keepalive' value ({number}).
error 1.6-2.0.22 invalid_max_keepalive Error: Invalid max_keepalive value ({number}).
error 1.6-2.0.22 invalid_max_packet_size Error: Invalid max_packet_size value ({number}).
error 2.1.0- invalid_max_topic_alias Error: Invalid 'max_topic_alias' value in configuration.
error 2.0.0-2.0.22 invalid_max_topic_alias Error: Invalid max_topic_alias value in configuration.
error 2.1.0- invalid_max_topic_alias_broker Error: Invalid 'max_topic_alias_broker' value in configuration.
error 2.1.0- invalid_memory_limit Error: Invalid 'memory_limit' value ({number}).
error 1.5-2.0.22 invalid_memory_limit Error: Invalid memory_limit value ({number}).
error 2.1.0- invalid_message_size_limit Error: Invalid 'message_size_limit' value ({number}).
error 1.5-2.0.22 invalid_message_size_limit Error: Invalid message_size_limit value ({number}).
error 2.1.0- invalid_mount_point_does_contain_wildcard_character Error: Invalid 'mount_point' value ({text}). Does it contain a wildcard character?
error 1.5-2.0.22 invalid_mount_point_does_contain_wildcard_character Error: Invalid mount_point '{text}'. Does it contain a wildcard character?
error 2.1.0- invalid_persistent_client_expiration_duration Error: Invalid 'persistent_client_expiration' duration in configuration.
error 1.5-2.0.22 invalid_persistent_client_expiration_duration Error: Invalid persistent_client_expiration duration in configuration.
error 2.1.0- invalid_plugin_opt_config Error: Invalid 'plugin_opt_' config option.
error 2.1.0- invalid_port Error: Invalid 'port' value ({number}).
error 1.5-2.0.22 invalid_port Error: Invalid port value ({number}).
error 1.5- invalid_port_specified Error: Invalid port specified ({number}).
error 2.1.0- invalid_protocol_option Error: Invalid 'protocol' value ({text}).
error 1.5-2.0.22 invalid_protocol_option Error: Invalid protocol value ({text}).
error 2.1.0- invalid_socket_domain Error: Invalid 'socket_domain' value '{text}' in configuration.
error 1.5.5-2.0.22 invalid_socket_domain Error: Invalid socket_domain value "{text}" in configuration.
error 2.1.0- invalid_start_type Error: Invalid 'start_type' value in configuration ({text}).
error 1.5-2.0.22 invalid_start_type Error: Invalid start_type value in configuration ({text}).
error 2.1.0- invalid_sys_interval Error: Invalid 'sys_interval' value ({number}).
error 1.5-2.0.22 invalid_sys_interval Error: Invalid sys_interval value ({number}).
error 2.1.0- invalid_tcp_keepalive_counter Error: invalid TCP keepalive counter value.
error 2.1.0- invalid_tcp_keepalive_idle Error: invalid TCP keepalive idle value.
error 2.1.0- invalid_tcp_keepalive_interval Error: invalid TCP keepalive interval value.
error 2.1.0- invalid_tcp_user_timeout Error: invalid TCP user timeout value.
error 2.1.0- invalid_value Error: Invalid '{text}' value ({text}).
error 1.5-2.0.22 invalid_value Error: Invalid {text} value ({text}).
notice 1.5- keepalive_interval_too_low_using_5_seconds keepalive interval too low, using 5 seconds.
error 2.1.0- listener_auto_id_prefix_length_must_50 Error: 'listener_auto_id_prefix' length must be <= 50.
error 2.0.0- listener_port_0_must_provide_unix_socket_path Error: A listener with port 0 must provide a Unix socket path.
info 2.1.0- loading_config_file Loading config file '{text}'
info 1.5.7-2.0.22 loading_config_file Loading config file {text}
warning 1.5- log_facility_not_supported_windows Warning: log_facility not supported on Windows.
error 1.5- malformed_utf_8 Error: Malformed UTF-8 in configuration.
error 1.5- manual_start_type_not_supported Error: Manual start_type not supported.
error 2.1.0- max_inflight_messages_must_65535 Error: 'max_inflight_messages' must be <= 65535.
error 1.6-2.0.22 max_inflight_messages_must_65535 Error: max_inflight_messages must be <= 65535.
error 2.1.0- max_packet_size_must_20 Error: 'max_packet_size' must be >= 20.
error 2.1.0- max_qos_must_between_0_2_inclusive Error: 'max_qos' must be between 0 and 2 inclusive.
error 2.0.0-2.0.22 max_qos_must_between_0_2_inclusive Error: max_qos must be between 0 and 2 inclusive.
error 1.6-1.6.15 maximum_qos_must_between_0_2_inclusive Error: maximum_qos must be between 0 and 2 inclusive.
error 2.1.0- missing_closing_quote_topic Error: Missing closing quote in topic value ({text}).
error 2.1.1- missing_plugin_path_plugin_name Error: Missing plugin path for plugin name '{text}'.
warning 2.1.0- no_longer_available Warning: The '{text}' option is no longer available.
error 1.5- not_currently_possible_add_remove_listeners Error: It is not currently possible to add/remove listeners when reloading the config file.
error 2.1.0- not_number Error: '{text}' value not a number.
notice 2.1.0- now_deprecated_will_removed_version_3_0 The '{text}' option is now deprecated and will be removed in version 3.0. {text}
error 2.0.0- only_ports_can_specified_command_line Error: Only {number} ports can be specified on the command line.
error 2.1.0- out_range Error: '{text}' value out of range.
error 1.5- p_argument_given_but_no_port_specified Error: -p argument given, but no port specified.
warning 2.1.0- packet_buffer_size_must_between_0_65535_inclusive Error: Packet buffer size must be between 0 and 65535 inclusive.
error 1.5- per_listener_settings_must_set_before_any_other Error: per_listener_settings must be set before any other security settings.
error 2.1.0- plugin_not_previously_loaded Error: Plugin '{text}' not previously loaded.
notice 2.0.0-2.0.22 port_now_deprecated_will_removed_future_version The 'port' option is now deprecated and will be removed in a future version. Please use 'listener' instead.
error 2.1.0- proxy_support_not_available_libwebsockets Error: PROXY support not available with libwebsockets.
notice 2.0.6- recommended_replace_message_size_limit_max_packet Note: It is recommended to replace \`message_size_limit\` with \`max_packet_size\`.
error 2.1.0- requires_bridge_defined_first Error: The '{text}' option requires a bridge to be defined first.
error 2.1.0- requires_listener_defined_first Error: The '{text}' option requires a listener to be defined first.
error 2.1.0- requires_plugin_global_plugin_plugin_load_defined Error: The '{text}' option requires plugin/global_plugin/plugin_load to be defined first.
notice 2.1.0- restart_timeout_interval_too_high_using_3600_seconds restart_timeout interval too high, using 3600 seconds.
notice 1.5- restart_timeout_interval_too_low_using_1_second restart_timeout interval too low, using 1 second.
warning 2.1.0- retain_expiry_interval_being_capped_19_years Warning: retain_expiry_interval being capped at 19 years.
warning 2.1.0- retain_expiry_interval_must_1 Error: retain_expiry_interval must be >= 1.
warning 1.5-2.0.22 retry_interval_no_longer_available Warning: The retry_interval option is no longer available.
error 2.1.0- stable_connection_period_cannot_negative Error: stable connection period cannot be negative.
warning 1.5-1.6.15 store_clean_interval_no_longer_needed Warning: store_clean_interval is no longer needed.
notice 1.5- threshold_too_low_using_1_message threshold too low, using 1 message.
error 2.1.0- tls_keylog_argument_given_but_no_file_specified Error: --tls-keylog argument given, but no file specified.
warning 1.5- tls_option_not_supported Warning: TLS support not available.
warning 1.5- tls_tls_psk_option_not_supported Warning: TLS/TLS-PSK support not available.
error 2.1.0- unable_open_config_file Error: Unable to open config file '{text}'.
error 1.5-1.5.7 unable_open_config_file Error: Unable to open config file {text}
error 1.5.8-2.0.22 unable_open_config_file Error: Unable to open config file {text}.
error 1.5-1.5.7 unable_open_file Error: Unable to open configuration file.
error 1.5- unable_open_include_dir Error: Unable to open include_dir '{text}'.
error 1.5- unable_resolve {text}: Unable to resolve {text} {text}.
error 1.5-2.0.22 unknown_variable Error: Unknown configuration variable "{text}".
error 2.1.0- unknown_variable Error: Unknown configuration variable '{text}'.
warning 1.5-1.6.15 unsupported_rsmb Warning: Unsupported rsmb configuration option "{text}".
error 2.1.0- use_subject_username_cannot_used_enable_proxy Error: use_subject_as_username cannot be used with \`enable_proxy_protocol 2\`.
warning 2.0.0-2.0.22 websockets_headers_size_must_between_0_65535 Error: Websockets headers size must be between 0 and 65535 inclusive.
warning 1.6-1.6.15 websockets_headers_size_require_libwebsocket_1_7 Warning: Websockets headers size require libwebsocket 1.7+
warning 1.5- websockets_option_not_supported Warning: Websockets support not available.
warning 2.1.0- websockets_origin_option_not_supported Warning: websockets_origin support not available, libwebsockets version is too old.
error 1.5- websockets_protocol_not_supported Error: Websockets support not available.
error 1.5-2.0.22 you_must_use_create_listener_before_using_mount Error: You must use create a listener before using the mount_point option in the configuration file.
notice 2.1.0- you_using_per_listener_settings_true You are using the '{text}' option with 'per_listener_settings true'. Please replace this with '{text}'.
`);
