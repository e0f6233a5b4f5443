import type { EventKind, LogLevel } from '../../core/event.ts';
import { defineKind, type KindDefinition } from '../../ecs/kind.ts';
import type { LineReader, Rule } from './line.ts';

const kind = (code: string, action: KindDefinition['action'], level: LogLevel): EventKind =>
  defineKind({
    code: `mosquitto.${code}`,
    action,
    level,
    slots: ['mqtt.bridge.name', 'destination.address', 'destination.port', 'mqtt.client.id', 'error.message'],
  });

const CONNECTING = kind('bridge_connecting', 'bridge-connecting', 'notice');
const CONNECTED = kind('bridge_connack', 'bridge-connected', 'debug');
const REFUSED = kind('bridge_refused', 'bridge-failed', 'error');
const FAILED = kind('bridge_error', 'bridge-failed', 'error');
const UNABLE = kind('bridge_unable', 'bridge-failed', 'warning');
const IDLE = kind('bridge_idle', 'bridge-disconnected', 'notice');

/** Connections to other brokers. A refused one shows only in the line after its CONNACK. */
export const bridgeRules: readonly Rule[] = [
  { prefix: 'Connecting bridge ', read: readConnecting },
  {
    prefix: 'Received CONNACK on connection ',
    read: (text, line) => whole(text, 31, '.', CONNECTED, 'client', line),
  },
  { prefix: 'Connection Refused: ', read: (text, line) => whole(text, 20, '', REFUSED, 'words', line) },
  { prefix: 'Error creating bridge: ', read: (text, line) => whole(text, 23, '.', FAILED, 'words', line) },
  {
    prefix: 'Warning: Unable to connect to bridge ',
    read: (text, line) => whole(text, 37, '.', UNABLE, 'name', line),
  },
  {
    prefix: 'Warning: Unable to connect bridge ',
    read: (text, line) => whole(text, 34, '.', UNABLE, 'name', line),
  },
  {
    prefix: 'Bridge connection ',
    read: (text, line) => whole(text, 18, ' has exceeded idle timeout, disconnecting.', IDLE, 'name', line),
  },
];

/** `Connecting bridge NAME (HOST:PORT)`, with asynchronous DNS `Connecting bridge (step 1) NAME (HOST:PORT)`. */
function readConnecting(text: string, line: LineReader): boolean {
  const start = text.startsWith('(step ', 18) ? 27 : 18;
  const at = text.lastIndexOf(' (');
  const colon = text.lastIndexOf(':');
  if (at < start || colon < at || !text.endsWith(')')) return false;
  const port = Number(text.slice(colon + 1, -1));
  line.emit(CONNECTING, [
    text.slice(start, at),
    text.slice(at + 2, colon),
    Number.isInteger(port) ? port : undefined,
  ]);
  return true;
}

function whole(
  text: string,
  start: number,
  behind: string,
  kind: EventKind,
  what: 'name' | 'client' | 'words',
  line: LineReader,
): boolean {
  if (!text.endsWith(behind)) return false;
  const value = text.slice(start, text.length - behind.length);
  line.emit(kind, [
    what === 'name' ? value : undefined,
    undefined,
    undefined,
    what === 'client' ? value : undefined,
    what === 'words' ? value : undefined,
  ]);
  return true;
}
