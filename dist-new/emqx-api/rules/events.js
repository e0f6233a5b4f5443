const event = (name, from, since = [5, 0, 0], ofMessage = false) => ({ name, from, since, ofMessage });
/** Every event of 5.0 to 6.2 (`emqx_rule_events:event_topics_enum/0` and `event_name/1` of each version). */
export const RULE_EVENTS = [
    event('client.connected', '$events/client_connected'),
    event('client.disconnected', '$events/client_disconnected'),
    event('client.connack', '$events/client_connack'),
    event('client.ping', '$events/client/ping', [6, 1, 0]),
    event('client.check_authn_complete', '$events/client_check_authn_complete', [5, 7, 2]),
    event('client.check_authz_complete', '$events/client_check_authz_complete'),
    event('session.subscribed', '$events/session_subscribed'),
    event('session.unsubscribed', '$events/session_unsubscribed'),
    event('alarm.activated', '$events/sys/alarm_activated', [5, 8, 5]),
    event('alarm.deactivated', '$events/sys/alarm_deactivated', [5, 8, 5]),
    event('message.publish', '#', [5, 0, 0], true),
    event('message.delivered', '$events/message_delivered', [5, 0, 0], true),
    event('message.acked', '$events/message_acked', [5, 0, 0], true),
    event('message.dropped', '$events/message_dropped', [5, 0, 0], true),
    event('delivery.dropped', '$events/delivery_dropped', [5, 0, 0], true),
    event('schema.validation_failed', '$events/schema_validation_failed', [5, 7, 0], true),
    event('message.transformation_failed', '$events/message_transformation_failed', [5, 7, 1], true),
];
/** First version with connectors and actions in its API. */
export const ACTIONS_SINCE = [5, 4, 0];
/** `5.8.9` of what a node calls its version; undefined: it is none. */
export function versionOf(text) {
    const found = /(\d+)\.(\d+)\.(\d+)/.exec(text);
    return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])];
}
/** True when a version is one or later. */
export function isSince(version, since) {
    for (let i = 0; i < since.length; i++) {
        const [a = 0, b = 0] = [version[i], since[i]];
        if (a !== b)
            return a > b;
    }
    return true;
}
