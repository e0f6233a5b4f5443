import type { FieldName } from '../../../ecs/catalogue.ts';
import { defineKind } from '../../../ecs/kind.ts';
import {
  type EmitReading,
  emitPlaceholders,
  type Format,
  parseFormats,
  valuesOf,
} from '../matching/format.ts';

/** A message was not sent to a client. Of the probe's own client it means that the probe misses it. */
const unsent = (
  code: string,
  level: 'notice' | 'debug',
  reason: string,
  slots: readonly FieldName[],
): EmitReading => {
  const constants = { 'event.reason': reason };
  const own = defineKind({ code: `mosquitto.own_${code}`, action: 'input-gap', level, constants, slots });
  return (reading, line, sure) => {
    const client = reading.texts[reading.format.client];
    if (sure && client !== undefined && line.ownClients.has(client)) line.emit(own, valuesOf(reading, line));
    else emitPlaceholders(reading, line, sure);
  };
};

/** What became of sessions, connections and messages. */
export const CLIENT_FORMATS: readonly Format[] = [
  ...parseFormats(
    `
notice 1.6.8- session_expired Expiring client {client} due to timeout.
notice 1.5-1.6.7 persistent_session_expired Expiring persistent client {client} due to timeout.
`,
    { action: 'session-expired' },
  ),
  ...parseFormats(
    `
notice 2.1.0- proxy_negotiated Connection from {peer} negotiated {tls} cipher {cipher}
`,
    { constants: { 'tls.established': true, 'tls.version_protocol': 'tls' } },
  ),
  ...parseFormats(
    `
notice 1.6- outgoing_too_large Dropping too large outgoing PUBLISH for {client} ({bytes} bytes)
`,
    {
      action: 'message-dropped',
      reason: 'packet_too_large',
      constants: { 'mqtt.drop.stage': 'delivery', 'network.direction': 'egress' },
      emit: unsent('outgoing_too_large', 'notice', 'packet_too_large', ['mqtt.client.id', 'network.bytes']),
    },
  ),
  ...parseFormats(
    `
debug 2.1.0- publish_over_quota Rejected PUBLISH from {client}, quota exceeded.
`,
    {
      action: 'message-dropped',
      reason: 'quota_exceeded',
      constants: { 'mqtt.drop.stage': 'publish', 'network.direction': 'ingress' },
    },
  ),
  ...parseFormats(
    `
debug 2.1.0- delivery_over_quota Rejected PUBLISH to {client}, quota exceeded.
`,
    {
      action: 'message-dropped',
      reason: 'quota_exceeded',
      constants: { 'mqtt.drop.stage': 'delivery', 'network.direction': 'egress' },
      emit: unsent('delivery_over_quota', 'debug', 'quota_exceeded', ['mqtt.client.id']),
    },
  ),
  ...parseFormats(`
info 2.1.0- auth_packet_unexpected      or attempted to continue authentication when no authentication in progress.
warning 1.6.11-2.0.22 user_without_acl Failed to associate persisted user {text} with ACLs, likely due to changed ports while using a per_listener_settings configuration.
`),
];
