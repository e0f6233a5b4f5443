import { parseFormats } from '../matching/format.ts';

/** Sockets and the event loop. */
export const NETWORK_FORMATS = parseFormats(`
info 1.6-2.0.4 binding_listener_interface Binding listener to interface "{text}".
warning 2.0.21- ca_path_not_supported_websockets Warning: CA path option is not supported for websockets
warning 2.0.0- create_file_which_defines_listener_allow_remote Create a configuration file which defines a listener to allow remote access.
error 1.6- error_creating_listener Error creating listener: {error}.
error 1.5- error_epoll_accepting Error in epoll accepting: {error}
error 1.5-1.6.15 error_epoll_accepting_no_context Error in epoll accepting: no context
error 1.5- error_epoll_creating Error in epoll creating: {error}
debug 1.5-1.6.15 error_epoll_disconnecting Error in epoll disconnecting: {error}
debug 1.5-1.6.15 error_epoll_disconnecting_websockets Error in epoll disconnecting websockets: {error}
error 1.5- error_epoll_initial_registering Error in epoll initial registering: {error}
debug 1.5- error_epoll_re_registering_epollin Error in epoll re-registering to EPOLLIN: {error}
debug 1.5- error_epoll_re_registering_epollout Error in epoll re-registering to EPOLLOUT: {error}
error 1.5- error_epoll_waiting Error in epoll waiting: {error}.
error 2.1.0- error_kqueue_accepting Error in kqueue accepting: {error}
error 2.1.0- error_kqueue_creating Error in kqueue creating: {error}
error 2.1.0- error_kqueue_initial_registering Error in kqueue initial registering: {error}
debug 2.1.0- error_kqueue_re_registering_evfilt_write Error in kqueue re-registering to EVFILT_WRITE: {error}
debug 2.1.0- error_kqueue_removing_evfilt_write Error in kqueue removing EVFILT_WRITE: {error}
error 2.1.0- error_kqueue_waiting Error in kqueue waiting: {error}.
error 1.5- error_poll Error in poll: {error}.
debug 1.5- http_serving_file http serving file "{text}".
error 2.0.10- if_you_trying_bind_privileged_port_1024_try_using If you are trying to bind to a privileged port (<1024), try using setcap and do not start the broker as root:
error 2.0.16- interface_address_does_not_match_specified_listener Error: Interface address for {text} does not match specified listener address ({text}).
warning 2.0.9-2.0.15 interface_address_does_not_match_specified_listener Warning: Interface address for {text} does not match specified listener address ({text}).
error 2.0.16- interface_does_not_exist Error: Interface {text} does not exist.
warning 2.0.9- interface_does_not_support Warning: Interface {text} does not support {text} configuration.
error 2.0.5-2.0.8 interface_not_found Error: Interface {text} not found.
info 2.1.0- keylog_file_must_not_symbolic_link Error: keylog file must not be a symbolic link
warning 2.0.10- more_details_see_https_mosquitto_org_documentation For more details see https://mosquitto.org/documentation/authentication-methods/
error 1.5- out_memory Out of memory.
error 2.0.0- path_unix_socket_too_long Error: Path to unix socket is too long "{text}".
error 1.5- protocol_not_supported Error: Protocol {text} not supported.
warning 2.0.0- starting_local_only_mode Starting in local only mode. Connections will only be possible from clients running on this machine.
error 2.0.10- sudo_setcap_cap_net_bind_service_ep_usr_sbin     sudo setcap 'CAP_NET_BIND_SERVICE=+ep /usr/sbin/mosquitto'
error 1.5- unable_create_websockets_listener_port Error: Unable to create websockets listener on port {port}.
error 1.5- unable_open_http_dir Error: Unable to open http dir "{text}".
info 2.1.0- unable_open_keylog_file Error: Unable to open keylog file: {error}
warning 1.5- unable_set_tcp_nodelay Warning: Unable to set TCP_NODELAY.
error 1.6.9- unable_start_any_listening_sockets_exiting Error: Unable to start any listening sockets, exiting.
error 2.1.0- unable_start_http_api_listener Unable to start http api listener.
error 2.1.3- unable_start_http_api_listener Unable to start http api listener ({error}).
error 2.1.0- unable_start_http_api_listener_could_not_find Unable to start http api listener, could not find address.
error 1.5- socket_error_words Error: {errno}
error 2.0.0- unix_socket_not_bound Error binding unix socket: {error}
error 2.0.0- unix_socket_not_created Error creating unix socket: {error}
error 2.0.0- unix_socket_not_listening Error listening to unix socket: {error}
warning 1.5- socket_warning_words Warning: {errno}
info 2.1.0- using_http_dir Using http_dir {text}
`);
