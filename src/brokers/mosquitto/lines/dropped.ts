import { defineKind } from '../../../ecs/kind.ts';
import type { Rule } from '../line.ts';

const slots = ['mqtt.client.id'] as const;
const DROPPED = defineKind({
  code: 'mosquitto.messages_dropped',
  action: 'message-dropped',
  level: 'notice',
  constants: { 'event.reason': 'queue_full', 'mqtt.drop.stage': 'delivery' },
  slots,
});
const OWN_DROPPED = defineKind({
  code: 'mosquitto.own_messages_dropped',
  action: 'input-gap',
  level: 'notice',
  constants: { 'event.reason': 'queue_full' },
  slots,
});
const PREFIX = 'Outgoing messages are being dropped for client ';

/**
 * A full queue, logged once until the client catches up. Of the probe's own client it means that the probe misses messages.
 */
export const droppedRules: readonly Rule[] = [
  {
    prefix: PREFIX,
    describes: [{ text: `${PREFIX}{client}.`, versions: '1.5-', kinds: [DROPPED, OWN_DROPPED] }],
    read(text, line) {
      if (!text.endsWith('.') && !line.cut) return false;
      const client = line.cutAt(PREFIX.length + 3) ? undefined : text.slice(PREFIX.length, -1);
      if (client !== undefined) line.deliveries?.dropped(client);
      // Between the lines of a SUBSCRIBE retained messages may be lost.
      if (line.context.type === 'subscribe') line.next = line.context;
      line.emit(client !== undefined && line.ownClients.has(client) ? OWN_DROPPED : DROPPED, [client]);
      return true;
    },
  },
];
