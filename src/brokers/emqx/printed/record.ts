import { type Packet, TYPES } from './packet.ts';
import { readTerm } from './term.ts';
import { termEnd } from './term-end.ts';

/** Type, DUP, QoS and RETAIN of EMQX's record of a packet. */
const HEADER = /^\{mqtt_packet,\{mqtt_packet_header,(\d{1,2}),(true|false),([0-2]),(true|false)\},/;
const PUBLISH = '{mqtt_packet_publish,';

/** Reads a packet that is printed as the Erlang record that it is; undefined: the text is none. */
export function readRecord(text: string): Packet | undefined {
  const [head = '', number, duplicate, qos, retained] = HEADER.exec(text) ?? [];
  const type = TYPES[Number(number) - 1];
  if (type === undefined) return undefined;
  const common = {
    type,
    qos: Number(qos),
    retained: retained === 'true',
    duplicate: duplicate === 'true',
    isAmbiguous: false,
  };
  if (!text.startsWith(PUBLISH, head.length)) return common;
  const at = head.length + PUBLISH.length;
  const end = termEnd(text, at);
  const topic = end === -1 ? undefined : readTerm(text.slice(at, end));
  const id = Number(/^,(\d{1,5}),/.exec(text.slice(end, end + 8))?.[1]);
  return {
    ...common,
    ...(typeof topic === 'string' && { topic, packetId: id > 0 ? id : undefined }),
  };
}
