import type { JsonObject } from '../event.ts';

/** True for an object of decoded JSON; a list is none. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
