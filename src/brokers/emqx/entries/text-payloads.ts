import type { Pair } from '../printed/keys.ts';
import type { Packet } from '../printed/packet.ts';
import { type Payload, payloadSize } from '../printed/payload.ts';
import { readPacket } from '../printed/read-packet.ts';
import { payloadsOf } from '../secrets/places.ts';

/** The payload among the pairs. */
export function payloadOf(text: string, pairs: readonly Pair[]): Payload | undefined {
  const pair = pairs.find(({ key }) => key === 'payload' || key === 'bin');
  if (pair === undefined) return undefined;
  const { start, end } = pair;
  const encode = pairs.find(({ key }) => key === 'payload_encode' || key === 'type');
  const encoding = encode && text.slice(encode.start, encode.end);
  const size = pair.key === 'bin' ? undefined : payloadSize(text.slice(start, end), encoding);
  return exact(text, { start, end, size });
}

/** The control packet among the pairs, and where its payloads stand. */
export function packetOf(
  text: string,
  pairs: readonly Pair[],
): { packet: Packet; payloads: Payload[] } | undefined {
  const pair = pairs.find(({ key }) => key === 'packet');
  const packet = pair && readPacket(text.slice(pair.start, pair.end));
  if (pair === undefined || packet === undefined) return undefined;
  const payloads = payloadsOf(packet, pair.start);
  const isInexact = payloads.some((place) => exact(text, place) !== place);
  if (!isInexact) return { packet, payloads };
  const { payload, will } = packet;
  const unsized = {
    ...packet,
    ...(payload && { payload: { ...payload, size: undefined } }),
    ...(will?.payload && { will: { ...will, payload: { ...will.payload, size: undefined } } }),
  };
  return { packet: unsized, payloads: payloadsOf(unsized, pair.start) };
}

/** A payload without its size, where EMQX may have written a line break of it as `, `. */
function exact(text: string, place: Payload): Payload {
  if (
    place.size === undefined ||
    /\d bytes\)\]?$/.test(text.slice(Math.max(place.start, place.end - 32), place.end))
  )
    return place;
  const at = text.indexOf(', ', place.start);
  return at === -1 || at >= place.end ? place : { ...place, size: undefined };
}
