import type { JsonValue, Slot } from '../../../core/event.ts';
import { isObject, number } from '../values/json.ts';
import { filterValues, MAX_QOS } from '../values/mqtt.ts';

/** Values of the kinds of requested subscriptions: the filter and its options, as EMQX's code has them. */
export function requestedValues(filter: string | undefined, given: JsonValue | undefined): Slot[] {
  const options = isObject(given) ? given : {};
  const flag = (key: string): boolean | undefined => {
    const value = number(options[key]);
    return value === undefined ? undefined : value === 1;
  };
  return [
    ...filterValues(filter),
    number(options.qos, MAX_QOS),
    flag('nl'),
    flag('rap'),
    number(options.rh, 2),
  ];
}
