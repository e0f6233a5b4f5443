import { bounded } from '../../core/bounded.js';
export { epochMs } from '../../core/epoch.js';
import { hideSecretValues, isSecretKey, mayHoldSecrets } from './secrets.js';
import { readTerm } from './term.js';
const LEVELS = new Map([
    ['debug', 'debug'],
    ['info', 'info'],
    ['notice', 'notice'],
    ['warning', 'warning'],
    ['warn', 'warning'],
    ['error', 'error'],
    ['critical', 'critical'],
    ['alert', 'alert'],
    ['emergency', 'emergency'],
]);
export function levelOf(word) {
    return LEVELS.get(word);
}
/** A text that is there: neither empty nor `undefined`. */
export function word(value) {
    return typeof value === 'string' && value !== '' && value !== 'undefined' ? value : undefined;
}
/**
 * A whole number of at most `max`; anything else is absent, because an index would refuse the event for it.
 */
export function number(value, max = Number.MAX_SAFE_INTEGER) {
    const given = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
    return typeof given === 'number' && Number.isSafeInteger(given) && given <= max ? given : undefined;
}
export const MAX_QOS = 2;
/** Reason codes and return codes are bytes. */
export const MAX_CODE = 255;
export const MAX_PORT = 65_535;
/** One value of an entry; printed terms are read. */
export function fieldOf(entry, key) {
    if (!Object.hasOwn(entry.fields, key))
        return undefined;
    const value = entry.fields[key];
    return entry.isText && typeof value === 'string' ? readTerm(value) : value;
}
/** Always told elsewhere, or never. */
const TOLD = new Set([
    'time',
    'level',
    'msg',
    'mfa',
    'tag',
    'trace_tag',
    'clientid',
    'peername',
    'username',
    'topic',
    'reason',
    'meta',
    'gl',
    'payload',
    'payload_encode',
    'bin',
    'packet',
]);
/** `mqtt.log.fields`: what no field of its own tells. Values are bounded and hold neither payloads nor secrets. */
export function otherFields(entry, told) {
    let rest;
    let isClean = true;
    for (const key in entry.fields) {
        if (TOLD.has(key) || told.has(key) || key === '__proto__')
            continue;
        const value = fieldOf(entry, key);
        if (value === undefined || value === null || value === '' || value === 'undefined')
            continue;
        isClean &&= isCleanKey(key) && isCleanValue(value, 0);
        rest ??= {};
        rest[key] = value;
    }
    if (rest === undefined || isClean)
        return rest;
    return bounded(hideSecretValues(withoutPayloads(rest)));
}
const MAX_CLEAN_CHARS = 1024;
const MAX_CLEAN_ITEMS = 32;
/** Small, and without anything to hide: may be told as it is. Most values are. */
function isCleanValue(value, depth) {
    if (typeof value === 'string')
        return value.length < MAX_CLEAN_CHARS && !mayHoldSecrets(value);
    if (typeof value !== 'object' || value === null)
        return true;
    if (depth > 1)
        return false;
    let count = 0;
    for (const key in value) {
        const item = value[key];
        if (++count > MAX_CLEAN_ITEMS || !isCleanKey(key) || item === undefined)
            return false;
        if (!isCleanValue(item, depth + 1))
            return false;
    }
    return true;
}
const cleanKeys = new Map();
const MAX_KNOWN_KEYS = 2048;
function isCleanKey(key) {
    const known = cleanKeys.get(key);
    if (known !== undefined)
        return known;
    const isClean = !isSecretKey(key) && !PAYLOAD_KEYS.has(key) && key !== '__proto__' && key.length < 100;
    if (cleanKeys.size < MAX_KNOWN_KEYS)
        cleanKeys.set(key, isClean);
    return isClean;
}
const PAYLOAD_KEYS = new Set([
    'payload',
    'bin',
    'data',
    'packet',
    'will_msg',
    'will_payload',
]);
const MAX_DEPTH = 50;
/** A copy without the values of keys that hold payloads. */
export function withoutPayloads(value, depth = 0) {
    if (typeof value !== 'object' || value === null)
        return value;
    if (depth > MAX_DEPTH)
        return '…';
    if (Array.isArray(value))
        return value.map((item) => withoutPayloads(item, depth + 1));
    return Object.fromEntries(Object.entries(value)
        .filter(([key]) => !PAYLOAD_KEYS.has(key))
        .map(([key, item]) => [key, withoutPayloads(item, depth + 1)]));
}
/** `emqx_channel:log_auth_failure/1(1750)`: the line number may follow. */
export function loggerOf(mfa) {
    if (mfa === undefined)
        return undefined;
    const line = mfa.indexOf('(');
    return line === -1 ? mfa : mfa.slice(0, line);
}
