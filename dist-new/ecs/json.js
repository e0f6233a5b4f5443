const SPECIAL = /["\\\u0000-\u001f\u007f-\uffff]/;
const BEYOND_ASCII = /[\u0080-\uffff]/;
/** True when the text stands in JSON as it is, and is ASCII. One scan: most texts pass it. */
export function isPlain(text) {
    return !SPECIAL.test(text);
}
/** True when a JSON text needs more than one byte for some character. */
export function isWide(json) {
    return BEYOND_ASCII.test(json);
}
/**
 * The text as it stands between the quotation marks of a JSON string. Lone surrogates become U+FFFD: Logstash cuts a
 * string without a word at an escaped one (JRuby 9.4 and 10.0).
 */
export function quote(text) {
    return isPlain(text) ? text : JSON.stringify(text.toWellFormed()).slice(1, -1);
}
/** An object or array as JSON without lone surrogates, in keys too. */
export function stringify(value) {
    const json = JSON.stringify(value);
    return ESCAPED_SURROGATE.test(json) ? JSON.stringify(wellFormed(value)) : json;
}
const ESCAPED_SURROGATE = /\\ud[89a-f]/;
function wellFormed(value) {
    if (typeof value === 'string')
        return value.toWellFormed();
    if (Array.isArray(value))
        return value.map(wellFormed);
    if (typeof value !== 'object' || value === null)
        return value;
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key.toWellFormed(), wellFormed(v)]));
}
