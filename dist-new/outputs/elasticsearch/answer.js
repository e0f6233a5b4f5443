import { RetryableError } from '../../core/errors.js';
/** What a bulk answer may be cut down to: all that `readAnswer` looks at. */
export const FILTER_PATH = 'errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store';
/**
 * Reads the answer to a bulk request.
 * @param count items of the request
 * @returns `created` when every item was; else what is said of each, in their order
 * @throws RetryableError when it is no such answer
 */
export function readAnswer(text, count) {
    // The usual answer, known byte for byte, is compared and not parsed.
    if (text === `{"errors":false,"items":[${CREATED.repeat(count).slice(0, -1)}]}`)
        return 'created';
    const items = itemsOf(text);
    if (items?.length !== count)
        throw new RetryableError(`the answer to a bulk request is none (${head(text)})`);
    return items;
}
/** From the beginning of the reason only: further on it may quote the event. */
const TIME_SERIES = /^(?:\[\d+:\d+\] failed to parse: )?_id must be unset or set to \[/;
/** Statuses as Elasticsearch 8 and 9 and OpenSearch 2 and 3 give them, all tried. */
export function fateOf({ status, reason }) {
    if (status >= 200 && status < 300)
        return 'delivered';
    if (status === 409)
        return 'conflict';
    if (status === 429 || status >= 500)
        return 'again';
    if (status === 400 && TIME_SERIES.test(reason))
        return 'without-id';
    // A pipeline that is missing would refuse everything: wrong configuration, not wrong events.
    if (status === 400 && /^pipeline with id \[.*\] does not exist$/.test(reason))
        return 'wait';
    return status === 400 || status === 413 ? 'rejected' : 'wait';
}
const CREATED = '{"create":{"status":201}},';
function itemsOf(text) {
    let answer;
    try {
        answer = JSON.parse(text);
    }
    catch {
        return undefined;
    }
    const items = isRecord(answer) ? answer.items : undefined;
    if (!Array.isArray(items))
        return undefined;
    const read = items.map((item) => {
        const result = isRecord(item) ? Object.values(item)[0] : undefined;
        if (!isRecord(result) || typeof result.status !== 'number')
            return undefined;
        const error = isRecord(result.error) ? result.error : {};
        return {
            status: result.status,
            type: typeof error.type === 'string' ? error.type : 'unknown',
            reason: typeof error.reason === 'string' ? error.reason : '',
            failureStore: result.failure_store === 'used',
        };
    });
    return read.every((item) => item !== undefined) ? read : undefined;
}
/** The beginning of a text that is no answer, for a message. */
export function head(text) {
    const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
    if (line === '')
        return 'an empty answer';
    return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
export function isRecord(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
