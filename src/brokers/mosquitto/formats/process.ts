import { parseFormats } from '../matching/format.ts';

/** Start, privileges and files of the process. */
export const PROCESS_FORMATS = parseFormats(`
warning 1.5- cant_start_daemon_mode_windows Warning: Can't start in daemon mode in Windows.
info 1.5- config_loaded Config loaded from {text}.
error 1.5- couldnt_open_database Error: Couldn't open database.
error 1.5- error_fork Error in fork: {error}
error 1.5- error_setsid Error in setsid: {error}
error 1.5- error_setting_gid_whilst_dropping_privileges Error setting gid whilst dropping privileges: {error}.
error 1.5-1.6.15 error_setting_gid_whilst_restoring_privileges Error setting gid whilst restoring privileges: {error}.
error 1.5- error_setting_groups_whilst_dropping_privileges Error setting groups whilst dropping privileges: {error}.
error 1.5- error_setting_uid_whilst_dropping_privileges Error setting uid whilst dropping privileges: {error}.
error 1.5-1.6.15 error_setting_uid_whilst_restoring_privileges Error setting uid whilst restoring privileges: {error}.
error 2.0.16- error_whilst_daemonising Error whilst daemonising ({text}): {error}
info 2.1.0- file_group_not_future_versions_will_refuse_load_file Warning: File {text} group is not {text}. Future versions will refuse to load this file.
warning 2.0.18-2.0.22 file_has_world_readable_permissions Warning: File {text} has world readable permissions. Future versions will refuse to load this file.
info 2.1.0- file_has_world_readable_permissions Warning: File {text} has world readable permissions. Future versions will refuse to load this file.
info 2.1.0- file_ok Configuration file is OK.
info 2.1.0- file_owner_not Warning: File {text} owner is not {text}. Future versions will refuse to load this file.To fix this, use \`chown {text} {text}\`.
warning 2.0.18-2.0.22 fix_use_chmod_0700 To fix this, use \`chmod 0700 {text}\`.
info 2.1.0- fix_use_chmod_0700 To fix this, use \`chmod 0700 {text}\`.
error 1.6.3- internal_log \u001b[32m{text}\u001b[0m
error 1.6.3- internal_log_buffer_too_short Internal log buffer too short ({number})
error 1.5-1.6.15 invalid_user Error: Invalid user '{text}'.
warning 1.5- mosquitto_should_not_run_root_administrator Warning: Mosquitto should not be run as root/administrator.
notice 2.1.1- mosquitto_unsafe_allow_symlinks_set_loading MOSQUITTO_UNSAFE_ALLOW_SYMLINKS is set, loading of sensitive files through symbolic links is allowed.
error 2.1.0- must_not_less_than Error: {text} must not be less than {number}
error 2.1.0- must_not_negative Error: {text} must not be negative
info 2.1.0- not_file Error: {text} is not a file.
error 2.1.0- not_valid_id Error: {text} not a valid ID '{text}'
info 2.1.0- persistence_support_available Persistence support available.
info 2.1.0- persistence_support_not_available Persistence support NOT available.
error 2.1.0- please_provide_file_test Please provide a configuration file to test.
error 2.0.0- privileges_dropped_to_nobody Warning: Unable to drop privileges to '{text}' because this user does not exist. Trying 'nobody' instead.
info 2.1.0- running_mosquitto_user Info: running mosquitto as user: {text}.
info 2.1.0- running_mosquitto_user_id Info: running mosquitto as user id: {number}.
info 2.1.0- tls_psk_support_available TLS-PSK support available.
info 2.1.0- tls_psk_support_not_available TLS-PSK support NOT available.
error 2.1.0- umask_set_environment_variable_not_valid_octal Error: UMASK_SET environment variable not a valid octal number.
error 2.1.0- umask_set_environment_variable_out_range Error: UMASK_SET environment variable out of range.
error 2.0.0- unable_drop_privileges_because_user_does_not_exist Error: Unable to drop privileges to '{text}' because this user does not exist.
error 2.0.0- unable_drop_privileges_nobody Error: Unable to drop privileges to 'nobody'.
warning 2.0.16- unable_increase_maximum_allowed_connections Warning: Unable to increase maximum allowed connections. This session may be limited to 512 connections.
error 1.5- unable_open_log_file_writing Error: Unable to open log file {text} for writing.
error 1.5- unable_write_pid_file Error: Unable to write pid file.
info 1.5- using_default_config Using default config.
info 2.1.0- websockets_support_available Websockets support available.
info 2.1.0- websockets_support_not_available Websockets support NOT available.
`);
