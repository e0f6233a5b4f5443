import type { JsonObject, JsonValue, Slot } from '../../../core/event.ts';
import { payloadValues } from '../../../ecs/payload.ts';
import { type Emitter, filterValues } from '../emitter.ts';
import { protocolVersion } from '../log/packet-events.ts';
import { MAX_QOS, number, word } from '../records/entry.ts';
import { isObject } from '../records/json-entry.ts';
import { NO_REASON, type Reason, readReason } from '../values/reason.ts';
import { isCredentials, reasonCode } from '../values/reason-code.ts';
import { EVENT, type Reported } from './event-kinds.ts';
import { payloadOf } from './payload.ts';
import { propertyValues, userProperties } from './properties.ts';
import { emitReport, isoTime, type Report, spanValues } from './report.ts';

type Rule = (report: Report, out: Emitter) => void;

const MESSAGE_TOPIC_CHARS = 200;

/** Rules by the name of an event (rule engine of 4.0 to 6.2). */
const RULES: Readonly<Record<string, Rule>> = {
  'client.connected': (report, out) => connection(EVENT.connected, report, 'seconds', out),
  'client.connack': connack,
  'client.ping': (report, out) => connection(EVENT.ping, report, unitOf(report.body), out),
  'client.disconnected': disconnected,
  'client.check_authn_complete': authenticated,
  'client.check_authz_complete': authorized,
  'client.check_acl_complete': authorized,
  'session.subscribed': (report, out) => subscription(EVENT.subscriptionAdded, report, out),
  'session.unsubscribed': (report, out) => subscription(EVENT.subscriptionRemoved, report, out),
  'message.publish': (report, out) => message(EVENT.published, report, out),
  'message.delivered': (report, out) => message(EVENT.delivered, report, out),
  'message.acked': (report, out) => message(EVENT.acknowledged, report, out),
  'message.dropped': (report, out) => message(EVENT.publishDropped, report, out),
  'delivery.dropped': (report, out) => message(EVENT.deliveryDropped, report, out),
  'message.delivery_dropped': (report, out) => message(EVENT.deliveryDropped, report, out),
  'schema.validation_failed': (report, out) =>
    message(EVENT.publishDropped, report, out, { word: 'validation_failed', text: undefined }),
  'message.transformation_failed': (report, out) =>
    message(EVENT.publishDropped, report, out, { word: 'transformation_failed', text: undefined }),
  'alarm.activated': (report, out) => alarm(true, report, out),
  'alarm.deactivated': (report, out) => alarm(false, report, out),
};

/** The event that a rule-engine event is. */
export function emitRuleEvent(event: string, report: Report, out: Emitter): void {
  if (Object.hasOwn(RULES, event)) RULES[event]?.(report, out);
  else if (/^\$(bridges|sources)\//.test(event)) message(EVENT.published, report, out);
  else emitReport(EVENT.other, report, event, [], out, { reason: readReason(report.body.reason) });
}

/** `event.code`: `emqx.<event>`. */
export function ruleCode(event: string): string {
  const plain = event
    .slice(0, 256)
    .toLowerCase()
    .replace(/[^a-z0-9_.]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return `emqx.${plain === '' ? 'event' : plain}`.slice(0, 64);
}

/** 5.x and 6.x always name the user properties, 4.x never does. */
function isVersion4({ conn_props: properties }: JsonObject): boolean {
  return isObject(properties) && !Object.hasOwn(properties, 'User-Property');
}

/** `expiry_interval` of `client.connack` and `client.ping`: milliseconds from 5.0 on. */
function unitOf(body: JsonObject): 'seconds' | 'milliseconds' {
  return isVersion4(body) ? 'seconds' : 'milliseconds';
}

/** A client and where it comes from, for the sentence of an event. */
export function clientWords(body: JsonObject): string {
  const client = word(body.clientid) ?? word(body.from_client_id);
  const peer = word(body.peername) ?? word(body.peerhost) ?? word(body.ipaddress);
  return `${client === undefined ? '' : ` ${client}`}${peer === undefined ? '' : ` from ${peer}`}`;
}

/** The event about a connection that was made, asked for or refused. */
export function connection(
  reported: Reported,
  report: Report,
  unit: 'seconds' | 'milliseconds',
  out: Emitter,
  code?: number,
  reason: Reason = NO_REASON,
): void {
  const { body } = report;
  const expiry = number(body.expiry_interval);
  const values: Slot[] = [
    protocolVersion(number(body.proto_ver)),
    number(body.keepalive),
    flag(body.clean_start) ?? not(flag(body.session)),
    expiry === undefined ? undefined : unit === 'seconds' ? expiry : Math.round(expiry / 1000),
    isoTime(body.connected_at),
    code,
    userProperties(body.conn_props),
  ];
  const name = report.code.slice(report.code.indexOf('.') + 1);
  const words = reason.word === undefined ? '' : `: ${reason.word}`;
  emitReport(reported, report, `${name}${clientWords(body)}${words}`, values, out, { reason });
}

/** 4.x has no event of the authentication: there a refusing CONNACK is the one event of the failed login. */
export function connack(report: Report, out: Emitter): void {
  const { body } = report;
  const said = word(body.reason_code) ?? word(body.conn_ack);
  const code = reasonCode(said);
  const isAccepted = said === undefined || code === 0;
  const reason = isAccepted ? NO_REASON : readReason(said);
  const is4 = isVersion4(body) || body.conn_ack !== undefined;
  const kind = isAccepted
    ? EVENT.accepted
    : !is4
      ? EVENT.refused
      : isCredentials(code)
        ? EVENT.loginRefused
        : EVENT.connectionRefused;
  connection(kind, report, unitOf(body), out, code, reason);
}

export function disconnected(report: Report, out: Emitter): void {
  const { body } = report;
  const given = readReason(body.reason);
  const properties = body.disconn_props;
  const text = isObject(properties) ? word(properties['Reason-String']) : undefined;
  const reason = { word: given.word, text: given.text ?? text };
  const values = [
    protocolVersion(number(body.proto_ver)),
    isoTime(body.connected_at),
    isoTime(body.disconnected_at),
    ...spanValues(body.connected_at, body.disconnected_at),
    userProperties(properties),
  ];
  const kind = given.word === 'normal' ? EVENT.disconnectedNormally : EVENT.disconnected;
  const words = `client.disconnected${clientWords(body)}: ${given.word ?? 'no reason given'}`;
  emitReport(kind, report, words, values, out, { reason });
}

function authenticated(report: Report, out: Emitter): void {
  const said = word(report.body.reason_code);
  const code = reasonCode(said);
  const isAccepted = said === undefined || code === 0;
  const reason = isAccepted ? NO_REASON : readReason(said);
  const words = `client.check_authn_complete${clientWords(report.body)}: ${said === undefined || isAccepted ? 'success' : (reason.word ?? 'failure')}`;
  emitReport(isAccepted ? EVENT.authenticated : EVENT.authenticationFailed, report, words, [code], out, {
    reason,
  });
}

function authorized(report: Report, out: Emitter): void {
  const { body } = report;
  const isAllowed = body.result === 'allow';
  const topic = word(body.topic);
  const source = word(body.authz_source) ?? (body.is_cache === true ? 'cache' : undefined);
  const action = body.action === 'subscribe' ? 'subscribe' : 'publish';
  const words = `${action} ${isAllowed ? 'allowed' : 'denied'}:${clientWords(body)}, ${short(topic)}`;
  if (action === 'subscribe') {
    const kind = isAllowed ? EVENT.subscribeAuthorized : EVENT.subscribeDenied;
    emitReport(kind, report, words, [...filterValues(topic), source], out);
  } else {
    const kind = isAllowed ? EVENT.publishAuthorized : EVENT.publishDenied;
    emitReport(kind, report, words, [...out.topic(topic), source], out);
  }
}

/** The event about a subscription; its options are in `subopts` of `$SYS`, in `opts` of the 4.x plugin. */
export function subscription(reported: Reported, report: Report, out: Emitter): void {
  const { body } = report;
  const topic = word(body.topic);
  const options = isObject(body.subopts) ? body.subopts : isObject(body.opts) ? body.opts : {};
  const qos = number(body.qos, MAX_QOS) ?? number(options.qos, MAX_QOS);
  const bit = (value: JsonValue | undefined): boolean | undefined => {
    const set = number(value);
    return set === undefined ? undefined : set === 1;
  };
  const properties = body.sub_props ?? body.unsub_props ?? options.sub_props;
  const values: Slot[] = [
    ...filterValues(topic),
    qos,
    bit(options.nl),
    bit(options.rap),
    number(options.rh, 2),
    propertyValues(properties)[4],
    userProperties(properties),
    qos,
  ];
  const name = report.code.slice(report.code.indexOf('.') + 1);
  const count = reported[report.from].slots.length;
  emitReport(reported, report, `${name}${clientWords(body)}: ${short(topic)}`, values.slice(0, count), out);
}

export function message(reported: Reported, report: Report, out: Emitter, reason?: Reason): void {
  const { body } = report;
  const topic = word(body.topic);
  const flags = isObject(body.flags) ? body.flags : body;
  const qos = number(body.qos, MAX_QOS);
  const { size, captured } = payloadOf(body, out.capture);
  const properties = body.pub_props;
  const values: Slot[] = [
    ...out.topic(topic),
    qos,
    flag(flags.retain),
    flag(flags.dup),
    word(body.id),
    report.from === 'event' && body.event === undefined ? undefined : size,
    isoTime(body.publish_received_at) ?? isoTime(body.message_received_at),
    word(body.from_clientid),
    word(body.from_username),
    ...padded(propertyValues(properties)),
    userProperties(properties),
    ...payloadValues(captured),
  ];
  const why = reason ?? readReason(body.reason);
  const name = report.code.slice(report.code.indexOf('.') + 1);
  const words = `${name} ${short(topic)}${qos === undefined ? '' : ` (QoS ${qos})`}${why.word === undefined ? '' : `: ${why.word}`}`;
  emitReport(reported, report, words, values, out, { reason: why });
}

function padded(values: Slot[]): Slot[] {
  return Array.from({ length: 5 }, (_, i) => values[i]);
}

export function alarm(isRaised: boolean, report: Report, out: Emitter): void {
  const { body } = report;
  const { desc } = body;
  const about = isObject(desc) ? desc : body;
  const name = word(body.name) ?? word(body.id);
  const text =
    word(about.message) ?? word(about.title) ?? (typeof desc === 'string' ? word(desc) : undefined);
  const details = isObject(body.details) ? body.details : isObject(desc) ? desc : undefined;
  const severity = word(body.severity);
  const raised = body.activated_at ?? body.activate_at;
  const cleared = isRaised ? undefined : (body.deactivated_at ?? body.deactivate_at);
  const values: Slot[] = [
    name,
    severity === undefined ? details : { ...details, severity },
    ...spanValues(raised, cleared),
  ];
  const words = `Alarm ${name ?? ''} is ${isRaised ? 'activated' : 'deactivated'}${text === undefined ? '' : `: ${text}`}`;
  emitReport(isRaised ? EVENT.alarmRaised : EVENT.alarmCleared, report, words, values, out);
}

function short(topic: string | undefined): string {
  if (topic === undefined) return '';
  return topic.length > MESSAGE_TOPIC_CHARS ? `${topic.slice(0, MESSAGE_TOPIC_CHARS)}…` : topic;
}

function flag(value: JsonValue | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}
