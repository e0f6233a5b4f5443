import { parseFormats } from '../matching/format.ts';

/** The database of sessions and messages. */
export const PERSISTENCE_FORMATS = parseFormats(`
error 1.5-1.6.7 corrupt_database_whilst_restoring_retained_message Error: Corrupt database whilst restoring a retained message.
error 1.5-1.5.11 corrupt_persistent_database Error: Corrupt persistent database.
error 1.5- database_error Error: {errno}.
debug 2.1.0- drop_message_clientid_store_id_direction Drop message clientid {client} store_id {number} direction {number}
warning 2.0.0- empty_client_entry_found_persistence_database_may Warning: Empty client entry found in persistence database, it may be corrupt.
error 2.1.0- error_during_saving_memory_database Error during saving in-memory database {text}: {error}.
error 1.5-1.6.15 error_restoring_persistent_database_message_store Error restoring persistent database, message store corrupt.
error 2.1.0- error_saving_memory_database Error saving in-memory database, {error}
info 1.5-2.0.22 error_saving_memory_database_out_memory Error saving in-memory database, out of memory.
info 1.5-2.0.22 error_saving_memory_database_unable_open_writing Error saving in-memory database, unable to open {text} for writing.
info 1.5-2.0.22 error_saving_memory_database_unable_remove Error saving in-memory database, unable to remove {text}.
error 1.5- incompatible_database_dbid_size_bytes_expected Error: Incompatible database configuration (dbid size is {number} bytes, expected {number})
error 2.1.0- invalid_value Error: Invalid '{text}' value {number} in configuration.
warning 2.0.0- persistence_file_contains_client_message_no_matching Warning: Persistence file contains client message with no matching client. File may be corrupt.
warning 1.5- persistence_file_empty Warning: Persistence file is empty.
warning 2.0.19- persistence_found_subscription_no_client_id_ignoring Warning: Persistence found a subscription with no client id, ignoring.
warning 2.0.19- persistence_found_subscription_no_topic_filter Warning: Persistence found a subscription with no topic filter, ignoring.
info 2.1.0- restored_base_messages Restored {number} base messages
info 2.1.0- restored_client_messages Restored {number} client messages
info 2.1.0- restored_clients Restored {number} clients
info 2.1.0- restored_retained_messages Restored {number} retained messages
info 2.1.0- restored_subscriptions Restored {number} subscriptions
info 1.5- saving_memory_database Saving in-memory database to {text}.
error 2.1.0- sqlite_error_restoring_client_messages sqlite: Error restoring client messages: {error}
error 2.1.0- sqlite_error_restoring_clients sqlite: Error restoring clients: {error}
error 2.1.0- sqlite_error_restoring_messages sqlite: Error restoring messages: {error}
error 2.1.0- sqlite_error_restoring_retained_messages sqlite: Error restoring retained messages: {error}
error 2.1.0- sqlite_error_restoring_subscriptions sqlite: Error restoring subscriptions: {error}
error 2.1.0- sqlite_error_restoring_will_messages sqlite: Error restoring will messages: {error}
info 2.1.0- sqlite_persistence_closed_db Sqlite persistence: Closed DB
error 2.1.0- sqlite_persistence_closing_final_transaction Error: Sqlite persistence: Closing final transaction {text}
warning 2.1.0- sqlite_persistence_error_closing_database Warning: Sqlite persistence: Error closing database: {error}
error 2.1.0- sqlite_persistence_error_creating_tables Sqlite persistence: Error creating tables: {error}
error 2.1.0- sqlite_persistence_error_opening Sqlite persistence: Error opening {text}: {error}
error 2.1.0- sqlite_persistence_error_opening_database Sqlite persistence: Error opening database: {error}
error 2.1.0- sqlite_persistence_error_preparing_statements Sqlite persistence: Error preparing statements: {error}
warning 2.1.0- sqlite_persistence_final_wal_checkpoint Warning: Sqlite persistence: Final  wal_checkpoint  {text}
warning 2.1.0- sqlite_persistence_ignoring_string_pair_property Sqlite persistence: Ignoring string pair property whilst restoring, name is missing or incorrect type
error 2.1.0- sqlite_persistence_invalid_plugin_opt_sync Sqlite persistence: Invalid plugin_opt_sync value '{text}'.
info 2.1.0- sqlite_persistence_out_memory Sqlite persistence: Out of memory.
warning 2.1.0- sqlite_persistence_out_memory_whilst_restoring Sqlite persistence: Out of memory whilst restoring {text} property
warning 2.1.0- sqlite_persistence_plugin_has_no_plugin_opt_db_file Warning: Sqlite persistence plugin has no plugin_opt_db_file defined. The plugin will not be activated.
error 2.1.0- sqlite_persistence_unable_register_plugin Sqlite persistence: Unable to register plugin ({number})
error 2.1.0- sqlite_persistence_unable_register_plugin_broker Sqlite persistence: Unable to register plugin: broker doesn't support persistence plugins, please upgrade to 2.1 or higher
error 2.1.0- sqlite_persistence_unable_register_plugin_out_memory Sqlite persistence: Unable to register plugin: out of memory
error 2.1.0- sqlite_persistence_unknown_database_schema_version Sqlite persistence: Unknown database_schema version {number}.{number}.{number}
warning 2.1.0- sqlite_property_incorrect_type Sqlite persistence: Ignoring {text} property whilst restoring, value is incorrect type
warning 2.1.0- sqlite_property_invalid Sqlite persistence: Ignoring property whilst restoring, invalid identifier / value
warning 2.1.0- sqlite_property_too_large Sqlite persistence: Ignoring {text} property whilst restoring, value is too large
warning 2.1.0- sqlite_property_unknown Sqlite persistence: Ignoring property whilst restoring, unknown identifier
info 2.1.0- sqlite_restored_base_messages_failed sqlite: Restored {number} base messages ({number} failed)
info 2.1.0- sqlite_restored_client_messages_failed sqlite: Restored {number} client messages ({number} failed)
info 2.1.0- sqlite_restored_clients_failed sqlite: Restored {number} clients ({number} failed)
info 2.1.0- sqlite_restored_retained_messages_failed sqlite: Restored {number} retained messages ({number} failed)
info 2.1.0- sqlite_restored_subscriptions_failed sqlite: Restored {number} subscriptions ({number} failed)
info 2.1.0- sqlite_restored_will_messages_failed sqlite: Restored {number} will messages ({number} failed)
error 1.5- unable_restore_persistent_database_unrecognised_file Error: Unable to restore persistent database. Unrecognised file format.
warning 1.5- unsupported_chunk_persistent_database_file_ignoring Warning: Unsupported chunk "{number}" in persistent database file. Ignoring.
error 1.5- unsupported_persistent_database_format_version_need Error: Unsupported persistent database format version {number} (need version {number}).
`);
