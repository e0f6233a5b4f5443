import type { JsonObject, JsonValue } from '../../../core/event.ts';

/** A text that says something: not empty, and not Erlang's `undefined`. */
export function word(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' && value !== 'undefined' ? value : undefined;
}

/** A whole number of at most `max`; undefined for anything else, for which an index would refuse the event. */
export function number(
  value: JsonValue | undefined,
  max: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const given = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof given === 'number' && Number.isSafeInteger(given) && given <= max ? given : undefined;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text begins as a JSON object with a key does, and not as a tuple of Erlang: `{"Kernel pid terminated",…`. */
export function isJson(text: string): boolean {
  return text.startsWith('{"') ? !/^\{"[^"\\]{0,64}",/.test(text) : SPACED.test(text);
}

/** `{ "key": …`: EMQX writes no blanks, others do. */
const SPACED = /^\{[ \t]{1,16}"[^"\\]{0,256}"[ \t]{0,16}:/;

/** @returns undefined when the text is no JSON */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A boolean, as 3.x writes it 0 or 1; undefined for anything else. */
export function flag(value: JsonValue | undefined): boolean | undefined {
  if (value === 0 || value === 1) return value === 1;
  return typeof value === 'boolean' ? value : undefined;
}
