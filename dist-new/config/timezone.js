import { z } from 'zod';
/** Name of an IANA time zone. */
export const timezone = z
    .string()
    .refine(isTimezone, 'not a time zone; write a name such as "Europe/Berlin" or "UTC"')
    .meta({ description: "Zone of stamps without one; default: the machine's", examples: ['Europe/Berlin'] });
/** True for the name of an IANA zone. */
export function isTimezone(name) {
    try {
        new Intl.DateTimeFormat('en', { timeZone: name });
        return true;
    }
    catch {
        return false;
    }
}
