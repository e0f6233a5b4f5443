import type { JsonValue, Slot } from '../../../core/event.ts';
import type { Emitter } from '../emitter.ts';
import { isObject, number, word } from '../values/json.ts';
import { filterValues, MAX_QOS } from '../values/mqtt.ts';
import type { Reported } from './kinds.ts';
import { propertyValues, userProperties } from './properties.ts';
import { emitReport, type Report } from './report.ts';
import { clientWords, short } from './sentence.ts';

/** A subscription was asked for, added or removed. `$SYS` has its options in `subopts`, the web hook of 4.x in `opts`. */
export function subscription(reported: Reported, report: Report, out: Emitter): void {
  const { body } = report;
  const topic = word(body.topic);
  const options = isObject(body.subopts) ? body.subopts : isObject(body.opts) ? body.opts : {};
  const qos = number(body.qos, MAX_QOS) ?? number(options.qos, MAX_QOS);
  const bit = (value: JsonValue | undefined): boolean | undefined => {
    const set = number(value);
    return set === undefined ? undefined : set === 1;
  };
  const properties = body.sub_props ?? body.unsub_props ?? options.sub_props;
  const values: Slot[] = [
    ...filterValues(topic),
    qos,
    bit(options.nl),
    bit(options.rap),
    number(options.rh, 2),
    propertyValues(properties)[4],
    userProperties(properties),
    qos,
  ];
  const name = report.code.slice(report.code.indexOf('.') + 1);
  const count = reported[report.from].slots.length;
  emitReport(reported, report, `${name}${clientWords(body)}: ${short(topic)}`, values.slice(0, count), out);
}
