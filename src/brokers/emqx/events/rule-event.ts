import type { Emitter } from '../emitter.ts';
import { eventCode } from '../values/event-code.ts';
import { number } from '../values/json.ts';
import { MAX_CODE } from '../values/mqtt.ts';
import { readReason, wordReason } from '../values/reason.ts';
import { authenticated, authorized } from './access.ts';
import { alarm } from './alarm.ts';
import { connack, connected, connection, disconnected, unitOf } from './connection.ts';
import { EVENT } from './kinds.ts';
import { message } from './message.ts';
import { emitReport, named, type Report } from './report.ts';
import { subscription } from './subscription.ts';

type Rule = (report: Report, out: Emitter) => void;

/** Rules by the name of an event (rule engine of 3.1 to 6.3). */
const RULES: Readonly<Record<string, Rule>> = {
  // 3.x tells refused connections too.
  'client.connected': (report, out) =>
    connected(report, 'seconds', number(report.body.connack, MAX_CODE), out),
  'client.connack': connack,
  'client.ping': (report, out) => connection(EVENT.ping, report, unitOf(report.body), out),
  'client.disconnected': disconnected,
  'client.check_authn_complete': authenticated,
  'client.check_authz_complete': authorized,
  'client.check_acl_complete': authorized,
  // 3.x.
  'client.subscribe': (report, out) => subscription(EVENT.subscriptionRequested, report, out),
  'client.unsubscribe': (report, out) => subscription(EVENT.unsubscriptionRequested, report, out),
  'session.subscribed': (report, out) => subscription(EVENT.subscriptionAdded, report, out),
  'session.unsubscribed': (report, out) => subscription(EVENT.subscriptionRemoved, report, out),
  'message.publish': (report, out) => message(EVENT.published, report, out),
  // 3.x.
  'message.deliver': (report, out) => message(EVENT.delivered, report, out),
  'message.delivered': (report, out) => message(EVENT.delivered, report, out),
  'message.acked': (report, out) => message(EVENT.acknowledged, report, out),
  'message.dropped': (report, out) => message(EVENT.publishDropped, report, out),
  'delivery.dropped': (report, out) => message(EVENT.deliveryDropped, report, out),
  'message.delivery_dropped': (report, out) => message(EVENT.deliveryDropped, report, out),
  'schema.validation_failed': (report, out) =>
    message(EVENT.publishDropped, report, out, wordReason('validation_failed')),
  'message.transformation_failed': (report, out) =>
    message(EVENT.publishDropped, report, out, wordReason('transformation_failed')),
  'alarm.activated': (report, out) => alarm(true, report, out),
  'alarm.deactivated': (report, out) => alarm(false, report, out),
};

/**
 * Emits what the rule engine reports.
 * @param event its name
 */
export function emitRuleEvent(event: string, given: Report, out: Emitter): void {
  const report = given.body.client_id === undefined ? given : { ...given, body: named(given.body) };
  if (Object.hasOwn(RULES, event)) RULES[event]?.(report, out);
  else if (/^\$(bridges|sources)\//.test(event)) message(EVENT.published, report, out);
  else emitReport(EVENT.other, report, event, [], out, { reason: readReason(report.body.reason) });
}

/** `event.code` of an event of the rule engine or of a web hook. */
export function ruleCode(event: string): string {
  return eventCode(event, 'event');
}
