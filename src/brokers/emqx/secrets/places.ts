import type { Packet } from '../printed/packet.ts';
import type { Payload } from '../printed/payload.ts';

/** Where in a text the payloads of the packet at `at` stand. */
export function payloadsOf(packet: Packet, at: number): Payload[] {
  const place = packet.payload ?? packet.will?.payload;
  return place === undefined ? [] : [{ start: at + place.start, end: at + place.end, size: place.size }];
}

/** A payload that nothing has found. */
const MISSED = /Payload(?:\(\w{2,6}\))?=(?!\[|\*{6}|\))/;

/** A text from `from` on, with the sizes of payloads in their place. */
export function withoutPlaces(text: string, from: number, places: readonly Payload[]): string {
  let shown = '';
  let at = from;
  const inOrder = places.length < 2 ? places : [...places].sort((a, b) => a.start - b.start);
  for (const { start, end, size } of inOrder) {
    if (start < at || end <= start) continue;
    shown += `${text.slice(at, start)}[${size === undefined ? 'payload' : `${size} bytes`}]`;
    at = end;
  }
  shown = (shown + text.slice(at)).trimEnd();
  if (!shown.includes('Payload')) return shown;
  const missed = MISSED.exec(shown);
  return missed === null ? shown : `${shown.slice(0, missed.index + missed[0].length)}[payload]`;
}
