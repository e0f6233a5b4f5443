import type { MqttMessage } from '../../../core/dialect.ts';
import { UnparsedRecord } from '../../../core/errors.ts';
import { type JsonObject, type JsonValue, Mark } from '../../../core/event.ts';
import type { Emitter } from '../emitter.ts';
import { epochMs } from '../entries/entry.ts';
import { alarm } from '../events/alarm.ts';
import { connected, disconnected } from '../events/connection.ts';
import { EVENT } from '../events/kinds.ts';
import { emitReport, type Report } from '../events/report.ts';
import { emitRuleEvent, ruleCode } from '../events/rule-event.ts';
import { subscription } from '../events/subscription.ts';
import { isObject, number, word } from '../values/json.ts';
import { MAX_CODE } from '../values/mqtt.ts';
import { isNumber } from './numbers.ts';

/** `$SYS/brokers/NODE/…`. Ids of clients and alarms may hold `/`: only the last level tells what the message is about. */
const CLIENT =
  /^\$SYS\/brokers\/([^/]+)\/(?:gateway\/([^/]+)\/)?clients\/(.*)\/(connected|disconnected|subscribed|unsubscribed)$/s;
const ALARM = /^\$SYS\/brokers\/([^/]+)\/alarms\/(?:(.*)\/)?(alert|clear|activate|deactivate)$/s;
const SYSMON = /^\$SYS\/brokers\/([^/]+)\/sysmon\/(\w{1,40})$/;
const EVENTS = /^\$events?\//;
/** Events whose name is another one than their topic's. */
const EVENT_NAMES: ReadonlyMap<string, string> = new Map([
  ['auth/check_authn_complete', 'client.check_authn_complete'],
  ['auth/check_authz_complete', 'client.check_authz_complete'],
  ['message/delivery_dropped', 'delivery.dropped'],
  ['delivery_dropped', 'delivery.dropped'],
  ['client_subscribed', 'session.subscribed'],
  ['client_unsubscribed', 'session.unsubscribed'],
  ['message_transformation/failed', 'message.transformation_failed'],
  ['schema_validation/failed', 'schema.validation_failed'],
]);

/** As in `Dialect`. */
export function ownsTopic(topic: string): boolean {
  if (!topic.startsWith('$')) return false;
  return (
    EVENTS.test(topic) || CLIENT.test(topic) || ALARM.test(topic) || SYSMON.test(topic) || isNumber(topic)
  );
}

/** The event of a message of one of EMQX's own topics. @throws UnparsedRecord */
export function emitMessage({ topic, payload, seen }: MqttMessage, out: Emitter): void {
  const text = payload.toString('utf8');
  const marks = text.includes('\ufffd') && !Buffer.from(text).equals(payload) ? Mark.invalidUtf8 : Mark.none;
  const sysmon = SYSMON.exec(topic);
  if (sysmon !== null) {
    const [, node, kind = ''] = sysmon;
    const report: Report = { from: 'sys', code: `sys.${kind}`, time: seen, body: {}, node, marks };
    emitReport(EVENT.other, report, text.slice(0, 8192), [], out);
    return;
  }
  const body = parse(text, topic);
  const time = epochMs(body.ts) ?? seen;
  const client = CLIENT.exec(topic);
  if (client !== null) {
    clientMessage(client, { from: 'sys', code: '', time, body, node: client[1], marks }, out);
    return;
  }
  const raised = ALARM.exec(topic);
  if (raised !== null) {
    alarmMessage(raised, { from: 'sys', code: '', time, body, node: raised[1], marks }, out);
    return;
  }
  const event = word(body.event) ?? eventOf(topic);
  const at = epochMs(body.timestamp) ?? time;
  emitRuleEvent(event, { from: 'event', code: ruleCode(event), time: at, body, node: undefined, marks }, out);
}

function parse(text: string, topic: string): JsonObject {
  try {
    const value: JsonValue = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // The parser's message would repeat a piece of the text.
    throw new UnparsedRecord(`the message of ${topic.slice(0, 200)} is no JSON`, '');
  }
  throw new UnparsedRecord(`the message of ${topic.slice(0, 200)} is no object`, '');
}

function clientMessage(found: RegExpExecArray, report: Report, out: Emitter): void {
  const [, , gateway, client = '', what] = found;
  const body: JsonObject = {
    ...report.body,
    clientid: word(report.body.clientid) ?? client,
    ...(gateway !== undefined && { gateway }),
  };
  const about = (code: string): Report => ({ ...report, body, code });
  switch (what) {
    case 'connected':
      present(about('sys.client_connected'), out);
      return;
    case 'disconnected':
      disconnected(about('sys.client_disconnected'), out);
      return;
    case 'subscribed':
      subscription(EVENT.subscriptionAdded, about('sys.client_subscribed'), out);
      return;
    default:
      subscription(EVENT.subscriptionRemoved, about('sys.client_unsubscribed'), out);
      return;
  }
}

/** From 5.0 on `protocol` is a name, and `expiry_interval` is in milliseconds. */
function present(report: Report, out: Emitter): void {
  const { protocol, proto_ver: version } = report.body;
  const is5 = typeof protocol === 'string';
  const body =
    version === undefined && typeof protocol === 'number'
      ? { ...report.body, proto_ver: protocol }
      : report.body;
  const code = number(body.connack, MAX_CODE);
  connected({ ...report, body }, is5 ? 'milliseconds' : 'seconds', code, out);
}

function alarmMessage(found: RegExpExecArray, report: Report, out: Emitter): void {
  const [, , id, what] = found;
  const { body } = report;
  const isRaised = what === 'alert' || what === 'activate';
  const named =
    word(body.name) === undefined && word(body.id) === undefined && id !== undefined ? { ...body, id } : body;
  const desc = isObject(body.desc) ? body.desc : {};
  const at = isRaised ? (body.activate_at ?? desc.timestamp) : body.deactivate_at;
  const time = epochMs(at) ?? report.time;
  const code = isRaised ? 'sys.alarm_activated' : 'sys.alarm_deactivated';
  alarm(isRaised, { ...report, body: named, time, code }, out);
}

/** The event's name by its topic, `$events/client_connected` or `$events/client/connected`, where the message has none. */
function eventOf(topic: string): string {
  const name = topic.slice(topic.indexOf('/') + 1).replace(/^sys\//, '');
  return EVENT_NAMES.get(name) ?? name.replace(/[/_]/, '.');
}
