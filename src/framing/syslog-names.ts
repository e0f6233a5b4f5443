/** By code (RFC 5424 §6.2.1), as `syslog.h` names them. */
const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['', '', '', ''],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];
/** By code. Programs write the first or the second name. */
const LEVELS = [
  ['emerg', 'panic'],
  ['alert'],
  ['crit'],
  ['err', 'error'],
  ['warn', 'warning'],
  ['notice'],
  ['info'],
  ['debug'],
];

const PRIORITIES: ReadonlyMap<string, number> = new Map(
  FACILITIES.flatMap((facility, code) =>
    facility === ''
      ? []
      : LEVELS.flatMap((names, level) =>
          names.map((name): [string, number] => [`${facility}.${name}`, 8 * code + level]),
        ),
  ),
);

/** Facility * 8 + severity of `daemon.notice`; undefined: it names no priority. */
export function priorityOf(name: string): number | undefined {
  return PRIORITIES.get(name);
}
