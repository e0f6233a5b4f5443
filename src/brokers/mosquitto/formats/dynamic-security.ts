import { parseFormats } from '../matching/format.ts';

/** Configuration file of the dynamic-security plugin; its commands are in `lines/dynamic-security.ts`. */
export const DYNAMIC_SECURITY_FORMATS = parseFormats(`
error 2.0.15- dynamic_security_plugin_can_currently_only_loaded Error: Dynamic security plugin can currently only be loaded once.
error 2.0.15- dynamic_security_plugin_can_only_loaded_once Error: Dynamic security plugin can only be loaded once.
info 2.1.0- dynamic_security_plugin_config_not_found_generating Dynamic security plugin config not found, generating a default config.
warning 2.0.0- dynamic_security_plugin_has_no_plugin_opt_config Warning: Dynamic security plugin has no plugin_opt_config_file defined. The plugin will not be activated.
error 2.0.4-2.0.22 dynsec_config_not_json Error loading Dynamic security plugin config: File is not valid JSON.
error 2.1.0- dynsec_config_not_json Error loading Dynamic security plugin config: File is not valid JSON.
error 2.0.4-2.0.22 dynsec_config_not_readable Error loading Dynamic security plugin config: File is not readable - check permissions.
error 2.1.0- dynsec_config_not_readable Error loading Dynamic security plugin config: File is not readable - check permissions.
warning 2.0.0-2.0.3 error_loading_dynamic_security_plugin_config Error loading Dynamic security plugin config: {error}
error 2.0.4-2.0.22 error_loading_dynamic_security_plugin_config Error loading Dynamic security plugin config: {error}
error 2.1.0- error_loading_dynamic_security_plugin_config Error loading Dynamic security plugin config: {error}
error 2.0.15-2.0.22 error_loading_dynamic_security_plugin_config_config Error loading Dynamic security plugin config: Config is not a file.
warning 2.0.4- error_loading_dynamic_security_plugin_config_unable Error loading Dynamic security plugin config: Unable to read file contents.
error 1.5- error_out_of_memory Error: Out of memory.
error 2.1.0- error_saving_dynamic_security_plugin_config Error saving Dynamic security plugin config: {error}
error 2.1.0- error_saving_dynamic_security_plugin_config_cannot Error saving Dynamic security plugin config: Cannot write whole config ({number}) bytes to file {text}
error 2.0.4-2.0.22 error_saving_dynamic_security_plugin_config_file_not Error saving Dynamic security plugin config: File is not writable - check permissions.
error 2.0.4- error_saving_dynamic_security_plugin_config_out Error saving Dynamic security plugin config: Out of memory.
error 2.0.0-2.0.22 error_updating_dynsec_config_file Error updating dynsec config file: {error}
warning 2.0.16-2.0.22 file_group_not_future_versions_will_refuse_load_file Warning: File {text} group is not {text}. Future versions will refuse to load this file.
warning 2.0.16-2.0.17 file_has_world_readable_permissions Warning: File {text} has world readable permissions. Future versions will refuse to load this file.
warning 2.0.18-2.0.22 file_has_world_readable_permissions Warning: File {text} has world readable permissions. Future versions will refuse to load this file.To fix this, use \`chmod 0700 {text}\`.
warning 2.0.18-2.0.22 file_owner_not Warning: File {text} owner is not {text}. Future versions will refuse to load this file.To fix this, use \`chown {text} {text}\`.
warning 2.0.16-2.0.17 file_owner_not_future_versions_will_refuse_load_file Warning: File {text} owner is not {text}. Future versions will refuse to load this file.
info 2.1.0- generated_passwords_pw   Generated passwords are at {text}.pw
error 2.0.12-2.0.22 not_file Error: {text} is not a file.
error 2.1.0- not_generating_dynsec_config_mosquitto_dynsec Error: Not generating dynsec config, MOSQUITTO_DYNSEC_PASSWORD must be at least 12 characters.
error 2.0.15- note_previously_incorrectly_allowed_but_could_cause Note that this was previously incorrectly allowed but could cause problems with duplicate entries in the config.
error 2.1.0- unable_get_initial_password_file_empty Error: Unable to get initial password from '{text}', file empty.
error 2.1.0- unable_get_initial_password_file_not_accessible Error: Unable to get initial password from '{text}', file not accessible.
error 2.1.0- unable_get_initial_password_out_memory Error: Unable to get initial password from '{text}', out of memory.
error 2.1.0- unable_get_initial_password_password_empty Error: Unable to get initial password from '{text}', password is empty.
info 2.1.0- using_admin_password_file   Using admin password from file '{text}'
info 2.1.0- using_admin_password_mosquitto_dynsec_password   Using admin password from MOSQUITTO_DYNSEC_PASSWORD environment variable
`);
