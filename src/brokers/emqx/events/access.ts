import type { Emitter } from '../emitter.ts';
import { word } from '../values/json.ts';
import { filterValues } from '../values/mqtt.ts';
import { NO_REASON, readReason } from '../values/reason.ts';
import { reasonCode } from '../values/reason-code.ts';
import { EVENT } from './kinds.ts';
import { emitReport, type Report } from './report.ts';
import { clientWords, short } from './sentence.ts';

/** A client has logged in, or tried to. */
export function authenticated(report: Report, out: Emitter): void {
  const said = word(report.body.reason_code);
  const code = reasonCode(said);
  const isAccepted = said === undefined || code === 0;
  const reason = isAccepted ? NO_REASON : readReason(said);
  const words = `client.check_authn_complete${clientWords(report.body)}: ${said === undefined || isAccepted ? 'success' : (reason.word ?? 'failure')}`;
  emitReport(isAccepted ? EVENT.authenticated : EVENT.authenticationFailed, report, words, [code], out, {
    reason,
  });
}

/** A PUBLISH or SUBSCRIBE was checked against the access rules. */
export function authorized(report: Report, out: Emitter): void {
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
