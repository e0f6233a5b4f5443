export const NO_CONTEXT = { type: 'none' };
/** Reads a whole number without sign; -1 when there is none, or another character follows before `end`. */
export function digits(text, start, end) {
    if (start >= end || end - start > 15)
        return -1;
    let value = 0;
    for (let i = start; i < end; i++) {
        const c = text.charCodeAt(i) - 48;
        if (c < 0 || c > 9)
            return -1;
        value = value * 10 + c;
    }
    return value;
}
/** What is whole of a text that the broker cut, which it may do within a UTF-8 character. */
export function withoutCutCharacter(text) {
    return text.replace(/\ufffd{1,3}$/, '');
}
