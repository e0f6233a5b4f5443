import type { LogLevel } from '../../core/event.ts';

/** Topics of `log_dest topic`; what follows is the type of the line, mostly a letter. */
export const LOG_TOPIC = '$SYS/broker/log/';

/** Log level by the type of the line. */
export const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ['E', 'error'],
  ['W', 'warning'],
  ['N', 'notice'],
  ['I', 'info'],
  ['D', 'debug'],
  ['WS', 'debug'],
  ['M/subscribe', 'notice'],
  ['M/unsubscribe', 'notice'],
]);
