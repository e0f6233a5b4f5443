/** A record of another program. */
export const OTHER = { origin: 'other', fields: {} };
/** A record without the header that its framing has. */
export const UNKNOWN = { origin: 'unknown', fields: {} };
/** Distinct headers that are kept. One broker has a handful; a central log of many may have more. */
const MAX_HEADERS = 1024;
/** Gives the same object for the same header. */
export class HeaderTable {
    headers = new Map();
    /** @param key what the header is made of, and nothing else */
    get(key, make) {
        let header = this.headers.get(key);
        if (header === undefined) {
            if (this.headers.size >= MAX_HEADERS)
                this.headers.clear();
            header = make();
            this.headers.set(key, header);
        }
        return header;
    }
}
/** By severity, which is also `event.severity` (RFC 5424 §6.2.1). */
const LEVELS = [
    'emergency',
    'alert',
    'critical',
    'error',
    'warning',
    'notice',
    'info',
    'debug',
];
/** The header of a record of the broker. */
export function syslogHeader({ priority, severity, program, process, host }) {
    const level = severity === undefined ? undefined : LEVELS[severity];
    return {
        origin: 'broker',
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
