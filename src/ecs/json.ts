const SPECIAL = /["\\\u0000-\u001f\u007f-\uffff]/;
const BEYOND_ASCII = /[\u0080-\uffff]/;

/** True when the text stands in JSON as it is, and is ASCII. One scan: most texts pass it. */
export function isPlain(text: string): boolean {
  return !SPECIAL.test(text);
}

/** True when a JSON text needs more than one byte for some character. */
export function isWide(json: string): boolean {
  return BEYOND_ASCII.test(json);
}

/**
 * The text as it stands between the quotation marks of a JSON string. Lone surrogates become U+FFFD: Logstash cuts a
 * string without a word at an escaped one (JRuby 9.4 and 10.0).
 */
export function quote(text: string): string {
  return isPlain(text) ? text : JSON.stringify(text.toWellFormed()).slice(1, -1);
}

/**
 * An object or array as JSON without lone surrogates, and without NUL in keys: Elasticsearch refuses an event that has one in a
 * field of type `flattened`.
 */
export function stringify(value: object): string {
  const json = JSON.stringify(value);
  return ESCAPED.test(json) ? JSON.stringify(wellFormed(value)) : json;
}

/** A lone surrogate, or NUL. */
const ESCAPED = /\\u(?:d[89a-f]|0000)/;

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [wellFormedKey(key), wellFormed(v)]));
}

function wellFormedKey(key: string): string {
  return key.toWellFormed().replaceAll('\0', '\ufffd');
}
