import type { Slot } from '../../../core/event.ts';
import { payloadValues } from '../../../ecs/payload.ts';
import type { Emitter } from '../emitter.ts';
import { flag, isObject, number, word } from '../values/json.ts';
import { MAX_QOS } from '../values/mqtt.ts';
import { type Reason, readReason } from '../values/reason.ts';
import type { Reported } from './kinds.ts';
import { payloadOf } from './payload.ts';
import { propertyValues, userProperties } from './properties.ts';
import { emitReport, isoTime, type Report } from './report.ts';
import { short } from './sentence.ts';

/**
 * A message was published, delivered, acknowledged or dropped.
 * @param reason undefined: that of the report
 */
export function message(reported: Reported, report: Report, out: Emitter, reason?: Reason): void {
  const { body } = report;
  const topic = word(body.topic);
  const flags = isObject(body.flags) ? body.flags : body;
  const qos = number(body.qos, MAX_QOS);
  const { size, captured } = payloadOf(body, out.capture);
  const properties = body.pub_props;
  const values: Slot[] = [
    ...out.topic(topic),
    qos,
    flag(flags.retain),
    flag(flags.dup),
    word(body.id),
    report.from === 'event' && body.event === undefined ? undefined : size,
    isoTime(body.publish_received_at) ?? isoTime(body.message_received_at),
    word(body.from_clientid),
    word(body.from_username),
    ...padded(propertyValues(properties)),
    userProperties(properties),
    ...payloadValues(captured),
  ];
  const why = reason ?? readReason(body.reason);
  const name = report.code.slice(report.code.indexOf('.') + 1);
  const words = `${name} ${short(topic)}${qos === undefined ? '' : ` (QoS ${qos})`}${why.word === undefined ? '' : `: ${why.word}`}`;
  emitReport(reported, report, words, values, out, { reason: why });
}

/** As many values as properties have slots. */
function padded(values: Slot[]): Slot[] {
  return Array.from({ length: 5 }, (_, i) => values[i]);
}
