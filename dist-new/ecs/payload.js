import { bounded } from '../core/bounded.js';
/** Slots of what is kept of a payload, in the order of `payloadValues`. */
export const PAYLOAD_SLOTS = [
    'mqtt.payload.encoding',
    'mqtt.payload.text',
    'mqtt.payload.base64',
    'mqtt.payload.hash.sha256',
    'mqtt.payload.json',
    'mqtt.payload.truncated',
    'mqtt.payload.redacted',
];
/** Values of `PAYLOAD_SLOTS`; none when nothing is kept. */
export function payloadValues(captured) {
    if (captured === undefined)
        return [];
    const { encoding, text, base64, sha256, json, truncated, redacted } = captured;
    return [encoding, text, base64, sha256, json, truncated, redacted];
}
/** What stands in a record in the place of its payload (`Dialect.admit`). */
export function writeKept({ size, captured }) {
    const entries = Object.entries({ size, ...captured }).filter(([, value]) => value !== undefined);
    return Object.fromEntries(entries);
}
/** Reads what `writeKept` gave. Whoever sends records can write it too: what is of another type is absent. */
export function readKept(given) {
    const { size, encoding, json, truncated, redacted } = given;
    const text = (key) => {
        const value = given[key];
        return typeof value === 'string' ? value : undefined;
    };
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
    return {
        size: typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : undefined,
        captured: {
            encoding: encoding === 'utf8' || encoding === 'json' || encoding === 'base64' ? encoding : undefined,
            text: text('text'),
            base64: text('base64'),
            sha256: text('sha256'),
            json: isObject ? bounded(json) : undefined,
            truncated: truncated === true ? true : undefined,
            redacted: redacted === true ? true : undefined,
        },
    };
}
