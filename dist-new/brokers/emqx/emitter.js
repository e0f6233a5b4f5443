import { parseShare, topicDepth, topicRoot } from '../../core/topic.js';
import { fieldOf, otherFields } from './entry.js';
import { isCrash } from './prose-head.js';
import { readReason } from './reason.js';
import { hideSecrets } from './secrets.js';
const NONE = new Set();
const CODE_CHARS = 64;
/** Turns what the rules read from entries into events. */
export class Emitter {
    sink;
    rootLevels;
    /** What is kept of payloads. */
    capture;
    constructor(sink, { topicRoot: levels, payload }) {
        this.sink = sink;
        this.rootLevels = levels;
        this.capture = payload;
    }
    /** @param values of the kind's slots behind the common ones */
    entry(kind, entry, values, said = {}) {
        const reason = said.reason ?? readReason(fieldOf(entry, 'reason'));
        const fields = otherFields(entry, said.told ?? NONE);
        const { ip, port, address } = entry.peer;
        this.sink(kind, entry.time, said.message ?? entry.message, [
            codeOf(entry),
            entry.level,
            entry.tag,
            entry.logger,
            said.client ?? entry.client,
            said.user ?? entry.user,
            ip,
            port,
            address,
            reason.word,
            reason.text === undefined ? undefined : hideSecrets(reason.text),
            said.more === undefined ? fields : { ...fields, ...said.more },
            ...values,
        ], entry.marks);
    }
    /** Values of `mqtt.topic`, `mqtt.topic_root`, `mqtt.topic_depth`. */
    topic(topic) {
        if (topic === undefined)
            return [undefined, undefined, undefined];
        return [topic, topicRoot(topic, this.rootLevels), topicDepth(topic)];
    }
    /** Hands an event on as it is. */
    event(kind, time, message, values, marks) {
        this.sink(kind, time, message, values, marks);
    }
}
/** Values of `mqtt.subscription.filter`, `.share_group`. */
export function filterValues(filter) {
    if (filter === undefined)
        return [undefined, undefined];
    const share = parseShare(filter);
    return [share.filter, share.group];
}
const codes = new Map();
const MAX_CODES = 4096;
/** `emqx.<msg>` in the characters of a code; `emqx.log` and `emqx.crash` for what has no such name. */
function codeOf({ name, text }) {
    if (name === undefined)
        return isCrash(text) ? 'emqx.crash' : 'emqx.log';
    const known = codes.get(name);
    if (known !== undefined)
        return known;
    const plain = name
        .slice(0, 256)
        .toLowerCase()
        .replace(/[^a-z0-9_.]+/g, '_')
        .replace(/^_+|_+$/g, '');
    const code = plain === '' ? 'emqx.log' : `emqx.${plain}`.slice(0, CODE_CHARS);
    if (codes.size < MAX_CODES)
        codes.set(name, code);
    return code;
}
