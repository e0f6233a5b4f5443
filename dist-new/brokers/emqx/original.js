import { isAuditRecord } from './audit.js';
import { withoutPayloads, word } from './entry.js';
import { isObject, readJsonEntry } from './json-entry.js';
import { hideSecretArguments, hideSecretValues } from './secrets.js';
import { StampReader } from './stamp.js';
import { originalText } from './text.js';
import { hideUnreadable } from './unreadable.js';
const stamps = new StampReader('UTC');
/** A record as it may be kept: as it was read, without payloads and secrets. */
export function originalOf(text) {
    const isJson = text.startsWith('{"');
    if (!isJson && !text.startsWith('"')) {
        const first = stamps.read(text, 0, 0);
        const second = first && stamps.read(text, first.end, 0);
        return originalText(text, (second ?? first)?.end ?? 0);
    }
    const value = parse(text);
    if (isObject(value))
        return JSON.stringify(originalRecord(value));
    return typeof value === 'string' && !isJson ? JSON.stringify(originalOf(value)) : hideUnreadable(text);
}
function originalRecord(record) {
    const clean = hideSecretValues(withoutPayloads(record));
    if (!isObject(clean))
        return clean;
    if (isAuditRecord(record) && Array.isArray(record.args))
        return { ...clean, args: hideSecretArguments(word(record.cmd) ?? '', record.args) };
    if (typeof record.msg !== 'string')
        return clean;
    const entry = readJsonEntry(record, 0, 0);
    return entry.name === undefined ? { ...clean, msg: entry.message } : clean;
}
function parse(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
