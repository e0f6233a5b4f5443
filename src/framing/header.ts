import { LEVELS } from '../core/event.ts';
import type { RecordHeader } from '../core/header.ts';

/** What decoders of framings with headers need to know. */
export interface FramingOptions {
  /** IANA zone of stamps without one; undefined: the machine's. */
  readonly timezone?: string | undefined;
  /** Name of the program whose records are the broker's; `*` stands for any characters. */
  readonly program: string;
  /** The name was chosen by the user: it is also asked of containers, which are named as people like. */
  readonly isChosen?: boolean;
}

/** A record of another program. */
export const OTHER: RecordHeader = { origin: 'other', fields: {} };
/** A record without the header that its framing has. */
export const UNKNOWN: RecordHeader = { origin: 'unknown', fields: {} };

/** Distinct headers that are kept. One broker has a handful; a central log of many may have more. */
const MAX_HEADERS = 1024;

/** Gives the same object for the same header. */
export class HeaderTable {
  private readonly headers = new Map<string, RecordHeader>();

  /** @param key what the header is made of, and nothing else */
  get(key: string, make: () => RecordHeader): RecordHeader {
    let header = this.headers.get(key);
    if (header === undefined) {
      if (this.headers.size >= MAX_HEADERS) this.headers.clear();
      header = make();
      this.headers.set(key, header);
    }
    return header;
  }
}

/** What is known of a record that went through syslog or the journal. */
interface SyslogFacts {
  /** Facility * 8 + severity. */
  readonly priority?: number | undefined;
  /** 0 to 7, where the severity is the broker's own. */
  readonly severity?: number | undefined;
  readonly program: string;
  readonly process?: string | undefined;
  readonly host?: string | undefined;
}

/** The header of a record of the broker. */
export function syslogHeader({ priority, severity, program, process, host }: SyslogFacts): RecordHeader {
  const level = severity === undefined ? undefined : LEVELS[severity];
  return {
    origin: 'broker',
    source: JSON.stringify([program, process, host]),
    ...(level !== undefined && { level }),
    fields: {
      ...(severity !== undefined && { 'event.severity': severity }),
      ...(priority !== undefined && { 'log.syslog.priority': priority }),
      'log.syslog.appname': program,
      ...(process !== undefined && { 'log.syslog.procid': process }),
      ...(host !== undefined && { 'log.syslog.hostname': host, 'host.name': host }),
    },
  };
}
