import { isIP } from 'node:net';
import type { JsonObject, JsonValue, Slot } from '../../core/event.ts';
import { bounded } from '../../core/json/bounded.ts';
import { isObject } from '../../core/json/object.ts';
import { epochMs } from '../../core/time/epoch.ts';
import { CATALOGUE, type FieldName } from '../../ecs/catalogue.ts';
import type { Field } from '../../ecs/fields/field.ts';

/** Reads a value as a field has it; undefined for what an index would refuse. */
export type Convert = (value: JsonValue | undefined) => Slot;

const INTEGERS: Readonly<Record<string, number>> = {
  long: Number.MAX_SAFE_INTEGER,
  short: 32_767,
  byte: 127,
};
const MAX_ITEMS = 100;

/** How values of a field are read. */
export function converterOf(name: FieldName): Convert {
  const field: Field = CATALOGUE[name];
  const one = single(field.type);
  if (field.array !== true) return one;
  return (value) => {
    const items = (Array.isArray(value) ? value.slice(0, MAX_ITEMS) : [value])
      .map(one)
      .filter((item): item is string | number => typeof item === 'string' || typeof item === 'number');
    return items.length === 0 ? undefined : items;
  };
}

/** Milliseconds since 1970 of ISO 8601, or of a number in seconds, milliseconds, microseconds or nanoseconds. */
export function timeOf(value: JsonValue | undefined): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : epochMs(value);
  return time === undefined || Number.isNaN(time) ? undefined : time;
}

export function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function single(type: Field['type']): Convert {
  const most = INTEGERS[type];
  if (most !== undefined) return (value) => integer(value, most);
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
      return (value) => (isObject(value) ? (bounded(value) as JsonObject) : undefined);
    default:
      return textOf;
  }
}

function integer(value: JsonValue | undefined, most: number): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) <= most
    ? number
    : undefined;
}
