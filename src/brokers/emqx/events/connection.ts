import type { JsonObject, Slot } from '../../../core/event.ts';
import type { Emitter } from '../emitter.ts';
import { flag, isObject, number, word } from '../values/json.ts';
import { protocolVersion } from '../values/mqtt.ts';
import { NO_REASON, type Reason, readReason } from '../values/reason.ts';
import { isCredentials, reasonCode } from '../values/reason-code.ts';
import { EVENT, type Reported } from './kinds.ts';
import { userProperties } from './properties.ts';
import { emitReport, isoTime, type Report, spanValues } from './report.ts';
import { clientWords } from './sentence.ts';

/** 5.x and 6.x always have the user properties among `conn_props`, 4.x never has. */
function isVersion4({ conn_props: properties }: JsonObject): boolean {
  return isObject(properties) && !Object.hasOwn(properties, 'User-Property');
}

/** `expiry_interval` of `client.connack` and `client.ping`: milliseconds from 5.0 on. */
export function unitOf(body: JsonObject): 'seconds' | 'milliseconds' {
  return isVersion4(body) ? 'seconds' : 'milliseconds';
}

/**
 * The event of a connection that was asked for, made or refused, and of a ping.
 * @param unit of `expiry_interval`
 */
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
    // `clean_sess`: emqttd 2.x.
    flag(body.clean_start) ?? flag(body.clean_sess) ?? not(flag(body.session)),
    expiry === undefined ? undefined : unit === 'seconds' ? expiry : Math.round(expiry / 1000),
    isoTime(body.connected_at),
    code,
    userProperties(body.conn_props),
  ];
  const name = report.code.slice(report.code.indexOf('.') + 1);
  const words = reason.word === undefined ? '' : `: ${reason.word}`;
  emitReport(reported, report, `${name}${clientWords(body)}${words}`, values, out, { reason });
}

/**
 * A client has connected; 3.x and older report refused connections as such too.
 * @param code of the CONNACK
 */
export function connected(
  report: Report,
  unit: 'seconds' | 'milliseconds',
  code: number | undefined,
  out: Emitter,
): void {
  const isAccepted = code === undefined || code === 0;
  const kind = isAccepted
    ? EVENT.connected
    : isCredentials(code)
      ? EVENT.loginRefused
      : EVENT.connectionRefused;
  connection(kind, report, unit, out, code);
}

/** CONNACK. 4.x has no event of the authentication: there a refusal is the event of the failed login. */
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

/** A connection has ended. */
export function disconnected(report: Report, out: Emitter): void {
  const { body } = report;
  // The rule engine of 3.x: `reason_code`.
  const given = readReason(body.reason ?? body.reason_code);
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

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}
