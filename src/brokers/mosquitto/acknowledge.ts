import type { EventKind } from '../../core/event.ts';
import { defineKind } from '../../ecs/kind.ts';
import { digits, type LineReader, NO_CONTEXT, type Rule } from './line.ts';

const TYPES = ['PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP'] as const;

/** First reason code that means failure (MQTT 5 §2.4). */
const FAILURE = 0x80;

interface Kinds {
  readonly success: EventKind;
  readonly failure: EventKind;
}

function kinds(type: string, direction: 'received' | 'sent'): Kinds {
  const made = (outcome: 'success' | 'failure'): EventKind =>
    defineKind({
      code: `mosquitto.${type.toLowerCase()}_${direction}`,
      action: 'message-acknowledged',
      level: 'debug',
      outcome,
      constants: {
        'mqtt.packet.type': type.toLowerCase(),
        'mqtt.packet.direction': direction,
        'network.protocol': 'mqtt',
        'network.direction': direction === 'received' ? 'ingress' : 'egress',
      },
      slots: ['mqtt.client.id', 'mqtt.message_id', 'mqtt.reason_code'],
      verbatim: true,
    });
  return { success: made('success'), failure: made('failure') };
}

/**
 * Two spellings: `Sending PUBACK to ID (m17, rc0)` and `Received PUBACK from ID (Mid: 17, RC:0)`; PUBREL both ways and
 * PUBREC, PUBCOMP one way come without code. The tail is fixed, so that the client id cannot be mistaken.
 */
export const acknowledgeRules: readonly Rule[] = TYPES.flatMap((type) => [
  rule(`Sending ${type} to `, ' (m', ', rc', kinds(type, 'sent')),
  rule(`Received ${type} from `, ' (Mid: ', ', RC:', kinds(type, 'received'), follow(type)),
]);

/** What the line says of messages on their way to the probe. */
function follow(type: string): Follow | undefined {
  if (type === 'PUBREC') return undefined;
  if (type === 'PUBREL') return (line, client, id) => line.deliveries?.released(line.number, client, id);
  return (line, client, id) => line.deliveries?.acknowledged(line.number, client, id);
}

type Follow = (line: LineReader, client: string, id: number) => void;

function rule(
  prefix: string,
  open: string,
  code: string,
  { success, failure }: Kinds,
  follow?: Follow,
): Rule {
  return {
    prefix,
    read(text, line) {
      const end = text.length - 1;
      if (text.charCodeAt(end) !== 0x29) return false;
      const at = text.lastIndexOf(open);
      if (at < prefix.length) return false;
      const comma = text.indexOf(code, at);
      const idEnd = comma === -1 ? end : comma;
      const id = digits(text, at + open.length, idEnd);
      const reason = comma === -1 ? undefined : digits(text, comma + code.length, end);
      if (id === -1 || reason === -1) return false;
      const client = text.substring(prefix.length, at);
      line.context = NO_CONTEXT;
      follow?.(line, client, id);
      line.emit(reason !== undefined && reason >= FAILURE ? failure : success, [
        client,
        id === 0 ? undefined : id,
        reason,
      ]);
      return true;
    },
  };
}
