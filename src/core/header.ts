import type { LogLevel } from './event.ts';

/**
 * What a log system wrote around the text of a record. Records with the same facts share one object, so that what is made
 * of it is made once.
 */
export interface RecordHeader {
  /**
   * Whose text it is: the broker's; another program's, which is only counted; or nobody's that could be named, because the
   * header is missing that every record of this framing has.
   */
  readonly origin: 'broker' | 'other' | 'unknown';
  /** `log.level` of every event of the record. */
  readonly level?: LogLevel;
  /** Which of several writers wrote it: text of one is never part of a record of another. Absent: there is but one. */
  readonly source?: string;
  /** Catalogue fields of every event of the record: `log.syslog.*`, `host.name`, `container.name`. */
  readonly fields: Readonly<Record<string, string | number>>;
}
