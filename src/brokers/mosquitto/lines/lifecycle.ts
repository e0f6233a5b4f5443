import { defineKind } from '../../../ecs/kind.ts';
import type { LineReader, Rule } from '../line.ts';
import { digits } from '../text/digits.ts';

const VERSION = 'mosquitto version ';
const STARTING = defineKind({ code: 'mosquitto.starting', action: 'broker-started', level: 'info' });
const RUNNING = defineKind({ code: 'mosquitto.running', action: 'broker-started', level: 'info' });
const TERMINATING = defineKind({ code: 'mosquitto.terminating', action: 'broker-stopped', level: 'info' });
const RELOADING = defineKind({
  code: 'mosquitto.reloading',
  action: 'broker-configuration-reloaded',
  level: 'info',
});
const LISTENING = defineKind({
  code: 'mosquitto.listening',
  action: 'broker-listener-opened',
  level: 'info',
  slots: ['destination.port', 'destination.address', 'network.type', 'mqtt.transport'],
});
/** The date has any form that the one who built it liked. */
const BUILT_STARTING = /^\(build date [\w ,.:/+-]{1,40}\) starting$/;
const RELOAD = 'Reloading config.';
const OPENING = 'Opening ';

/** Start and end of the broker, its configuration, its listeners. */
export const lifecycleRules: readonly Rule[] = [
  {
    prefix: VERSION,
    describes: [
      { text: `${VERSION}{version} starting`, versions: '1.5-', kinds: [STARTING] },
      { text: `${VERSION}{version} (build date {text}) starting`, versions: '1.3-1.4.15', kinds: [STARTING] },
      { text: `${VERSION}{version} running`, versions: '1.6.11-', kinds: [RUNNING] },
      { text: `${VERSION}{version} terminating`, versions: '1.5-', kinds: [TERMINATING] },
    ],
    read: readVersion,
  },
  {
    prefix: RELOAD,
    describes: [{ text: RELOAD, versions: '1.5-', kinds: [RELOADING] }],
    read(text, line) {
      if (text !== RELOAD) return false;
      line.reloaded();
      line.emit(RELOADING, []);
      return true;
    },
  },
  {
    prefix: OPENING,
    describes: [
      {
        text: 'Opening {ipv4|ipv6|websockets|http api} listen socket on port {port}.',
        versions: '1.5-',
        kinds: [LISTENING],
      },
      { text: 'Opening unix listen socket on path {path}.', versions: '2.0.0-', kinds: [LISTENING] },
    ],
    read: readListener,
  },
];

/** `mosquitto version 2.0.18 starting|running|terminating`; up to 1.4 with the date of the build. */
function readVersion(text: string, line: LineReader): boolean {
  const at = text.indexOf(' ', VERSION.length);
  const version = text.slice(VERSION.length, at);
  const word = text.slice(at + 1);
  if (at === -1 || !/^\d[\w.~+-]{0,31}$/.test(version)) return false;
  if (word === 'starting' || BUILT_STARTING.test(word)) {
    line.restarted(version);
    line.emit(STARTING, []);
  } else if (word === 'running') {
    line.tells(version);
    line.emit(RUNNING, []);
  } else if (word === 'terminating') {
    line.tells(version);
    line.emit(TERMINATING, []);
  } else {
    return false;
  }
  return true;
}

/** `Opening ipv4 listen socket on port 1883.`, also `ipv6`, `websockets`; `Opening unix listen socket on path PATH.` */
function readListener(text: string, line: LineReader): boolean {
  const at = text.indexOf(' listen socket on ');
  if (at === -1 || !text.endsWith('.')) return false;
  const kind = text.slice(OPENING.length, at);
  const rest = text.slice(at + 18, -1);
  if (rest.startsWith('path ')) {
    line.emit(LISTENING, [undefined, rest.slice(5)]);
    return true;
  }
  const port = rest.startsWith('port ') ? digits(rest, 5, rest.length) : -1;
  if (port === -1) return false;
  const type = kind === 'ipv4' || kind === 'ipv6' ? kind : undefined;
  // Connections over WebSockets come without a line of their own.
  if (kind === 'websockets') line.pending.miss();
  line.emit(LISTENING, [port, undefined, type, kind === 'websockets' ? 'ws' : undefined]);
  return true;
}
