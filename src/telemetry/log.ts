import { pino } from 'pino';
import type { Logger } from '../core/log.ts';
import { safe } from '../core/text/safe.ts';

/** Bytes of lines that could not be written and wait; what is beyond is not told. */
const MOST_WAITING = 64 * 1024;

/** The probe's own log on standard error: JSON lines, readable ones on a terminal (colours unless NO_COLOR is set). */
export async function openLog(level: 'debug' | 'info' | 'warn' | 'error' | 'silent'): Promise<Logger> {
  if (!process.stderr.isTTY) {
    const destination = pino.destination({ dest: 2, sync: true, maxLength: MOST_WAITING });
    // A disk that is full may have room again: events matter more than what is said of them.
    destination.on('error', () => {});
    return only(pino({ level, base: null }, destination));
  }
  const { default: pretty } = await import('pino-pretty');
  const colorize = process.env.NO_COLOR === undefined || process.env.NO_COLOR === '';
  const stream = pretty({
    destination: 2,
    sync: true,
    colorize,
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  });
  return only(pino({ level, base: null }, stream), safe);
}

/** No more of pino than the rooms may use. @param shown a message as it may be written: servers have a say in it */
function only(log: Logger, shown = (message: string): string => message): Logger {
  return {
    info: (fields, message) => log.info(fields, shown(message)),
    warn: (fields, message) => log.warn(fields, shown(message)),
    error: (fields, message) => log.error(fields, shown(message)),
    debug: (fields, message) => log.debug(fields, shown(message)),
  };
}
