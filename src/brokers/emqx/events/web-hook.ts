import type { JsonObject } from '../../../core/event.ts';
import type { Emitter } from '../emitter.ts';
import { number, word } from '../values/json.ts';
import { MAX_CODE } from '../values/mqtt.ts';
import { readReason } from '../values/reason.ts';
import { connack, connected, connection, disconnected } from './connection.ts';
import { EVENT } from './kinds.ts';
import { message } from './message.ts';
import { emitReport, named, type Report } from './report.ts';
import { clientWords } from './sentence.ts';
import { subscription } from './subscription.ts';

type Rule = (report: Report, out: Emitter) => void;

/** Rules by the `action` of a body of the web-hook plugin of emqttd 2.x, EMQX 3.x and 4.x. */
const RULES: Readonly<Record<string, Rule>> = {
  client_connect: (report, out) => connection(EVENT.connectReceived, report, 'seconds', out),
  client_connack: connack,
  // 2.2 tells refused connections too.
  client_connected: (report, out) =>
    connected(report, 'seconds', number(report.body.conn_ack, MAX_CODE), out),
  client_disconnected: disconnected,
  client_subscribe: (report, out) => subscription(EVENT.subscriptionRequested, report, out),
  client_unsubscribe: (report, out) => subscription(EVENT.unsubscriptionRequested, report, out),
  session_created: (report, out) =>
    emitReport(EVENT.sessionCreated, report, `session_created${clientWords(report.body)}`, [], out),
  session_subscribed: (report, out) => subscription(EVENT.subscriptionAdded, report, out),
  session_unsubscribed: (report, out) => subscription(EVENT.subscriptionRemoved, report, out),
  session_terminated: (report, out) =>
    emitReport(EVENT.sessionExpired, report, `session_terminated${clientWords(report.body)}`, [], out, {
      reason: readReason(report.body.reason),
    }),
  message_publish: (report, out) => message(EVENT.published, published(report), out),
  // 3.1 and 3.2.
  message_deliver: (report, out) => message(EVENT.delivered, delivered(report), out),
  message_delivered: (report, out) => message(EVENT.delivered, delivered(report), out),
  message_acked: (report, out) => message(EVENT.acknowledged, delivered(report), out),
  message_dropped: (report, out) => message(EVENT.publishDropped, published(report), out),
};

export function isWebHookAction(action: string): boolean {
  return Object.hasOwn(RULES, action);
}

export function emitWebHook(action: string, report: Report, out: Emitter): void {
  if (Object.hasOwn(RULES, action)) RULES[action]?.({ ...report, body: named(report.body) }, out);
}

/** Bodies about a PUBLISH: in `from_client_id` the plugin names the publisher, who is the event's client. */
function published(report: Report): Report {
  const { from_client_id: clientid, from_username: username, ...body } = report.body;
  const named: JsonObject = {
    ...(word(clientid) && { clientid }),
    ...(word(username) && { username }),
  } as JsonObject;
  return { ...report, body: { ...body, ...named } };
}

/** Bodies about a delivery: the event's client is the receiver. */
function delivered(report: Report): Report {
  const { from_client_id: publisher, ...body } = report.body;
  return { ...report, body: { ...body, from_clientid: publisher ?? null } };
}
