import { zonedTime } from '../core/zone.js';
/** Begin of a stamp of RFC 3339 §5.6, up to its zone. */
export const ISO_STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) /;
/** Characters of the longest stamp of RFC 3339, and the blank behind it. */
export const MAX_STAMP_CHARS = 36;
/** Characters of a stamp of RFC 3164. */
export const MONTH_DAY_CHARS = 15;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH_DAY = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)$/;
const DAY_MS = 86_400_000;
/** Milliseconds since 1970 of a stamp of RFC 3339; undefined: it is none. */
export function readIso(stamp) {
    const time = Date.parse(stamp);
    return Number.isNaN(time) ? undefined : time;
}
/**
 * Milliseconds since 1970 of a stamp of RFC 3164 §4.1.2, `Nov 21 19:17:42`; undefined: it is none. It names no year: it is
 * of the last twelve months.
 * @param timezone IANA zone; undefined: the machine's
 */
export function readMonthDay(stamp, timezone) {
    const [, name = '', day, hour, minute, second] = MONTH_DAY.exec(stamp) ?? [];
    const month = MONTHS.indexOf(name);
    if (month === -1)
        return undefined;
    const now = Date.now();
    const wall = (year) => Date.UTC(year, month, Number(day), Number(hour), Number(minute), Number(second));
    const year = new Date(now).getUTCFullYear();
    return zonedTime(wall(wall(year) > now + 2 * DAY_MS ? year - 1 : year), timezone);
}
