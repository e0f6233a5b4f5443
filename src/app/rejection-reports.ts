import type { Logger } from '../core/log.ts';
import type { Rejected } from '../core/output.ts';
import type { Note } from '../core/source.ts';
import { amount } from '../core/text/amount.ts';

/** Pause between two reports of the same output and type of error. */
const REPEAT_MS = 60_000;
/** A server has few types of errors; should it have many, the rest is counted as one. */
const MAX_TYPES = 50;
const MAX_CHARS = 300;

interface Report {
  readonly output: string;
  readonly type: string;
  status: number;
  words: string;
  count: number;
  toldMs: number;
}

/**
 * Tells of rejected events, as `event-rejected` events and in the probe's own log: at once, and then once a minute for each
 * output and type of error, with a count. Rejected events of the probe itself are counted only: no event makes another.
 */
export class RejectionReports {
  private readonly log: Logger;
  private readonly say: (note: Note) => void;
  private readonly reports = new Map<string, Report>();

  constructor(log: Logger, say: (note: Note) => void) {
    this.log = log;
    this.say = say;
  }

  add(output: string, rejected: readonly Rejected[]): void {
    for (const { stream, status, type, reason } of rejected) {
      if (stream.startsWith('logs-mqtt.probe-')) continue;
      const report = this.of(output, type);
      report.status = status;
      report.words = withoutValues(reason);
      report.count++;
    }
    this.tell(Date.now());
  }

  /** @param nowMs what is due then is told */
  tell(nowMs: number): void {
    for (const report of this.reports.values()) {
      // The clock may have been set back.
      if (report.count === 0 || Math.abs(nowMs - report.toldMs) < REPEAT_MS) continue;
      const { output, type, status, words, count } = report;
      report.count = 0;
      report.toldMs = nowMs;
      const message = `output ${output} has refused ${amount(count, 'event')} for good: ${type}`;
      this.log.warn({ output, status, type, count, reason: words }, `${message}; kept as dead letters`);
      this.say({
        action: 'event-rejected',
        seen: nowMs,
        message,
        reason: type,
        fields: {
          'mqtt.drop.count': count,
          'mqtt.probe.output.name': output,
          'error.code': String(status),
          'error.type': type,
          'error.message': words,
        },
      });
    }
  }

  private of(output: string, type: string): Report {
    const known = this.reports.has(`${output} ${type}`) || this.reports.size < MAX_TYPES;
    const name = known ? type : 'other';
    const report = this.reports.get(`${output} ${name}`) ?? {
      output,
      type: name,
      status: 0,
      words: '',
      count: 0,
      toldMs: Number.NEGATIVE_INFINITY,
    };
    this.reports.set(`${output} ${name}`, report);
    return report;
  }
}

/** The server's words without what they quote of the event: values may be payloads, and ids differ each time. */
export function withoutValues(reason: string): string {
  const words = reason
    .replace(/^\[\d+:\d+\] /, '')
    .replace(/ in document with id '[^']*'/, '')
    .replace(
      /(?:Preview of field's value|, found|prefix of the first immense term|For input string|original message|but was):? .*/s,
      '',
    )
    .trim();
  return words.length > MAX_CHARS ? `${words.slice(0, MAX_CHARS)}…` : words;
}
