import type { JsonObject, JsonValue, Slot } from '../../../core/event.ts';
import { bounded } from '../../../core/json/bounded.ts';
import type { FieldName } from '../../../ecs/catalogue.ts';
import { isObject, number, word } from '../values/json.ts';

/** Slots of the properties of a message, in the order of `propertyValues`. */
export const PROPERTY_SLOTS = [
  'mqtt.properties.content_type',
  'mqtt.properties.response_topic',
  'mqtt.properties.message_expiry_interval',
  'mqtt.properties.payload_format',
  'mqtt.subscription.id',
] as const satisfies readonly FieldName[];

/** MQTT 5 properties as EMQX's events spell them: `Content-Type`, `Message-Expiry-Interval`. */
export function propertyValues(given: JsonValue | undefined): Slot[] {
  if (!isObject(given)) return [];
  return [
    word(given['Content-Type']),
    word(given['Response-Topic']),
    number(given['Message-Expiry-Interval']),
    number(given['Payload-Format-Indicator'], 1),
    idsOf(given['Subscription-Identifier']),
  ];
}

function idsOf(given: JsonValue | undefined): readonly number[] | undefined {
  const ids = (Array.isArray(given) ? given : [given])
    .map((id) => number(id))
    .filter((id) => id !== undefined);
  return ids.length === 0 ? undefined : ids.slice(0, 100);
}

/** `mqtt.user_properties`: a key that comes several times has a list of values. */
export function userProperties(given: JsonValue | undefined): JsonObject | undefined {
  if (!isObject(given)) return undefined;
  const pairs = given['User-Property-Pairs'];
  const simple = given['User-Property'];
  if (!Array.isArray(pairs) || !pairs.some(isPair)) {
    const isEmpty = !isObject(simple) || Object.keys(simple).length === 0;
    return isEmpty ? undefined : (bounded(simple) as JsonObject);
  }
  const values = new Map<string, JsonValue[]>();
  for (const pair of pairs) {
    if (!isPair(pair)) continue;
    const before = values.get(pair.key);
    if (before === undefined) values.set(pair.key, [pair.value]);
    else before.push(pair.value);
  }
  const entries = [...values].map(([key, list]): [string, JsonValue] => [
    key,
    list.length === 1 ? (list[0] ?? null) : list,
  ]);
  return bounded(Object.fromEntries(entries)) as JsonObject;
}

function isPair(pair: JsonValue): pair is { key: string; value: JsonValue } {
  return isObject(pair) && typeof pair.key === 'string' && pair.value !== undefined;
}
