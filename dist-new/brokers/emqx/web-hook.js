import { word } from './entry.js';
import { emitReport } from './event-emitter.js';
import { EVENT } from './event-kinds.js';
import { readReason } from './reason.js';
import { clientWords, connack, connection, disconnected, message, subscription } from './rule-event.js';
/** Bodies of the plugin `emqx_web_hook` of 4.x (`action` where the rule engine has `event`). */
const RULES = {
    client_connect: (report, out) => connection(EVENT.connectReceived, report, 'seconds', out),
    client_connack: connack,
    client_connected: (report, out) => connection(EVENT.connected, report, 'seconds', out),
    client_disconnected: disconnected,
    client_subscribe: (report, out) => subscription(EVENT.subscriptionRequested, report, out),
    client_unsubscribe: (report, out) => subscription(EVENT.unsubscriptionRequested, report, out),
    session_subscribed: (report, out) => subscription(EVENT.subscriptionAdded, report, out),
    session_unsubscribed: (report, out) => subscription(EVENT.subscriptionRemoved, report, out),
    session_terminated: (report, out) => emitReport(EVENT.sessionExpired, report, `session_terminated${clientWords(report.body)}`, [], out, {
        reason: readReason(report.body.reason),
    }),
    message_publish: (report, out) => message(EVENT.published, published(report), out),
    message_delivered: (report, out) => message(EVENT.delivered, delivered(report), out),
    message_acked: (report, out) => message(EVENT.acknowledged, delivered(report), out),
    message_dropped: (report, out) => message(EVENT.publishDropped, published(report), out),
};
export function isWebHookAction(action) {
    return Object.hasOwn(RULES, action);
}
export function emitWebHook(action, report, out) {
    if (Object.hasOwn(RULES, action))
        RULES[action]?.(report, out);
}
/** The plugin names the publisher `from_client_id` in every body about a message. */
function published(report) {
    const { from_client_id: clientid, from_username: username, ...body } = report.body;
    const named = {
        ...(word(clientid) && { clientid }),
        ...(word(username) && { username }),
    };
    return { ...report, body: { ...body, ...named } };
}
function delivered(report) {
    const { from_client_id: publisher, ...body } = report.body;
    return { ...report, body: { ...body, from_clientid: publisher ?? null } };
}
