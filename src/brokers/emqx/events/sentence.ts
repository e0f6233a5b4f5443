import type { JsonObject } from '../../../core/event.ts';
import { word } from '../values/json.ts';

/** Characters of a topic in the message of an event. */
const MAX_TOPIC = 200;

/** ` CLIENT from PEER` for the message of an event. */
export function clientWords(body: JsonObject): string {
  const client = word(body.clientid) ?? word(body.from_client_id);
  const peer = word(body.peername) ?? word(body.peerhost) ?? word(body.ipaddress);
  return `${client === undefined ? '' : ` ${client}`}${peer === undefined ? '' : ` from ${peer}`}`;
}

/** A topic for the message of an event. */
export function short(topic: string | undefined): string {
  if (topic === undefined) return '';
  return topic.length > MAX_TOPIC ? `${topic.slice(0, MAX_TOPIC)}…` : topic;
}
