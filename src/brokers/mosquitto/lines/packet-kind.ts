import type { EventKind, Outcome } from '../../../core/event.ts';
import { defineKind } from '../../../ecs/kind.ts';

/** Kind of a control packet that has no action of its own. */
export function packetKind(type: string, direction: 'received' | 'sent', outcome?: Outcome): EventKind {
  return defineKind({
    code: `mosquitto.${type}_${direction}`,
    action: direction === 'received' ? 'packet-received' : 'packet-sent',
    level: 'debug',
    ...(outcome && { outcome }),
    constants: { 'mqtt.packet.type': type, 'mqtt.packet.direction': direction, 'network.protocol': 'mqtt' },
    slots: ['mqtt.client.id', 'mqtt.session.present', 'mqtt.reason_code', 'source.ip', 'mqtt.auth.method'],
    verbatim: true,
  });
}
