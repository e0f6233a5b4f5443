import type { JsonObject } from '../../../core/event.ts';

/** Columns by which an event is known, the most telling first (`SELECT *` of 4.0 to 6.2). */
const SHAPES: readonly (readonly [event: string, fields: readonly string[]])[] = [
  ['alarm.deactivated', ['name', 'deactivated_at']],
  ['alarm.activated', ['name', 'activated_at']],
  ['schema.validation_failed', ['topic', 'validation']],
  ['message.transformation_failed', ['topic', 'transformation']],
  ['client.disconnected', ['clientid', 'disconnected_at']],
  ['client.check_authz_complete', ['clientid', 'topic', 'action', 'result']],
  ['client.check_authn_complete', ['clientid', 'reason_code', 'is_superuser']],
  ['client.connack', ['clientid', 'reason_code', 'keepalive']],
  ['client.connack', ['clientid', 'reason_code', 'connected_at']],
  ['client.connected', ['clientid', 'connected_at', 'keepalive']],
  ['client.connected', ['clientid', 'is_bridge']],
  ['client.ping', ['clientid', 'keepalive', 'clean_start']],
  ['session.subscribed', ['clientid', 'topic', 'sub_props']],
  ['session.unsubscribed', ['clientid', 'topic', 'unsub_props']],
  ['message.acked', ['from_clientid', 'topic', 'puback_props']],
  ['delivery.dropped', ['from_clientid', 'topic', 'reason']],
  ['message.delivered', ['from_clientid', 'topic', 'payload']],
  ['message.dropped', ['clientid', 'topic', 'payload', 'reason']],
  ['message.publish', ['clientid', 'topic', 'payload', 'publish_received_at']],
];

/** A reason of one event alone, which has no publisher in its columns. */
function isWithoutSubscribers({ topic, qos, reason }: JsonObject): boolean {
  return topic !== undefined && qos !== undefined && reason === 'no_subscribers';
}

/** The event of a rule whose SQL has left out `event`; undefined: the columns do not tell. */
export function inferredEvent(body: JsonObject): string | undefined {
  const known = SHAPES.find(([, fields]) => fields.every((field) => Object.hasOwn(body, field)))?.[0];
  return known ?? (isWithoutSubscribers(body) ? 'message.dropped' : undefined);
}
