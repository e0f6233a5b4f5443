import type { EventKind, Outcome } from '../../core/event.ts';
import { Mark } from '../../core/event.ts';
import { defineKind } from '../../ecs/kind.ts';
import { parseAddress } from './address.ts';
import { digits, type LineReader, NO_CONTEXT, type Rule } from './line.ts';

function packet(type: string, direction: 'received' | 'sent', outcome?: Outcome): EventKind {
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

/** Lines that end with the client id. */
function plain(prefix: string, kind: EventKind, after?: (client: string, line: LineReader) => void): Rule {
  return {
    prefix,
    read(text, line) {
      const client = text.substring(prefix.length);
      line.context = NO_CONTEXT;
      after?.(client, line);
      line.emit(kind, [client]);
      return true;
    },
  };
}

/** Lines that end with `(rc0)` or `(rc24, METHOD)`. */
function withCode(prefix: string, kind: EventKind): Rule {
  return {
    prefix,
    read(text, line) {
      const at = text.lastIndexOf(' (rc');
      if (at < prefix.length || !text.endsWith(')')) return false;
      const comma = text.indexOf(', ', at);
      const code = digits(text, at + 4, comma === -1 ? text.length - 1 : comma);
      if (code === -1) return false;
      const method = comma === -1 ? undefined : text.slice(comma + 2, -1);
      line.context = NO_CONTEXT;
      line.emit(kind, [text.substring(prefix.length, at), undefined, code, undefined, method]);
      return true;
    },
  };
}

const CONNACK = 'Sending CONNACK to ';
const CONNACK_OK = packet('connack', 'sent', 'success');
const CONNACK_REFUSED = packet('connack', 'sent', 'failure');

/**
 * `Sending CONNACK to X (SESSION, CODE)`: X is the client id, or the address where none is known. A client id can look
 * like an address, so it is believed to be one only while a connection from there waits for its CONNECT.
 */
const connack: Rule = {
  prefix: CONNACK,
  read(text, line) {
    const at = text.lastIndexOf(' (');
    const comma = text.lastIndexOf(', ');
    if (at < CONNACK.length || comma < at || !text.endsWith(')')) return false;
    const present = digits(text, at + 2, comma);
    const code = digits(text, comma + 2, text.length - 1);
    if (present === -1 || code === -1) return false;
    const name = text.substring(CONNACK.length, at);
    const refused = code > 0;
    const { ip } = code === 0 ? { ip: undefined } : parseAddress(name);
    const isAddress = ip !== undefined && line.live.isOpen(ip) && !line.live.has(name);
    line.context = refused ? { type: 'refused', address: isAddress ? ip : undefined, code } : NO_CONTEXT;
    if (!refused) line.deliveries?.connected(line.number, name, present === 1);
    line.emit(
      refused ? CONNACK_REFUSED : CONNACK_OK,
      [isAddress ? undefined : name, present === 1, code, isAddress ? ip : undefined],
      ip !== undefined && !isAddress && !line.live.has(name) ? Mark.ambiguous : Mark.none,
    );
    return true;
  },
};

/** Control packets without a kind of event of their own. */
export const packetRules: readonly Rule[] = [
  plain('Received PINGREQ from ', packet('pingreq', 'received')),
  plain('Sending PINGRESP to ', packet('pingresp', 'sent')),
  plain('Sending PINGREQ to ', packet('pingreq', 'sent')),
  plain('Received PINGRESP from ', packet('pingresp', 'received')),
  plain('Received DISCONNECT from ', packet('disconnect', 'received')),
  withCode('Sending DISCONNECT to ', packet('disconnect', 'sent')),
  withCode('Received AUTH from ', packet('auth', 'received')),
  withCode('Sending AUTH to ', packet('auth', 'sent')),
  plain('Received SUBACK from ', packet('suback', 'received')),
  plain('Received UNSUBACK from ', packet('unsuback', 'received')),
  connack,
];
