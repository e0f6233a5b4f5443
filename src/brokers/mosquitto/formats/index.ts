import type { Format } from '../matching/format.ts';
import { BRIDGE_FORMATS } from './bridge.ts';
import { CLIENT_FORMATS } from './client.ts';
import { CONFIGURATION_FORMATS } from './configuration.ts';
import { DISCONNECT_FORMATS } from './disconnect.ts';
import { DYNAMIC_SECURITY_FORMATS } from './dynamic-security.ts';
import { NETWORK_FORMATS } from './network.ts';
import { OPENSSL_FORMATS } from './openssl.ts';
import { PERSISTENCE_FORMATS } from './persistence.ts';
import { PROCESS_FORMATS } from './process.ts';
import { PROTOCOL_FORMATS } from './protocol.ts';
import { REFUSED_FORMATS } from './refused.ts';
import { SECURITY_FORMATS } from './security.ts';
import { TLS_FORMATS } from './tls.ts';

/** Formats of all tables, by what they are about. */
export const TABLES: Readonly<Record<string, readonly Format[]>> = {
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
