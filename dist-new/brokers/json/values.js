import { isIP } from 'node:net';
import { bounded } from '../../core/bounded.js';
import { epochMs } from '../../core/epoch.js';
import { CATALOGUE } from '../../ecs/catalogue.js';
const INTEGERS = {
    long: Number.MAX_SAFE_INTEGER,
    short: 32_767,
    byte: 127,
};
const MAX_ITEMS = 100;
/** How values of a field are read. */
export function converterOf(name) {
    const field = CATALOGUE[name];
    const one = single(field.type);
    if (field.array !== true)
        return one;
    return (value) => {
        const items = (Array.isArray(value) ? value.slice(0, MAX_ITEMS) : [value])
            .map(one)
            .filter((item) => typeof item === 'string' || typeof item === 'number');
        return items.length === 0 ? undefined : items;
    };
}
/** Milliseconds since 1970 of ISO 8601, or of a number in seconds, milliseconds, microseconds or nanoseconds. */
export function timeOf(value) {
    const time = typeof value === 'string' ? Date.parse(value) : epochMs(value);
    return time === undefined || Number.isNaN(time) ? undefined : time;
}
export function textOf(value) {
    if (typeof value === 'number' || typeof value === 'boolean')
        return String(value);
    return typeof value === 'string' && value !== '' ? value : undefined;
}
export function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function single(type) {
    const most = INTEGERS[type];
    if (most !== undefined)
        return (value) => integer(value, most);
    switch (type) {
        case 'boolean':
            return (value) => (typeof value === 'boolean' ? value : undefined);
        case 'float':
            return (value) => (typeof value === 'number' ? value : undefined);
        case 'ip':
            return (value) => (typeof value === 'string' && isIP(value) !== 0 ? value : undefined);
        case 'date':
            return (value) => {
                const time = timeOf(value);
                return time === undefined || Math.abs(time) > 8.64e15 ? undefined : new Date(time).toISOString();
            };
        case 'flattened':
            return (value) => (isObject(value) ? bounded(value) : undefined);
        default:
            return textOf;
    }
}
function integer(value, most) {
    const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
    return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) <= most
        ? number
        : undefined;
}
