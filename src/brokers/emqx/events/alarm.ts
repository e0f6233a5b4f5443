import type { Slot } from '../../../core/event.ts';
import type { Emitter } from '../emitter.ts';
import { isObject, word } from '../values/json.ts';
import { EVENT } from './kinds.ts';
import { emitReport, type Report, spanValues } from './report.ts';

/** An alarm was raised or cleared. Its details are in `desc` in 3.x and 4.x, in `details` later. */
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
