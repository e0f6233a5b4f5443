import type { JsonObject } from '../../../core/event.ts';
import { word } from '../values/json.ts';

const MESSAGE_TOPIC_CHARS = 200;

/** A client and where it comes from, for the sentence of an event. */
export function clientWords(body: JsonObject): string {
  const client = word(body.clientid) ?? word(body.from_client_id);
  const peer = word(body.peername) ?? word(body.peerhost) ?? word(body.ipaddress);
  return `${client === undefined ? '' : ` ${client}`}${peer === undefined ? '' : ` from ${peer}`}`;
}

export function short(topic: string | undefined): string {
  if (topic === undefined) return '';
  return topic.length > MESSAGE_TOPIC_CHARS ? `${topic.slice(0, MESSAGE_TOPIC_CHARS)}…` : topic;
}
