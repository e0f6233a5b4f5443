import type { LogLevel } from '../../core/event.ts';

/** Mosquitto's `log_dest topic`: what follows is the letter of the type of the line. */
export const LOG_TOPIC = '$SYS/broker/log/';

/** Level by the last part of the topic. */
export const LEVELS: Readonly<Record<string, LogLevel>> = {
  E: 'error',
  W: 'warning',
  N: 'notice',
  I: 'info',
  D: 'debug',
  WS: 'debug',
  'M/subscribe': 'notice',
  'M/unsubscribe': 'notice',
};
