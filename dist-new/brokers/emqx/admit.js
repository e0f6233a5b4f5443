import { writeKept } from '../../ecs/payload.js';
import { isObject } from './json-entry.js';
import { KEPT, keep } from './payload.js';
import { ownsTopic } from './sys.js';
const MENTION = Buffer.from('"payload"');
/** The body of a web hook without the payload of its message. */
export function admit(record, _isCut, capture) {
    if (!record.includes(MENTION))
        return record;
    try {
        const body = JSON.parse(record.toString('utf8'));
        if (!isObject(body) || !Object.hasOwn(body, 'payload') || isMessage(body))
            return record;
        const kept = writeKept(keep(body.payload, capture));
        return Buffer.from(JSON.stringify({ ...body, payload: null, [KEPT]: kept }));
    }
    catch {
        // It is text, or nested too deeply to be written: it will be read as it is.
        return record;
    }
}
/** A captured message of the broker's own topics: its payload is the broker's word. */
function isMessage({ event, action, topic }) {
    return event === undefined && action === undefined && typeof topic === 'string' && ownsTopic(topic);
}
