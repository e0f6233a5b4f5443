import type { Emitter } from '../../emitter.ts';
import type { Entry } from '../../entries/entry.ts';
import { readTerm } from '../../printed/term.ts';
import { termEnd } from '../../printed/term-end.ts';
import { LOG } from '../kinds.ts';

/** `Alarm N is activated, text`, `Alarm N is deactivated`. */
export function alarm(text: string, entry: Entry, out: Emitter): boolean {
  const found = /^Alarm (.{1,512}?) is (activated|deactivated)(?:, (.*))?$/s.exec(text);
  if (found === null) return false;
  const [, name, state, about] = found;
  const known = String(readTerm(name ?? ''));
  out.entry(state === 'activated' ? LOG.alarmRaised : LOG.alarmCleared, entry, [
    known,
    about === undefined ? undefined : { message: about },
  ]);
  return true;
}

/** 3.x: `New Alarm: N, Alarm Info: I`. */
export function newAlarm(text: string, entry: Entry, out: Emitter): boolean {
  const start = 'New Alarm: '.length;
  const mark = text.lastIndexOf(', Alarm Info: ');
  if (mark < start) return false;
  const info = readTerm(text.slice(mark + ', Alarm Info: '.length));
  const details = Array.isArray(info) && info.length === 0 ? undefined : { info };
  out.entry(LOG.alarmRaised, entry, [String(readTerm(text.slice(start, mark))), details]);
  return true;
}

/** 3.x: `Clear Alarm: N`. */
export function clearAlarm(text: string, entry: Entry, out: Emitter): boolean {
  out.entry(LOG.alarmCleared, entry, [String(readTerm(text.slice('Clear Alarm: '.length))), undefined]);
  return true;
}

/** OTP's own handler, before the broker's is there: `alarm_handler: {set,{system_memory_high_watermark,[]}}`. */
export function reportedAlarm(text: string, entry: Entry, out: Emitter): boolean {
  const head = /^alarm_handler: \{(?:(set),\{|clear,)/.exec(text);
  const start = head?.[0].length ?? 0;
  const end = termEnd(text, start);
  if (head === null || end === -1) return false;
  const isSet = head[1] !== undefined;
  const info = readTerm(isSet ? text.slice(end + 1, -2) : '[]');
  const details = Array.isArray(info) && info.length === 0 ? undefined : { info };
  const name = String(readTerm(text.slice(start, end)));
  out.entry(isSet ? LOG.alarmRaised : LOG.alarmCleared, { ...entry, fields: {} }, [name, details]);
  return true;
}
