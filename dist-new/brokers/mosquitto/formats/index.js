import { BRIDGE_FORMATS } from './bridge.js';
import { CONFIGURATION_FORMATS } from './configuration.js';
import { DISCONNECT_FORMATS } from './disconnect.js';
import { DYNAMIC_SECURITY_FORMATS } from './dynamic-security.js';
import { NETWORK_FORMATS } from './network.js';
import { PERSISTENCE_FORMATS } from './persistence.js';
import { PROCESS_FORMATS } from './process.js';
import { CLIENT_FORMATS, OPENSSL_FORMATS, PROTOCOL_FORMATS, REFUSED_FORMATS } from './protocol.js';
import { SECURITY_FORMATS } from './security.js';
import { TLS_FORMATS } from './tls.js';
/** Formats of all tables, by what they are about. */
export const TABLES = {
    'End of connections': DISCONNECT_FORMATS,
    'Refused connections': REFUSED_FORMATS,
    'Sessions and messages': CLIENT_FORMATS,
    'Broken protocol': PROTOCOL_FORMATS,
    'TLS errors': OPENSSL_FORMATS,
    Bridges: BRIDGE_FORMATS,
    'Dynamic security': DYNAMIC_SECURITY_FORMATS,
    'Password, ACL and PSK files, plugins': SECURITY_FORMATS,
    'TLS set-up': TLS_FORMATS,
    Persistence: PERSISTENCE_FORMATS,
    Network: NETWORK_FORMATS,
    Process: PROCESS_FORMATS,
    Configuration: CONFIGURATION_FORMATS,
};
