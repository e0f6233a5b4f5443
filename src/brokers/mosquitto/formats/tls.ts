import { type EmitReading, emitPlaceholders, type Format, parseFormats } from '../matching/format.ts';

/** Lines of OpenSSL that tell why follow at once. */
const failed: EmitReading = (reading, line, sure) => {
  if (sure) line.next = { type: 'tls-setup' };
  emitPlaceholders(reading, line, sure);
};

/** Certificates, keys and ciphers of listeners and bridges; OCSP. */
export const TLS_FORMATS: readonly Format[] = [
  ...parseFormats(
    `
error 1.5- client_certificate_key_inconsistent Error: Client certificate/key are inconsistent.
error 1.6-2.0.22 error_loading_dhparamfile Error loading dhparamfile "{text}".
error 1.6- error_loading_engine Error loading {text} engine
error 1.6- failed_engine_initialisation Failed engine initialisation
error 1.5- server_certificate_key_inconsistent Error: Server certificate/key are inconsistent.
error 1.5- unable_create_tls_context Error: Unable to create TLS context.
error 1.5- unable_load_ca_certificates_check_bridge_cafile Error: Unable to load CA certificates, check bridge_cafile "{text}".
error 1.5- unable_load_ca_certificates_check_bridge_both Error: Unable to load CA certificates, check bridge_cafile "{text}" and bridge_capath "{text}".
error 1.5- unable_load_ca_certificates_check_bridge_capath Error: Unable to load CA certificates, check bridge_capath "{text}".
error 1.5- unable_load_ca_certificates_check_cafile Error: Unable to load CA certificates, check cafile "{text}".
error 1.5- unable_load_ca_certificates_check_cafile Error: Unable to load CA certificates. Check cafile "{text}".
error 1.5- unable_load_ca_certificates_check_cafile_capath Error: Unable to load CA certificates, check cafile "{text}" and capath "{text}".
error 1.5- unable_load_ca_certificates_check_cafile_capath Error: Unable to load CA certificates. Check cafile "{text}" and capath "{text}".
error 1.5- unable_load_ca_certificates_check_capath Error: Unable to load CA certificates, check capath "{text}".
error 1.5- unable_load_ca_certificates_check_capath Error: Unable to load CA certificates. Check capath "{text}".
error 1.5- unable_load_certificate_revocation_file_check Error: Unable to load certificate revocation file "{text}". Check crlfile.
error 1.5- unable_load_client_certificate_check_bridge_certfile Error: Unable to load client certificate, check bridge_certfile "{text}".
error 1.5- unable_load_client_key_file_check_bridge_keyfile Error: Unable to load client key file, check bridge_keyfile "{text}".
error 1.6- unable_load_engine_private_key_file Error: Unable to load engine private key file "{text}".
error 1.5- unable_load_server_certificate_check_certfile Error: Unable to load server certificate "{text}". Check certfile.
error 1.5- unable_load_server_key_file_check_keyfile Error: Unable to load server key file "{text}". Check keyfile.
error 1.5- unable_obtain_tls_store Error: Unable to obtain TLS store.
error 1.6- unable_set_engine_pin Error: Unable to set engine pin
error 1.6- unable_set_engine_secret_mode_sha Error: Unable to set engine secret mode sha
error 1.6- unable_set_engine_secret_mode_sha1 Error: Unable to set engine secret mode sha1
error 1.5- unable_set_tls_ciphers_check_cipher_list Error: Unable to set TLS ciphers. Check cipher list "{text}".
error 1.5- unable_set_tls_psk_hint Error: Unable to set TLS PSK hint.
error 1.6- unable_use_engine_private_key_file Error: Unable to use engine private key file "{text}".
`,
    { emit: failed },
  ),
  ...parseFormats(`
error 1.6- could_not_activate_ocsp_error Could not activate OCSP (error: {number})
error 2.0.0- error_reloading_certificate_or_key Error when reloading certificate '{text}' or key '{text}'.
error 1.5-2.0.22 host_name_verification_failed Error: host name verification failed.
debug 1.6- ocsp_invalid_response OCSP: invalid response
debug 1.6- ocsp_invalid_status OCSP: invalid status: {text} ({number})
debug 1.6- ocsp_no_response OCSP: no response
debug 1.6- ocsp_ocsp_response_has_expired OCSP: OCSP response has expired
debug 1.6- ocsp_response_verification_failed_error OCSP: response verification failed (error: {number})
debug 1.6- ocsp_ssl_certificate_revocation_reason OCSP: SSL certificate revocation reason: {text} ({number})
debug 1.6- ocsp_ssl_certificate_revocation_status_unknown OCSP: SSL certificate revocation status unknown
debug 1.6- ocsp_ssl_certificate_status OCSP: SSL certificate status: {text} ({number})
debug 1.6- ocsp_ssl_get_tlsext_status_ocsp_resp_returned_bytes OCSP: SSL_get_tlsext_status_ocsp_resp returned {number} bytes
error 1.6- ocsp_we_did_not_receive_certificates_server_num OCSP: we did not receive certificates of the server (num: {number})
warning 2.1.0- please_aware_support_tls_v1_1_will_go_away Please be aware that support for TLS v1.1 will go away eventually and that you should plan now to migrate away from it.
notice 2.1.0- tls_key_logging_debugging_only TLS key logging is for DEBUGGING only.
notice 2.1.0- tls_key_logging_enabled_all_listeners TLS key logging to '{text}' enabled for all listeners.
info 2.1.0- tls_support_available TLS support available.
info 2.1.0- tls_support_not_available TLS support NOT available.
warning 2.1.0- tls_v1_1_insecure Warning: TLS v1.1 is insecure. It must only be used in the case where you have devices that cannot be upgraded to use a secure version of TLS. It is recommended to use as secure a set of ciphers as possible and that will restrict it to TLS v1.1 only, and to use a separate listener using TLS v1.2 and secure ciphers for your other devices.
error 2.0.0- unable_set_tls_1_3_ciphersuites_check_cipher_tls13 Error: Unable to set TLS 1.3 ciphersuites. Check cipher_tls13 list "{text}".
error 1.6- unsupported_tls_version Error: Unsupported tls_version "{text}".
`),
];
