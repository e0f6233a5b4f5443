import type { MqttMessage, MqttProperties } from '../../core/dialect.ts';
import { isObject } from '../../core/json/object.ts';

/** `2026-11-24T15:05:02.032529Z+0000`: Mosquitto 2.0 writes a Z and the offset; 2.1 the offset alone. */
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z?([+-]\d\d):?(\d\d)|Z)$/;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a line as `mosquitto_sub -F %j` or `-F %J` prints it:
 * `{"tst":…,"topic":…,"qos":…,"retain":…,"payloadlen":…,"properties":{…},"payload":…}`.
 * @param seen the time of a line without `tst`
 * @returns undefined when it is none
 */
export function readCapturedMessage(line: string, seen: number): MqttMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value) || typeof value.topic !== 'string') return undefined;
  const payload = payloadOf(value.payload, value.payloadlen);
  const properties = isObject(value.properties) ? propertiesOf(value.properties) : undefined;
  const size = Number.isSafeInteger(value.payloadlen) ? Number(value.payloadlen) : payload.length;
  return {
    topic: value.topic,
    payload,
    ...(size !== payload.length && { size }),
    qos: [0, 1, 2].includes(Number(value.qos)) ? Number(value.qos) : 0,
    retain: value.retain === 1 || value.retain === true,
    dup: false,
    ...(typeof value.mid === 'number' && { packetId: value.mid }),
    seen: timeOf(value.tst) ?? seen,
    ...(properties !== undefined && { properties }),
  };
}

/** With `%j` a payload is a string or, where it is empty, null. With `%J` it is JSON itself; its length tells which. */
function payloadOf(given: unknown, length: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(given ?? null));
  if (typeof given === 'string') {
    const text = Buffer.from(given);
    return text.length !== length && json.length === length ? json : text;
  }
  return given === undefined || (given === null && length !== json.length) ? Buffer.alloc(0) : json;
}

function timeOf(stamp: unknown): number | undefined {
  const [, wall, hours, minutes] = typeof stamp === 'string' ? (STAMP.exec(stamp) ?? []) : [];
  if (wall === undefined) return undefined;
  const time = Date.parse(`${wall}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  return Number.isNaN(time) ? undefined : time;
}

/** Names as mosquitto_sub writes them. Of a user property that is there twice, JSON keeps the last. */
function propertiesOf(given: Json): MqttProperties {
  const text = (name: string): string | undefined =>
    typeof given[name] === 'string' ? given[name] : undefined;
  const number = (name: string): number | undefined =>
    typeof given[name] === 'number' ? given[name] : undefined;
  const format = number('payload-format-indicator');
  const expiry = number('message-expiry-interval');
  const id = number('subscription-identifier');
  const [contentType, responseTopic] = [text('content-type'), text('response-topic')];
  const correlation = text('correlation-data');
  const user = isObject(given['user-properties']) ? given['user-properties'] : undefined;
  return {
    ...(format !== undefined && { payloadFormatIndicator: format === 1 }),
    ...(expiry !== undefined && { messageExpiryInterval: expiry }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlation !== undefined && { correlationData: Buffer.from(correlation).toString('base64') }),
    ...(contentType !== undefined && { contentType }),
    ...(id !== undefined && { subscriptionIdentifiers: [id] }),
    ...(user !== undefined && {
      userProperties: Object.fromEntries(
        Object.entries(user).map(([name, value]) => [name, String(value)] as const),
      ),
    }),
  };
}
