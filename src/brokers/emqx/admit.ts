import type { StreamInfo } from '../../core/dialect.ts';
import type { JsonObject, JsonValue } from '../../core/event.ts';
import { writeKept } from '../../ecs/payload.ts';
import { KEPT, keep } from './events/payload.ts';
import { ownsTopic } from './sys/topics.ts';
import { isObject } from './values/json.ts';

const MENTION = Buffer.from('"payload"');

/** The body of a web hook without the payload of its message. */
export function admit(record: Buffer, _isCut: boolean, capture: StreamInfo['payload']): Buffer {
  if (!record.includes(MENTION)) return record;
  try {
    const body: JsonValue = JSON.parse(record.toString('utf8'));
    if (!isObject(body) || !Object.hasOwn(body, 'payload') || isMessage(body)) return record;
    const kept = writeKept(keep(body.payload, capture));
    return Buffer.from(JSON.stringify({ ...body, payload: null, [KEPT]: kept }));
  } catch {
    // It is text, or nested too deeply to be written: it will be read as it is.
    return record;
  }
}

/** A captured message of the broker's own topics: its payload is the broker's word. */
function isMessage({ event, action, topic }: JsonObject): boolean {
  return event === undefined && action === undefined && typeof topic === 'string' && ownsTopic(topic);
}
