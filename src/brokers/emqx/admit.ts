import type { StreamInfo } from '../../core/dialect.ts';
import type { JsonObject, JsonValue } from '../../core/event.ts';
import { writeKept } from '../../ecs/payload.ts';
import { KEPT, keep } from './events/payload.ts';
import { ownsTopic } from './sys/topics.ts';
import { isObject } from './values/json.ts';

const MENTION = Buffer.from('"payload"');

/** As in `Dialect`: the body of a web hook without its payload. */
export function admit(
  record: Buffer,
  _isCut: boolean,
  { payload: capture }: Pick<StreamInfo, 'payload'>,
): Buffer {
  if (!record.includes(MENTION)) return record;
  try {
    const body: JsonValue = JSON.parse(record.toString('utf8'));
    if (!isObject(body) || !Object.hasOwn(body, 'payload') || isMessage(body)) return record;
    const kept = writeKept(keep(body.payload, capture));
    return Buffer.from(JSON.stringify({ ...body, payload: null, [KEPT]: kept }));
  } catch {
    // No JSON, or nested too deeply: it is read as it is.
    return record;
  }
}

/** A captured message of the broker's own topics: the broker wrote its payload. */
function isMessage({ event, action, topic }: JsonObject): boolean {
  return event === undefined && action === undefined && typeof topic === 'string' && ownsTopic(topic);
}
