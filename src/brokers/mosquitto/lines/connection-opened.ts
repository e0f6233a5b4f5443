import { defineKind } from '../../../ecs/kind.ts';
import type { LineReader, Rule } from '../line.ts';
import { digits } from '../text/digits.ts';
import { networkType, peerOf } from './peer.ts';

const OPENED = defineKind({
  code: 'mosquitto.connection_opened',
  action: 'network-connection-opened',
  level: 'notice',
  constants: { 'network.transport': 'tcp', 'network.protocol': 'mqtt' },
  slots: ['source.ip', 'source.port', 'source.address', 'destination.port', 'network.type'],
});

const PREFIX = 'New connection from ';

/** A connection was accepted; its CONNECT has not come yet. */
export const openedRule: Rule = {
  prefix: PREFIX,
  describes: [{ text: `${PREFIX}{peer} on port {port}.`, versions: '1.5-', kinds: [OPENED] }],
  read: readOpened,
};

/** `New connection from IP:PORT on port LPORT.`; up to 1.6 without peer port. */
function readOpened(text: string, line: LineReader): boolean {
  const at = text.lastIndexOf(' on port ');
  const port = at === -1 || !text.endsWith('.') ? -1 : digits(text, at + 9, text.length - 1);
  if (port === -1) return false;
  const { ip, port: peerPort, address } = peerOf(text.substring(PREFIX.length, at), line.versions);
  if (ip !== undefined) line.pending.opened(ip, peerPort);
  line.emit(OPENED, [ip, peerPort, address, port === 0 ? undefined : port, networkType(ip)]);
  return true;
}
