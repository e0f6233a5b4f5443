import { defineKind } from '../../../ecs/kind.ts';
import type { Will } from '../context/context.ts';
import type { LineReader, Rule } from '../line.ts';
import { digits } from '../text/digits.ts';

const NO_WILL = defineKind({
  code: 'mosquitto.no_will',
  action: 'broker-log',
  level: 'debug',
  slots: ['mqtt.client.id'],
});
const WILL = defineKind({
  code: 'mosquitto.will',
  action: 'will-registered',
  level: 'debug',
  slots: [
    'mqtt.client.id',
    'mqtt.will.payload_size',
    'mqtt.will.retained',
    'mqtt.will.qos',
    'mqtt.will.topic',
  ],
});
const WILL_TOPIC = { ...WILL, code: 'mosquitto.will_topic' };
const NEGOTIATED = defineKind({
  code: 'mosquitto.tls_negotiated',
  action: 'broker-log',
  level: 'notice',
  constants: { 'tls.established': true, 'tls.version_protocol': 'tls' },
  slots: ['mqtt.client.id', 'tls.version', 'tls.cipher'],
});

const NONE_PREFIX = 'No will message specified.';
const PREFIX = 'Will message specified (';

/** What follows `New client connected …`: the will's size, its topic in a TAB line, and the cipher (2.1). */
export const willRules: readonly Rule[] = [
  {
    prefix: NONE_PREFIX,
    describes: [{ text: NONE_PREFIX, versions: '1.5-', kinds: [NO_WILL] }],
    read(text, line) {
      if (text.length !== NONE_PREFIX.length) return false;
      if (line.context.type === 'connected') line.next = line.context;
      line.emit(NO_WILL, [connectedClient(line)]);
      return true;
    },
  },
  {
    prefix: PREFIX,
    describes: [
      {
        text: 'Will message specified ({bytes} bytes) (r{retain}, q{qos}).',
        versions: '1.5-',
        kinds: [WILL],
      },
      { text: '\\t{topic}', versions: '1.5-', kinds: [WILL_TOPIC] },
    ],
    read: readWill,
  },
  {
    prefix: 'Client ',
    describes: [
      { text: 'Client {client} negotiated {tls} cipher {cipher}', versions: '2.1.0-', kinds: [NEGOTIATED] },
    ],
    read: readNegotiated,
  },
];

/** `Will message specified (5 bytes) (r1, q1).`; the topic follows in a TAB line. */
function readWill(text: string, line: LineReader): boolean {
  const sizeEnd = text.indexOf(' bytes) (r', PREFIX.length);
  const size = sizeEnd === -1 ? -1 : digits(text, PREFIX.length, sizeEnd);
  const retained = digits(text, sizeEnd + 10, sizeEnd + 11);
  const qos = text.startsWith(', q', sizeEnd + 11) ? digits(text, sizeEnd + 14, text.length - 2) : -1;
  if (size === -1 || retained === -1 || qos === -1 || !text.endsWith(').')) return false;
  const client = connectedClient(line);
  const will: Will = { size, qos, retained: retained === 1 };
  const then = line.context.type === 'connected' ? line.context : undefined;
  line.next = { type: 'will', client, will, then };
  line.emit(WILL, [client, size, will.retained, qos]);
  return true;
}

/** The TAB line behind `Will message specified`. */
export function readWillTopic(text: string, line: LineReader): boolean {
  const { context } = line;
  if (context.type !== 'will') return false;
  const { client, will, then } = context;
  if (then !== undefined) line.next = then;
  const topic = line.cutAt(3) ? undefined : text.substring(1);
  line.emit(WILL_TOPIC, [client, will.size, will.retained, will.qos, topic]);
  return true;
}

/** `Client ID negotiated TLSv1.3 cipher TLS_AES_256_GCM_SHA384`: the two words at the end hold no blank. */
function readNegotiated(text: string, line: LineReader): boolean {
  const cipher = text.lastIndexOf(' cipher ');
  const at = cipher === -1 ? -1 : text.lastIndexOf(' negotiated ', cipher);
  if (at < 7 || !text.startsWith('TLS', at + 12) || text.indexOf(' ', cipher + 8) !== -1) return false;
  const version = text.substring(at + 16, cipher);
  if (!/^[\d.]+$/.test(version)) return false;
  if (line.context.type === 'connected') line.next = line.context;
  line.emit(NEGOTIATED, [text.substring(7, at), version, text.substring(cipher + 8)]);
  return true;
}

/** The client of the connect line, where that is certain. */
function connectedClient({ context }: LineReader): string | undefined {
  return context.type === 'connected' && context.candidates.length === 1
    ? context.candidates[0]?.client
    : undefined;
}
