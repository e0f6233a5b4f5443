import { defineKind } from '../../../ecs/kind.ts';
import { UNKNOWN_SESSION } from '../context/live-session.ts';
import type { LineReader, Rule } from '../line.ts';
import { MISSING } from '../text/missing.ts';
import { OtherAction } from './other-action.ts';

const CONNACK = defineKind({
  code: 'mosquitto.bridge_connack',
  action: 'packet-received',
  level: 'debug',
  constants: {
    'mqtt.packet.type': 'connack',
    'mqtt.packet.direction': 'received',
    'network.protocol': 'mqtt',
  },
  slots: ['mqtt.client.id'],
});
const CONNECTED = defineKind({
  code: 'mosquitto.bridge_accepted',
  action: 'bridge-connected',
  level: 'debug',
  slots: ['mqtt.client.id'],
});
const REFUSED = defineKind({
  code: 'mosquitto.bridge_refused',
  action: 'bridge-failed',
  level: 'error',
  slots: ['mqtt.client.id', 'error.message'],
});

/** What a client has sent tells of no bridge. */
const OTHER = new OtherAction('broker-log');

const PREFIX = 'Received CONNACK on connection ';
const REFUSAL = 'Connection Refused: ';
/** The other broker does not speak MQTT 5. */
const DOWNGRADE = 'Warning: Remote bridge ';

/**
 * What another broker has answered to a bridge. Only the line behind the CONNACK shows a refusal. Up to 2.0.9 the broker writes
 * the same lines when a client sends a CONNACK, before its CONNECT too.
 */
export const bridgeConnackRules: readonly Rule[] = [
  {
    prefix: PREFIX,
    describes: [
      { text: `${PREFIX}{client}.`, versions: '1.5-', kinds: [CONNACK] },
      { text: '(no refusal behind that line)', versions: '1.5-', kinds: [CONNECTED] },
    ],
    read(text, line) {
      if (!text.endsWith('.')) return false;
      const client = text.slice(PREFIX.length, -1);
      const live = line.live.get(client);
      if (live === undefined ? client === MISSING : live.isBridge !== true) {
        line.next = { type: 'client-connack' };
        line.emit(CONNACK, [live && client]);
        return true;
      }
      line.live.connected(client, { ...UNKNOWN_SESSION, isBridge: true });
      line.next = { type: 'bridge-connack', client };
      line.emit(CONNACK, [client]);
      return true;
    },
  },
  {
    prefix: REFUSAL,
    describes: [{ text: `${REFUSAL}{error}`, versions: '1.5-', kinds: [REFUSED] }],
    read(text, line) {
      const { context } = line;
      const client = context.type === 'bridge-connack' ? context.client : undefined;
      const kind = context.type === 'client-connack' ? OTHER.of(REFUSED) : REFUSED;
      line.emit(kind, [client, text.slice(REFUSAL.length)]);
      return true;
    },
  },
];

/** Reads the line behind a bridge's CONNACK: if it tells neither a refusal nor the end, the bridge is connected. */
export function acceptBridge(text: string, client: string, line: LineReader): void {
  if (text.startsWith(REFUSAL) || text.startsWith(DOWNGRADE) || text.startsWith(`Client ${client} `)) return;
  line.live.connected(client, { ...UNKNOWN_SESSION, since: line.time, isBridge: true });
  line.derive(CONNECTED, 'A bridge was accepted by the other broker.', [client]);
}
