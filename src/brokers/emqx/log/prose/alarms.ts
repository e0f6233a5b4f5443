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
  raised(text.slice(start, mark), text.slice(mark + ', Alarm Info: '.length), entry, out);
  return true;
}

/** 3.x: `Clear Alarm: N`. */
export function clearAlarm(text: string, entry: Entry, out: Emitter): boolean {
  cleared(text.slice('Clear Alarm: '.length), entry, out);
  return true;
}

/** OTP's own handler, before the broker's is there: `alarm_handler: {set,{system_memory_high_watermark,[]}}`. */
export function reportedAlarm(text: string, entry: Entry, out: Emitter): boolean {
  const head = /^alarm_handler: \{(?:(set),\{|clear,)/.exec(text);
  const start = head?.[0].length ?? 0;
  const end = termEnd(text, start);
  if (head === null || end === -1) return false;
  const about = { ...entry, fields: {} };
  if (head[1] === undefined) cleared(text.slice(start, end), about, out);
  else raised(text.slice(start, end), text.slice(end + 1, -2), about, out);
  return true;
}

/** 3.1: `[Alarm Handler] {N,I} set`, `[Alarm Handler] N clear`; one term and one word, which no client writes. */
export function handledAlarm(text: string, entry: Entry, out: Emitter): boolean {
  const end = termEnd(text, 0);
  const word = end === -1 ? '' : text.slice(end);
  if (word === ' clear') cleared(text.slice(0, end), entry, out);
  else if (word === ' set' && text.startsWith('{')) {
    const comma = termEnd(text, 1);
    raised(text.slice(1, comma), text.slice(comma + 1, end - 1), entry, out);
  } else return false;
  return true;
}

/** @param name and info as printed terms */
function raised(name: string, info: string, entry: Entry, out: Emitter): void {
  const value = readTerm(info);
  const details = Array.isArray(value) && value.length === 0 ? undefined : { info: value };
  out.entry(LOG.alarmRaised, entry, [String(readTerm(name)), details]);
}

function cleared(name: string, entry: Entry, out: Emitter): void {
  out.entry(LOG.alarmCleared, entry, [String(readTerm(name)), undefined]);
}
